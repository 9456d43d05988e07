import { Bridge } from './bridge.ts';
import { drawCharts, placeCharts } from './charts.ts';
import { checkBridge } from './check.ts';
import { EXTENTS, runAll, runsOf, SIGMOID_RATES } from './experiment.ts';
import type { Extent, Progress } from './experiment.ts';
import { drawSamples } from './samples.ts';
import { batchVerdict, sigmoidVerdict } from './summary.ts';
import type { Row } from './training.ts';

/** What `run.mjs` asks for and reads, by the query `?run=full&seeds=1,2,3`. */
interface Remote {
  reportProgress?: (progress: { done: number; row: Row }) => void;
  results?: { adapter: string; difference: number; seconds: number; rows: Row[] };
}

interface Recorded {
  adapter: string;
  rows: Row[];
}

const remote = globalThis as Remote;
const page = document.documentElement;
const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const query = new URLSearchParams(location.search);
const recorded = Object.values(import.meta.glob<Recorded>('./results.json', { eager: true, import: 'default' }))[0];
let stopped = false;

/** How far a layer made of the library may be from the same one of tfjs, relative to the largest value. */
const MOST_DIFFERENCE = 1e-4;

function show(rows: readonly Row[], source: string): void {
  drawCharts(rows);
  element('source').textContent = source;
  element('sigmoid-verdict').textContent = sigmoidVerdict(rows);
  element('batch-verdict').textContent = batchVerdict(rows);
}

function say(words: string, failed = false): void {
  element('status').textContent = words;
  element('status').classList.toggle('none', failed);
}

function busy(on: boolean): void {
  for (const id of ['quick', 'full']) element<HTMLButtonElement>(id).disabled = on;
  element('stop').hidden = !on;
  element('progress').hidden = !on;
  if (on) page.dataset['state'] = 'busy';
}

function follow({ rows, run, done }: Progress, source: string): void {
  show(rows, source);
  element<HTMLProgressElement>('progress').value = done;
  const size = `batches of ${run.batchSize}`;
  say(`Training: ${run.experiment}, ${run.norm === 'none' ? 'no' : run.norm} norm, ${size}, seed ${run.seed} …`);
  remote.reportProgress?.({ done, row: rows.at(-1)! });
}

async function start(bridge: Bridge, difference: number, extent: Extent, seeds: readonly number[]): Promise<void> {
  stopped = false;
  busy(true);
  const began = performance.now();
  const source = `Trained here, ${extent === 'full' ? 'all of it' : `a ${extent} run`}, seeds ${seeds.join(', ')}.`;
  try {
    show([], source);
    const runs = runsOf(extent, seeds);
    const rows = await runAll(
      bridge,
      runs,
      (progress) => follow(progress, source),
      () => stopped,
    );
    const seconds = (performance.now() - began) / 1000;
    remote.results = { adapter: bridge.adapter, difference, seconds, rows };
    say(`${stopped ? 'Stopped' : 'Done'} after ${Math.round(seconds)} s on ${bridge.adapter}.`);
    page.dataset['state'] = 'done';
  } catch (problem) {
    fail('The training failed', problem);
  } finally {
    busy(false);
  }
}

function fail(what: string, problem: unknown): void {
  say(`${what}: ${problem instanceof Error ? problem.message : String(problem)}`, true);
  page.dataset['state'] = 'error';
}

/** @throws Error where the query is not understood. */
function asked(): { extent: Extent; seeds: number[] } | null {
  const extent = query.get('run');
  if (extent === null) return null;
  if (!EXTENTS.includes(extent as Extent)) throw new Error(`?run=${extent}; there are ${EXTENTS.join(', ')}`);
  return { extent: extent as Extent, seeds: (query.get('seeds') ?? '1').split(',').map(Number) };
}

async function open(): Promise<void> {
  const wanted = asked();
  const bridge = await Bridge.open();
  const difference = await checkBridge(bridge);
  if (!(difference <= MOST_DIFFERENCE)) {
    throw new Error(`the layers differ from those of TensorFlow.js by ${difference}, relative to the largest value`);
  }
  const agreement = `y and gradients agree with TensorFlow.js’s own to ${difference.toExponential(0)}`;
  say(`Running on ${bridge.adapter}; ${agreement}.`);
  busy(false);
  element('quick').addEventListener('click', () => void start(bridge, difference, 'quick', [1]));
  element('full').addEventListener('click', () => void start(bridge, difference, 'full', [1, 2, 3]));
  element('stop').addEventListener('click', () => (stopped = true));
  page.dataset['state'] = 'ready';
  if (wanted) await start(bridge, difference, wanted.extent, wanted.seeds);
}

element('rates').textContent = `${SIGMOID_RATES.none} without, ${SIGMOID_RATES.batch} with it`;
drawSamples(element<HTMLCanvasElement>('pictures'));
placeCharts({ sigmoid: element('sigmoid-charts'), batch: element('batch-charts') });
show(
  recorded?.rows ?? [],
  recorded
    ? `Recorded by npm run train on ${recorded.adapter}.`
    : 'Nothing is recorded yet: train here, or by npm run train.',
);
await open().catch((problem: unknown) => fail('No training here', problem));
