import { PASSES } from '../cases/case.ts';
import type { Pass } from '../cases/case.ts';
import { CASES } from '../cases/cases.ts';
import { GPU_CASES } from '../cases/gpu.ts';
import { GROWTH } from '../cases/growth.ts';
import { shortened, SITTINGS } from '../cases/shapes.ts';
import type { Sitting } from '../cases/shapes.ts';
import { OWN } from '../libraries/libraries.ts';
import { SHAPE_NAMES } from '../libraries/names.ts';
import { PEERS } from '../libraries/peers.ts';
import { OTHER_WAYS } from '../libraries/ways.ts';
import { measure } from '../measure/measure.ts';
import type { Pace } from '../measure/settings.ts';
import type { Progress } from '../measure/measure.ts';
import { deviceLoss } from '../measure/counts.ts';
import { findDevice } from '../measure/open.ts';
import { measureShapes } from '../measure/shapes.ts';
import type { Device, Measured, Row } from '../analysis/results.ts';
import type { ShapesMeasured } from '../analysis/shapes.ts';
import { resultsIn } from './read.ts';
import { Sources } from './sources.ts';
import { show } from './view.ts';

/** What a visitor, or `run.mjs`, asks this page to measure: all by name. */
export interface Request {
  cases: readonly string[];
  libraries: readonly string[];
  passes: readonly Pass[];
  pace: Pace;
}

/** A sitting of ever new shapes, on a page that has seen none of them. */
export interface ShapesRequest {
  sitting: Sitting;
  libraries: readonly string[];
  seed: number;
}

/** What `run.mjs` calls, and is called with. */
interface Remote {
  runShapes?: (request: ShapesRequest) => Promise<ShapesMeasured>;
  findDevice?: (pace: Pace) => Promise<Device>;
  runBenchmark?: (request: Request) => Promise<Measured>;
  /** Resolves when it was heard. */
  reportProgress?: (progress: Progress) => Promise<void>;
}

const remote = globalThis as Remote;
const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const LIBRARIES = [...OWN, ...PEERS, ...OTHER_WAYS];
const HERE = 'Measured here';
const sources = new Sources(element('sources'), (shown) => show(element('report'), shown));

function say(words: string, failed = false): void {
  element('status').textContent = words;
  element('status').classList.toggle('none', failed);
}

function busy(on: boolean): void {
  for (const id of ['quick', 'full']) element<HTMLButtonElement>(id).disabled = on;
  element('shapes').hidden = on;
  element<HTMLInputElement>('file').disabled = on;
  element('progress').hidden = !on;
}

async function run({ cases, libraries, passes, pace }: Request): Promise<Measured> {
  busy(true);
  const rows: Row[] = [];
  const heard: Promise<void>[] = [];
  let over = false;
  const follow = (progress: Progress): void => {
    // Work on a lost device goes on for a while, and is no news.
    if (over) return;
    element<HTMLProgressElement>('progress').value = progress.share;
    say(`${progress.doing} …`);
    heard.push(Promise.resolve(remote.reportProgress?.(progress)));
    if (progress.rows.length === 0) return;
    rows.push(...progress.rows);
    sources.add(HERE, { results: rows });
    if (rows.length === progress.rows.length) sources.choose(HERE);
  };
  try {
    const measuring = measure(
      {
        cases: [...CASES, ...GROWTH, ...GPU_CASES].filter(({ name }) => cases.includes(name)),
        libraries: LIBRARIES.filter(({ name }) => libraries.includes(name)),
        passes,
        pace,
        gpuTime: pace === 'gpu',
      },
      follow,
    );
    const measured = await Promise.race([measuring, deviceLoss()]);
    await Promise.all(heard);
    sources.add(HERE, measured);
    say(`Measured on ${measured.adapter}.`);
    return measured;
  } catch (cause) {
    say(`This did not work. ${(cause as Error).message}`, true);
    throw cause;
  } finally {
    over = true;
    busy(false);
  }
}

async function runShapes({ sitting, libraries, seed }: ShapesRequest): Promise<ShapesMeasured> {
  say(`New shapes: ${sitting.name} …`);
  const measured = await measureShapes(
    sitting,
    LIBRARIES.filter(({ name }) => libraries.includes(name)),
    seed,
  );
  sources.add(HERE, { ...measured, results: [] });
  sources.choose(HERE);
  say(`Measured on ${measured.adapter}.`);
  return measured;
}

function ask(quick: boolean): void {
  const chosen = quick ? CASES.filter((of) => of.quick) : [...CASES, ...GROWTH];
  run({
    cases: chosen.map(({ name }) => name),
    libraries: [...OWN, ...PEERS].map(({ name }) => name),
    passes: PASSES,
    pace: quick ? 'quick' : 'full',
  }).catch(() => {}); // The page has said it.
}

/** Ten shapes of each of three kinds. */
async function askShapes(): Promise<void> {
  busy(true);
  try {
    await runShapes({
      sitting: shortened(SITTINGS.at(-1)!),
      libraries: SHAPE_NAMES,
      seed: Math.floor(Math.random() * 2 ** 32),
    });
  } catch (cause) {
    say(`This did not work. ${(cause as Error).message}`, true);
  } finally {
    busy(false);
  }
}

async function open(file: File): Promise<void> {
  try {
    sources.add(file.name, resultsIn(await file.text()));
    sources.choose(file.name);
    say(`These are the results of ${file.name}.`);
  } catch (cause) {
    say(`${file.name} is no file of results: ${(cause as Error).message}.`, true);
  }
}

element('quick').addEventListener('click', () => ask(true));
element('full').addEventListener('click', () => ask(false));
element<HTMLInputElement>('file').addEventListener('change', ({ target }) => {
  const input = target as HTMLInputElement;
  const file = input.files?.[0];
  input.value = ''; // so that the same file can be chosen again
  if (file) void open(file);
});
if (!(navigator as { gpu?: GPU }).gpu) {
  for (const id of ['quick', 'full', 'shapes']) element(id).hidden = true;
  say('This browser has no WebGPU: the results are recorded ones.', true);
}
element('coarse').hidden = crossOriginIsolated;
remote.findDevice = findDevice;
remote.runBenchmark = run;
remote.runShapes = runShapes;

const query = new URLSearchParams(location.search);
if (query.get('recorded') !== 'none') await sources.addRecorded();
if (query.get('measure') === 'shapes') await askShapes();
