import { PASSES } from '../cases/case.ts';
import type { Pass } from '../cases/case.ts';
import { CASES } from '../cases/cases.ts';
import { GPU_CASES } from '../cases/gpu.ts';
import { GROWTH } from '../cases/growth.ts';
import type { Sitting } from '../cases/shapes.ts';
import { OWN } from '../libraries/libraries.ts';
import { PEERS } from '../libraries/peers.ts';
import { OTHER_WAYS } from '../libraries/ways.ts';
import { measure } from '../measure/measure.ts';
import type { Pace } from '../measure/settings.ts';
import type { Progress } from '../measure/measure.ts';
import { deviceLoss } from '../measure/counts.ts';
import { findDevice } from '../measure/open.ts';
import { measureShapes } from '../measure/shapes.ts';
import type { Device, Measured, Results, Row } from '../analysis/results.ts';
import type { ShapesMeasured } from '../analysis/shapes.ts';
import { show } from './view.ts';

/** What a visitor, or `run.mjs`, asks this page to measure: all by name. */
export interface Request {
  cases: readonly string[];
  libraries: readonly string[];
  passes: readonly Pass[];
  pace: Pace;
}

/** A sitting of ever new shapes, which `run.mjs` alone asks for. */
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
const report = element('report');

function say(words: string, failed = false): void {
  element('status').textContent = words;
  element('status').classList.toggle('none', failed);
}

function busy(on: boolean): void {
  for (const id of ['quick', 'full']) element<HTMLButtonElement>(id).disabled = on;
  element<HTMLInputElement>('file').disabled = on;
  element('progress').hidden = !on;
}

async function run({ cases, libraries, passes, pace }: Request): Promise<Measured> {
  busy(true);
  const rows: Row[] = [];
  const heard: Promise<void>[] = [];
  const follow = (progress: Progress): void => {
    element<HTMLProgressElement>('progress').value = progress.share;
    say(`${progress.doing} …`);
    heard.push(Promise.resolve(remote.reportProgress?.(progress)));
    if (progress.rows.length === 0) return;
    rows.push(...progress.rows);
    show(report, { results: rows });
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
    show(report, measured);
    say(`Measured on ${measured.adapter}.`);
    return measured;
  } catch (cause) {
    say(`This did not work. ${(cause as Error).message}`, true);
    throw cause;
  } finally {
    busy(false);
  }
}

async function runShapes({ sitting, libraries, seed }: ShapesRequest): Promise<ShapesMeasured> {
  say(`${sitting.name} …`);
  const measured = await measureShapes(
    sitting,
    LIBRARIES.filter(({ name }) => libraries.includes(name)),
    seed,
  );
  show(report, { ...measured, results: [] });
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

async function open(file: File): Promise<void> {
  try {
    const results = JSON.parse(await file.text()) as Results;
    if (!Array.isArray(results.results)) throw new Error('it has no results');
    show(report, results);
    say(`These are the results of ${file.name}.`);
  } catch (cause) {
    say(`${file.name} is no file of results: ${(cause as Error).message}.`, true);
  }
}

element('quick').addEventListener('click', () => ask(true));
element('full').addEventListener('click', () => ask(false));
element<HTMLInputElement>('file').addEventListener('change', ({ target }) => {
  const file = (target as HTMLInputElement).files?.[0];
  if (file) void open(file);
});
remote.findDevice = findDevice;
remote.runBenchmark = run;
remote.runShapes = runShapes;
