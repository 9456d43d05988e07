import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Driver } from './driver.ts';
import { lastLine, runCommand } from './process.ts';
import type { Program } from './program.ts';
import { Refusal } from './refusal.ts';

/** What the driver says of a program, and how many lanes a wave of the card has at least. */
export interface Compiled {
  /** By the names that the driver has for them, and `Wave`, the lanes of a wave. */
  statistics: Record<string, number>;
  /** Its instructions. */
  listing: string;
  narrowest: number;
}

/** What the process that compiles leaves. */
interface Output {
  narrowest: number;
  results: (Omit<Compiled, 'narrowest'> | { error: string })[];
}

/** Cards by the names that Mesa has for their chips. Others that it knows may be named, if its disassembler knows them too. */
export const FAMILIES = ['navi31', 'navi33', 'navi21', 'navi23', 'navi10', 'vega10'] as const;
export const FAMILY = FAMILIES[0];

const here = dirname(fileURLToPath(import.meta.url));

/** What was compiled in this process, by the cards, the wave and the program: passes of many cases and profiles are the same one. */
const compiledOnes = new Map<string, Compiled>();

/**
 * Compiles programs for a family of cards, each for waves of so many lanes, in a process of its own; the same program once.
 *
 * @throws Refusal (rejects) where the driver does not know the family, Error where it fails, or refuses a program.
 */
export async function compile(
  driver: Driver,
  programs: readonly Program[],
  family: string,
  wave: 32 | 64,
): Promise<Compiled[]> {
  const keyOf = ({ code, bindings }: Program): string => JSON.stringify([family, wave, code, bindings]);
  const wanted = new Map(programs.map((program) => [keyOf(program), program]));
  const fresh = [...wanted].filter(([key]) => !compiledOnes.has(key));
  if (fresh.length > 0) {
    const results = await compileAll(
      driver,
      fresh.map(([, program]) => program),
      family,
      wave,
    );
    for (const [index, [key]] of fresh.entries()) compiledOnes.set(key, results[index]!);
  }
  return programs.map((program) => compiledOnes.get(keyOf(program))!);
}

async function compileAll(
  { environment }: Driver,
  programs: readonly Program[],
  family: string,
  wave: 32 | 64,
): Promise<Compiled[]> {
  const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-isa-'));
  try {
    writeFileSync(join(folder, 'programs.json'), JSON.stringify({ programs, wave }));
    const ended = await runCommand(process.execPath, [join(here, 'compile.mjs'), folder], {
      env: { ...process.env, ...environment, RADV_FORCE_FAMILY: family, XDG_RUNTIME_DIR: folder },
    });
    if (/unknown family/i.test(ended.errors)) {
      throw new Refusal(`--family ${family}: the driver knows no such cards; it knows ${FAMILIES.join(', ')} and more`);
    }
    const file = join(folder, 'compiled.json');
    if (ended.status !== 0 || !existsSync(file)) {
      const how = ended.signal ?? `exit status ${ended.status}`;
      throw new Error(`AMD's driver ended with ${how}: ${lastLine(ended.errors) ?? 'it said nothing'}`);
    }
    const { narrowest, results } = JSON.parse(readFileSync(file, 'utf8')) as Output;
    if (wave < narrowest) {
      throw new Refusal(
        `--family ${family}: these cards have waves of ${narrowest} lanes; the profile is one of ${wave}`,
      );
    }
    return results.map((result, index) => checked({ ...result, narrowest }, programs[index]!, family));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checked(
  result: Compiled | { error: string; narrowest: number },
  { title }: Program,
  family: string,
): Compiled {
  if ('error' in result) throw new Error(`${title} does not compile: ${result.error}`);
  if (/^BB0:/m.test(result.listing)) return result;
  throw new Refusal(`--family ${family}: the driver has no disassembler for these cards; take ${FAMILIES.join(', ')}`);
}
