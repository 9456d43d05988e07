import { drawBatch, joinResults, normalizeWhole, splitBatch } from './batch.ts';
import type { Results } from './exchange.ts';
import { normalizeInParts } from './workers.ts';

const WORKERS = 2;
const SEED = 1;
/** Relative to the largest value of a result. */
const MOST_DIFFERENCE = 1e-5;

const NAMES = {
  y: 'y',
  dx: 'gradient of x',
  dweight: 'gradient of the weight, added up',
  dbias: 'gradient of the bias, added up',
} as const satisfies Record<keyof Results, string>;

const element = (id: string): HTMLElement => document.getElementById(id)!;

interface Comparison {
  name: keyof Results;
  largest: number;
  /** Relative to `largest`; NaN where a NaN or a number of elements differs. */
  difference: number;
}

function compare(name: keyof Results, ours: Float32Array, whole: Float32Array): Comparison {
  let [most, largest] = [ours.length === whole.length ? 0 : NaN, 0];
  whole.forEach((value, index) => {
    const difference = Math.abs(value - ours[index]!);
    if (Number.isNaN(difference) || difference > most) most = difference;
    largest = Math.max(largest, Math.abs(value));
  });
  return { name, largest, difference: most / largest };
}

function rowOf({ name, largest, difference }: Comparison): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.dataset['name'] = name;
  row.dataset['difference'] = String(difference);
  row.innerHTML = `<th scope="row">${NAMES[name]}</th><td>${largest.toPrecision(3)}</td><td>${difference.toExponential(1)}</td>`;
  row.classList.toggle('failed', !(difference <= MOST_DIFFERENCE));
  return row;
}

async function run(): Promise<void> {
  const batch = drawBatch(SEED);
  element('shape').textContent = `[${batch.shape.join(', ')}]`;
  const { adapter, ...whole } = await normalizeWhole(batch);
  const parts = await normalizeInParts(splitBatch(batch, WORKERS));
  const joined = joinResults(parts);
  const comparisons = (Object.keys(NAMES) as (keyof Results)[]).map((name) => compare(name, joined[name], whole[name]));
  element('rows').append(...comparisons.map(rowOf));
  const agree = comparisons.every(({ difference }) => difference <= MOST_DIFFERENCE);
  say(
    agree
      ? `${WORKERS} workers end with the numbers of one batch, on ${adapter}.`
      : `${WORKERS} workers do not end with the numbers of one batch: a difference is above ${MOST_DIFFERENCE}.`,
    !agree,
  );
}

function say(words: string, failed: boolean): void {
  element('status').textContent = words;
  element('status').classList.toggle('none', failed);
  document.documentElement.dataset['state'] = failed ? 'error' : 'done';
}

await run().catch((problem: unknown) => say(problem instanceof Error ? problem.message : String(problem), true));
