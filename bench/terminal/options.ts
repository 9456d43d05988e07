import { parseArgs } from 'node:util';
import { PASSES } from '../cases/case.ts';
import type { Pass } from '../cases/case.ts';
import type { Asked } from '../analysis/results.ts';
import type { Pace } from '../measure/settings.ts';

/** What the command line asks for. */
export interface Options extends Asked {
  /** Calls of ever new shapes, instead of all else. */
  shapes: boolean;
  /** How long calls keep the thread that makes them, instead of all else. */
  host: boolean;
  /** What those shapes are drawn from. */
  seed?: number;
  /** The results of an earlier run, to go on with. */
  resume?: string;
  json?: string;
  headed: boolean;
  report: boolean;
  help: boolean;
}

const COMMON = `  --only NAME     these cases and libraries alone, by name or a part of it; may be repeated
  --pass LIST     of forward, backward and step (both together), with commas; all unless told
  --quick         fewer cases and repeats: under two minutes, or five with --growth
  --growth        also how cost grows: with the elements, and from one long row to ten million short ones
  --gpu           instead of all that: large tensors on a GPU, webgpu-norm alone, each case in every way that its work can be
                  shared out; with --json FILE it writes what we ask people with a GPU to send
  --shapes        instead of all that: calls of ever new shapes, the pipelines they compile and the time to their results;
                  of libraries that take any shape (for ONNX Runtime a model is made here for each)
  --seed NUMBER   of --shapes: what the shapes are drawn from; another one each time unless told
  --json FILE     writes the results, after every pass those so far
  --resume FILE   goes on with a run of the same options that ended early, from the results that it wrote: what it has is not
                  measured again; writes to the same file unless --json names another
  --help          this text`;

export const BROWSER_HELP = `npm run bench [-- options]

Measures webgpu-norm beside other libraries, a copy kernel and a textbook kernel, on the GPU of a headless browser
(a software one where there is no other).

${COMMON}
  --headed        with a window
  --report        writes a page with plots next to the JSON file`;

export const NODE_HELP = `npm run bench:node [-- options]

Measures webgpu-norm beside a copy kernel and a textbook kernel in Node, on Dawn: for machines without a browser.
DAWN_NODE may name the dawn.node file of the package webgpu, where that is not installed.

  --host          instead of all that: how long warm calls keep the thread that makes them, in what WebGPU's own calls take
${COMMON}`;

/** @throws Error with a sentence for whoever typed it. */
export function readOptions(given: readonly string[], browser: boolean): Options {
  const { values, positionals } = parseArgs({
    args: [...given],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      pass: { type: 'string' },
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      gpu: { type: 'boolean', default: false },
      shapes: { type: 'boolean', default: false },
      seed: { type: 'string' },
      resume: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
      ...(browser
        ? { headed: { type: 'boolean', default: false }, report: { type: 'boolean', default: false } }
        : { host: { type: 'boolean', default: false } }),
    },
  });
  const { pass, only, seed, ...rest } = values as typeof values & {
    headed?: boolean;
    report?: boolean;
    host?: boolean;
  };
  // `--only A B` means both.
  if (positionals.length > 0 && only.length === 0) {
    throw new Error(`${positionals[0]}: there is no such option; cases and libraries are named after --only`);
  }
  const other = rest.shapes ? '--shapes' : rest.host ? '--host' : null;
  if (rest.resume !== undefined && other !== null) {
    throw new Error(`--resume goes on with a run of cases, and ${other} has none: leave one of them out`);
  }
  rest.json ??= rest.resume;
  if (rest.report && !rest.json) throw new Error('--report needs --json FILE: the page is written next to that file');
  const runs = (['growth', 'gpu', 'shapes', 'host'] as const).filter((run) => rest[run]);
  if (runs.length > 1) throw new Error(`--${runs[0]} and --${runs[1]} are two runs: leave one of them out`);
  if (rest.shapes && pass !== undefined) throw new Error('--shapes makes forward calls only: leave --pass out');
  if (rest.host && pass !== undefined) throw new Error('--host has calls of its own: leave --pass out');
  if (seed !== undefined && !rest.shapes) throw new Error('--seed goes with --shapes: nothing else draws its shapes');
  return {
    ...rest,
    headed: rest.headed ?? false,
    report: rest.report ?? false,
    host: rest.host ?? false,
    ...(seed !== undefined && { seed: readSeed(seed) }),
    only: [...only, ...positionals],
    passes: readPasses(pass ?? (rest.gpu ? 'forward,backward' : PASSES.join())),
  };
}

const MOST_SEED = 2 ** 32 - 1;

/** Those of the options that decide what is measured. */
export function askedOf({ only, passes, quick, growth, gpu }: Options): Asked {
  return { only, passes, quick, growth, gpu };
}

/** How thoroughly to measure. */
export function paceOf({ gpu, quick }: Pick<Options, 'gpu' | 'quick'>): Pace {
  return gpu ? 'gpu' : quick ? 'quick' : 'full';
}

/** The seed that was given, or any. */
export function seedOf({ seed }: Options): number {
  return seed ?? Math.floor(Math.random() * MOST_SEED);
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= MOST_SEED) return seed;
  throw new Error(`--seed ${text}: it must be a whole number from 0 to ${MOST_SEED}`);
}

function readPasses(list: string): Pass[] {
  const named = list.split(',').map((name) => name.trim());
  const unknown = named.find((name) => !(PASSES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--pass ${list}: '${unknown}' is none of ${PASSES.join(', ')}`);
  return PASSES.filter((pass) => named.includes(pass));
}
