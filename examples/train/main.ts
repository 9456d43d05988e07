import { Bridge } from './bridge.ts';
import { drawCharts, placeCharts } from './charts.ts';
import { checkBridge } from './check.ts';
import type { Stored } from './conversion.ts';
import { runAll, runsOf, SIGMOID_RATES } from './experiment.ts';
import type { Extent, Progress } from './experiment.ts';
import { wantedBy } from './query.ts';
import type { Wanted } from './query.ts';
import { drawSamples } from './samples.ts';
import { batchVerdict, sigmoidVerdict } from './summary.ts';
import type { Row } from './training.ts';

/** What `run.mjs` reads; it asks by the address, see {@link wantedBy}. */
interface Remote {
  reportProgress?: (progress: { done: number; row: Row }) => void;
  results?: { adapter: string; difference: number; seconds: number; rows: Row[]; f32Rows: Row[] };
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
  for (const id of ['quick', 'full']) element<HTMLButtonElement>(id).disabled = on;
  element('stop').hidden = !on;
  element('progress').hidden = !on;
  if (on) page.dataset['state'] = 'busy';
}

function follow(progress: Progress, source: string): void {
  show(progress.rows, source);
  tell(progress);
}

function tell({ rows, run, done }: Progress): void {
  element<HTMLProgressElement>('progress').value = done;
  const size = `batches of ${run.batchSize}`;
  say(
    `Training: ${run.experiment}, ${run.norm === 'none' ? 'no' : run.norm} norm, ${size}, ${run.dtype}, seed ${run.seed} …`,
  );
  remote.reportProgress?.({ done, row: rows.at(-1)! });
}

async function start(bridge: Bridge, { extent, seeds, dtype }: Wanted): Promise<void> {
  stopped = false;
  busy(true);
  const began = performance.now();
  const amount = extent === 'full' ? 'all of it' : `a ${extent} run`;
  const source = `Trained here, ${amount}, seeds ${seeds.join(', ')}, stored in ${dtype}.`;
  try {
    show([], source);
    const difference = await checkBridge(bridge, dtype);
    const rows = await runAll(
      bridge,
      runsOf(extent, seeds, dtype),
      (progress) => follow(progress, source),
      () => stopped,
    );
    const normalized = runsOf(extent, seeds, 'f32').filter(({ norm }) => norm !== 'none');
    const f32Rows = dtype === 'f32' || seeds.length < 2 ? [] : await runAll(bridge, normalized, tell, () => stopped);
    const seconds = (performance.now() - began) / 1000;
    remote.results = { adapter: bridge.adapter, difference, seconds, rows, f32Rows };
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
  const wanted = wantedBy(location.search);
  const bridge = await Bridge.open();
  const difference = await checkBridge(bridge, 'f32');
  const agreement = `y and gradients agree with TensorFlow.js’s own to ${difference.toExponential(0)}`;
  say(`Running on ${bridge.adapter}; ${agreement}.`);
  busy(false);
  const chosen = (): Stored => element<HTMLSelectElement>('dtype').value as Stored;
  const begin = (extent: Extent, seeds: number[]) => void start(bridge, { extent, seeds, dtype: chosen() });
  element('quick').addEventListener('click', () => begin('quick', [1]));
  element('full').addEventListener('click', () => begin('full', [1, 2, 3]));
  element('stop').addEventListener('click', () => (stopped = true));
  page.dataset['state'] = 'ready';
  if (wanted) await start(bridge, wanted);
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
