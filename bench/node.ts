import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as webgpu from 'webgpu';
import { OWN } from './libraries/libraries.ts';
import { measure } from './measure/measure.ts';
import type { Results } from './analysis/results.ts';
import { choose } from './terminal/choose.ts';
import { NODE_HELP, readOptions } from './terminal/options.ts';
import { closingOf, jsonOf } from './terminal/table.ts';

/** The benchmark in Node, bundled into one file by `node.config.ts`. */

/** Dawn aborts the process when its instance is collected while a device lives: a global keeps it. */
const holder = globalThis as { dawn?: GPU };

type Dawn = Pick<typeof webgpu, 'create' | 'globals'>;

/** Makes WebGPU look as in a browser. */
async function bringWebGpu(): Promise<void> {
  const { DAWN_NODE } = process.env;
  const { create, globals }: Dawn = DAWN_NODE
    ? (createRequire(import.meta.url)(DAWN_NODE) as Dawn)
    : await import('webgpu');
  Object.assign(globalThis, globals);
  holder.dawn = create(['disable-dawn-features=timestamp_quantization']);
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
  const options = attempt(() => readOptions(given, false));
  if (options.help) {
    console.log(NODE_HELP);
    return 0;
  }
  const chosen = attempt(() =>
    choose(
      options.only,
      OWN.map(({ name }) => name),
      options,
    ),
  );
  await bringWebGpu();
  const measured = await measure(
    {
      ...options,
      cases: chosen.cases,
      libraries: OWN.filter(({ name }) => chosen.libraries.includes(name)),
      gpuTime: true,
    },
    ({ share, doing, rows }) => {
      if (rows.length > 0) console.log(`${(100 * share).toFixed(0).padStart(3)} %  ${doing}`);
    },
  );
  const results: Results = {
    ...measured,
    commit: process.env['BENCH_COMMIT'] ?? null,
    date: new Date().toISOString(),
    runtime: `Node ${process.version}, Dawn`,
    command: ['npm run bench:node --', ...given].join(' '),
  };
  if (options.json !== undefined) writeFileSync(options.json, jsonOf(results));
  console.log(`\n${closingOf(results)}`);
  return results.results.some(({ error }) => error !== undefined) ? 1 : 0;
}

main().then(
  (status) => process.exit(status),
  (cause: unknown) => {
    console.error(`The benchmark failed. ${cause instanceof Error ? cause.message : String(cause)}`);
    process.exit(1);
  },
);
