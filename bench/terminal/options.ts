import { parseArgs } from 'node:util';
import { PASSES } from '../cases/case.ts';
import type { Pass } from '../cases/case.ts';

/** What the command line asks for. */
export interface Options {
  /** Names, or parts of names, of cases and libraries. */
  only: string[];
  passes: Pass[];
  quick: boolean;
  growth: boolean;
  json?: string;
  headed: boolean;
  report: boolean;
  help: boolean;
}

const COMMON = `  --only NAME     these cases and libraries alone, by name or a part of it; may be repeated
  --pass LIST     of forward, backward and step (both together), with commas; all unless told
  --quick         fewer cases and repeats: under two minutes, or five with --growth
  --growth        also how cost grows: with the elements, and from one long row to ten million short ones
  --json FILE     writes the results
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

${COMMON}`;

/** @throws Error with a sentence for whoever typed it. */
export function readOptions(given: readonly string[], browser: boolean): Options {
  const { values, positionals } = parseArgs({
    args: [...given],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      pass: { type: 'string', default: PASSES.join() },
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
      ...(browser && { headed: { type: 'boolean', default: false }, report: { type: 'boolean', default: false } }),
    },
  });
  const { pass, only, ...rest } = values as typeof values & { headed?: boolean; report?: boolean };
  // `--only A B` means both.
  if (positionals.length > 0 && only.length === 0) {
    throw new Error(`${positionals[0]}: there is no such option; cases and libraries are named after --only`);
  }
  if (rest.report && !rest.json) throw new Error('--report needs --json FILE: the page is written next to that file');
  return { headed: false, report: false, ...rest, only: [...only, ...positionals], passes: readPasses(pass) };
}

function readPasses(list: string): Pass[] {
  const named = list.split(',').map((name) => name.trim());
  const unknown = named.find((name) => !(PASSES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--pass ${list}: '${unknown}' is none of ${PASSES.join(', ')}`);
  return PASSES.filter((pass) => named.includes(pass));
}
