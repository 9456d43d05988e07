import { Bridge } from './bridge.ts';
import { drawCharts, placeCharts } from './charts.ts';
import { checkBridge } from './check.ts';
import { showComparison } from './comparison-table.ts';
import type { Stored } from './conversion.ts';
import { SIGMOID_RATES } from './experiment.ts';
import type { Extent, Progress } from './experiment.ts';
import { trainWanted } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { wantedBy } from './query.ts';
import type { Wanted } from './query.ts';
import { drawSamples } from './samples.ts';
import { batchVerdict, sigmoidVerdict } from './summary.ts';
import type { Row } from './training.ts';

/** What scripts use, which ask by the address, see {@link wantedBy}. */
interface Remote {
  /** Trains again, with all kernels compiled: `train('?run=tiny&dtype=f16')`. */
  train?: (search: string) => Promise<void>;
  reportProgress?: (progress: { done: number; dtype: Stored; row: Row }) => void;
  results?: Outcome & { adapter: string; difference: number; seconds: number };
}

interface Recorded {
  adapter: string;
  rows: Row[];
}

const remote = globalThis as Remote;
const page = document.documentElement;
const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const recorded = Object.values(import.meta.glob<Recorded>('./results.json', { eager: true, import: 'default' }))[0];
let stopped = false;

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
  for (const id of ['quick', 'full', 'dtype']) element<HTMLButtonElement | HTMLSelectElement>(id).disabled = on;
  element('stop').hidden = !on;
  element('progress').hidden = !on;
  if (on) page.dataset['state'] = 'busy';
}

function follow({ rows, run, done }: Progress, latest: Row, source: string): void {
  show(rows, source);
  element<HTMLProgressElement>('progress').value = done;
  const how = `batches of ${run.batchSize}, ${run.dtype}, seed ${run.seed}`;
  say(`Training: ${run.experiment}, ${run.norm === 'none' ? 'no' : run.norm} norm, ${how} …`);
  remote.reportProgress?.({ done, dtype: run.dtype, row: latest });
}

async function start(bridge: Bridge, wanted: Wanted): Promise<void> {
  stopped = false;
  busy(true);
  const began = performance.now();
  const { extent, seeds, dtype } = wanted;
  const amount = extent === 'full' ? 'all of it' : `a ${extent} run`;
  const source = `Trained here, ${amount}, seeds ${seeds.join(', ')}, stored in ${dtype}.`;
  const report = (progress: Progress, latest: Row) => follow(progress, latest, source);
  try {
    show([], source);
    showComparison(null);
    const difference = await checkBridge(bridge, dtype);
    const outcome = await trainWanted(bridge, wanted, report, () => stopped);
    showComparison(outcome.comparison);
    const seconds = (performance.now() - began) / 1000;
    remote.results = { adapter: bridge.adapter, difference, seconds, ...outcome };
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

async function open(): Promise<void> {
  wantedBy(location.search); // Fails before anything is opened.
  const bridge = await Bridge.open();
  const difference = await checkBridge(bridge, 'f32');
  const agreement = `y and gradients agree with TensorFlow.js’s own to ${difference.toExponential(0)}`;
  say(`Running on ${bridge.adapter}; ${agreement}.`);
  busy(false);
  const chosen = (): Stored => element<HTMLSelectElement>('dtype').value as Stored;
  const begin = (extent: Extent, seeds: number[]) => void start(bridge, { extent, seeds, dtype: chosen() });
  element('quick').addEventListener('click', () => begin('quick', [1]));
  element('full').addEventListener('click', () => begin('full', chosen() === 'f32' ? [1, 2, 3] : [1, 2, 3, 4, 5]));
  element('stop').addEventListener('click', () => (stopped = true));
  page.dataset['state'] = 'ready';
  remote.train = async (search) => {
    const wanted = wantedBy(search);
    if (!wanted) return;
    element<HTMLSelectElement>('dtype').value = wanted.dtype;
    await start(bridge, wanted);
  };
  await remote.train(location.search);
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
