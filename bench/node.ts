import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as webgpu from 'webgpu';
import { OWN } from './libraries/libraries.ts';
import { OTHER_WAYS } from './libraries/ways.ts';
import type { Listed } from './libraries/libraries.ts';
import { measureEach } from './course/each.ts';
import { Gathered } from './course/gathered.ts';
import { partsAsked } from './course/parts.ts';
import { checkSame, commitsOf, readEarlier } from './course/resume.ts';
import { measureHost } from './measure/host.ts';
import { measure } from './measure/measure.ts';
import { findDevice } from './measure/open.ts';
import { measureShapes } from './measure/shapes.ts';
import type { HostResults, HostRow } from './analysis/host.ts';
import type { Results, Run } from './analysis/results.ts';
import type { ShapesResults } from './analysis/shapes.ts';
import { choose, chooseForGpu, chooseHostCalls, chooseSittings } from './terminal/choose.ts';
import type { Chosen } from './terminal/choose.ts';
import { askedOf, NODE_HELP, paceOf, readOptions, seedOf } from './terminal/options.ts';
import type { Options } from './terminal/options.ts';
import { hostClosing } from './terminal/host.ts';
import { progressOf } from './terminal/progress.ts';
import { shapesClosing, shapesProgress } from './terminal/shapes.ts';
import { closingOf, jsonOf } from './terminal/table.ts';
import { checkWritable } from './terminal/writable.ts';

/** The benchmark in Node, bundled into one file by `node.config.ts`. */

/** Dawn aborts the process when its instance is collected while a device lives: a global keeps it. */
const holder = globalThis as { dawn?: GPU };

type Dawn = Pick<typeof webgpu, 'create' | 'globals'>;

/** Makes WebGPU look as in a browser. */
async function bringWebGpu(...flags: readonly string[]): Promise<void> {
  const { DAWN_NODE } = process.env;
  const { create, globals }: Dawn = DAWN_NODE
    ? (createRequire(import.meta.url)(DAWN_NODE) as Dawn)
    : await import('webgpu');
  Object.assign(globalThis, globals);
  holder.dawn = create(['disable-dawn-features=timestamp_quantization', ...flags]);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: holder.dawn }, configurable: true });
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    console.error((cause as Error).message);
    return process.exit(2);
  }
}

async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const command = ['npm run bench:node --', ...given].join(' ');
  const options = attempt(() => readOptions(given, false));
  if (options.help) {
    console.log(NODE_HELP);
    return 0;
  }
  const run: Omit<Run, 'command'> = {
    commit: process.env['BENCH_COMMIT'] ?? null,
    date: new Date().toISOString(),
    runtime: `Node ${process.version}, Dawn`,
  };
  const { json } = options;
  if (json !== undefined) attempt(() => checkWritable(json));
  if (options.host) return runHost(options, { ...run, command });
  return options.shapes ? runShapes(options, { ...run, command }) : runCases(options, { ...run, command });
}

const NAMES = OWN.map(({ name }) => name);

function librariesOf(chosen: Chosen<unknown>): Listed[] {
  return [...OWN, ...OTHER_WAYS].filter(({ name }) => chosen.libraries.includes(name));
}

/** Each case on a device that has measured nothing else. */
async function runCases(options: Options, { commit, ...rest }: Run): Promise<number> {
  const chosen = attempt(() => (options.gpu ? chooseForGpu(options.only) : choose(options.only, NAMES, options)));
  const parts = attempt(() => partsAsked(chosen.cases, options.passes));
  const asked = askedOf(options);
  const { resume } = options;
  const earlier = resume === undefined ? null : attempt(() => readEarlier(resume, asked));
  const run = { commit: commitsOf(earlier, commit), ...rest, asked };
  await bringWebGpu();
  const pace = paceOf(options);
  const device = await findDevice(pace);
  if (earlier) attempt(() => checkSame(resume!, earlier, { ...device, ...run }));
  const gathered = new Gathered(parts, earlier ?? undefined);
  const resultsOf = (): Results => ({ ...gathered.measured(device), ...run });
  const write = (): void => {
    if (options.json !== undefined) writeFileSync(options.json, jsonOf(resultsOf()));
  };
  endWith(() => closingOf(resultsOf()));
  const libraries = librariesOf(chosen);
  await measureEach(
    gathered,
    async ({ of, passes }, follow) => measure({ cases: [of], passes, pace, libraries, gpuTime: true }, follow),
    {
      found: (rows) => {
        if (rows.length > 0) console.log(progressOf({ share: gathered.share, rows }));
        write();
      },
      lost: (sentence) => console.error(sentence),
    },
  );
  write();
  const results = resultsOf();
  console.log(`\n${closingOf(results)}`);
  return results.results.some(({ error }) => error !== undefined) ? 1 : 0;
}

/** Where it is interrupted, prints what was measured until then. */
function endWith(closing: () => string): void {
  process.once('SIGINT', () => {
    console.log(`\n${closing()}`);
    console.error('\nInterrupted.');
    process.exit(130);
  });
}

async function runShapes(options: Options, run: Run): Promise<number> {
  const chosen = attempt(() => chooseSittings(options.only, NAMES, options.quick));
  const seed = seedOf(options);
  await bringWebGpu();
  const results: ShapesResults = { adapter: '', software: false, seed, ...run, results: [], shapes: [] };
  endWith(() => shapesClosing(results));
  for (const [index, sitting] of chosen.cases.entries()) {
    // On a device of its own.
    const { shapes, ...device } = await measureShapes(sitting, librariesOf(chosen), seed);
    Object.assign(results, device);
    results.shapes.push(...shapes);
    console.log(shapesProgress({ shapes }, (index + 1) / chosen.cases.length));
    if (options.json !== undefined) writeFileSync(options.json, jsonOf(results));
  }
  console.log(`\n${shapesClosing(results)}`);
  return results.shapes.some(({ error }) => error !== undefined) ? 1 : 0;
}

const HOST_PACES = { full: { warmUp: 4000, rounds: 400 }, quick: { warmUp: 400, rounds: 60 } };

/** On a device that does nothing with what it is given. */
async function runHost({ only, quick, json }: Options, run: Run): Promise<number> {
  const calls = attempt(() => chooseHostCalls(only));
  await bringWebGpu('backend=null');
  const host: HostRow[] = [];
  for (const call of calls)
    host.push(await measureHost(call, holder.dawn!, quick ? HOST_PACES.quick : HOST_PACES.full));
  const results: HostResults = { ...run, host };
  if (json !== undefined) writeFileSync(json, jsonOf(results));
  console.log(hostClosing(results));
  return 0;
}

main().then(
  (status) => process.exit(status),
  (cause: unknown) => {
    console.error(`The benchmark failed. ${cause instanceof Error ? cause.message : String(cause)}`);
    process.exit(1);
  },
);
