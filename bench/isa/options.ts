import { parseArgs } from 'node:util';
import type { FloatDtype } from '../../src/problem/dtype.ts';
import { FLOATS } from '../../src/problem/dtype.ts';
import { FAMILIES, FAMILY } from './compile.ts';
import type { InspectOptions } from './inspect.ts';
import { DIRECTIONS } from './plans.ts';
import type { Direction } from './plans.ts';
import { checkProfileName, PROFILES } from './profiles.ts';
import { Refusal } from './refusal.ts';

/** What the command line asks for. */
export interface IsaOptions extends InspectOptions {
  json?: string;
  help: boolean;
}

export const HELP = `npm run isa [-- options]

Asks AMD's compiler (Mesa's, without a card) what it makes of each pass of each case: registers, spills, loads in flight, loops, barriers,
its own estimates of latency and throughput; beside kernels for the same work that were written by hand for one shape.

  --only NAME       these cases alone, by name or a part of it; may be repeated
  --dtype LIST      of ${FLOATS.join(', ')}, with commas; all unless told
  --pass LIST       of ${DIRECTIONS.join(', ')}; both unless told
  --profile NAME    whose plans: ${PROFILES.join(', ')}; amd64 unless told
  --family NAME     the cards they are compiled for: ${FAMILIES.join(', ')} …; ${FAMILY} unless told
  --general         the programs of a kind of call, whatever its shape, rather than those for one shape alone
  --json FILE       writes the rows, with the instructions and the WGSL of each
  --help            this text

What this cannot say: how fast anything is. Nothing runs; there is nothing of caches, of memory, of how passes follow each other. All estimates
are those of AMD's compiler, of one wave: plans of other vendors are compiled for AMD's cards too, which shows loops, loads that wait and
registers, and nothing of what the vendor's own compiler does. It takes a loop for a fixed number of trips: estimates of passes with
loops (marked *) are compared with nothing. Loads in flight are counted down the listing, as if no branch were taken.

Needs Linux on x86-64 with Debian's apt-get and dpkg, and gcc. The first time it fetches Mesa's drivers, some 40 MB, into node_modules/.cache;
nothing is installed.`;

/** @throws Refusal with a sentence for whoever typed it. */
export function readIsaOptions(given: readonly string[]): IsaOptions {
  const { values, positionals } = parsed(given);
  const { only = [], dtype, pass, profile = 'amd64', family = FAMILY, ...rest } = values;
  // `--only A B` means both.
  if (positionals.length > 0 && only.length === 0) {
    throw new Refusal(`${positionals[0]}: there is no such option; cases are named after --only`);
  }
  return {
    ...rest,
    only: [...only, ...positionals],
    dtypes: listed<FloatDtype>('--dtype', dtype, FLOATS),
    directions: listed<Direction>('--pass', pass, DIRECTIONS),
    profile: checkProfileName(profile),
    family,
  };
}

function parsed(given: readonly string[]) {
  try {
    return parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true },
        dtype: { type: 'string' },
        pass: { type: 'string' },
        profile: { type: 'string' },
        family: { type: 'string' },
        general: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new Refusal((cause as Error).message, { cause });
  }
}

function listed<Name extends string>(
  option: string,
  list: string | undefined,
  names: readonly Name[],
): readonly Name[] {
  if (list === undefined) return names;
  const given = list.split(',').map((name) => name.trim());
  const unknown = given.find((name) => !(names as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Refusal(`${option} ${list}: '${unknown}' is none of ${names.join(', ')}`);
  return names.filter((name) => given.includes(name));
}
