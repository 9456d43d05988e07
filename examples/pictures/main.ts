import { copiesText } from '../copy.ts';
import { storeOf } from '../store.ts';
import { makeCamera } from './camera.ts';
import { codeOf } from './code.ts';
import { makeControls } from './controls.ts';
import { cpuEngine } from './cpu-engine.ts';
import { undoing } from './engine.ts';
import type { Engine, Live } from './engine.ts';
import { openGpu } from './gpu-engine.ts';
import { makeLoop } from './loop.ts';
import { modeOf } from './modes.ts';
import { makePace } from './pace.ts';
import { blank, fromFile, samples, snapshotOf } from './pictures.ts';
import type { Picture, Size } from './pictures.ts';
import { makeReport, paceOf } from './report.ts';
import { makeStage } from './stage.ts';
import { PLACES, START } from './state.ts';
import { inWords, takesFiles } from './take.ts';
import { makeThumbs } from './thumbs.ts';
import { makeWall } from './wall.ts';

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const page = document.documentElement;

/** At least so many ms from one reading of the numbers to the next. */
const READING = 300;

let pictures: Picture[] = Array.from({ length: PLACES }, blank);
let engine: Engine = cpuEngine('');
let live: Live | null = null;
/** Whether the camera has a frame that was not drawn. */
let fresh = false;
/** Counts what was asked to be drawn. */
let version = 0;

const store = storeOf(START, (state, before) => {
  showState();
  request();
  if (state.place !== before.place || state.style !== before.style) glance();
});
const stage = makeStage(element('stage'));
const showControls = makeControls(store);
const places = makeThumbs(element('places'), 'place', (place) => store.set({ place }));
const styles = makeThumbs(element('styles'), 'style', (style) => store.set({ style }));
const report = makeReport();
let pace = makePace(engine.sizes);
const wall = makeWall(
  element('wall'),
  (mode) => {
    document.querySelector<HTMLInputElement>(`#modes [value="${mode}"]`)!.click();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    element('stage').scrollIntoView({ behavior: still ? 'auto' : 'smooth', block: 'center' });
    document.querySelector<HTMLInputElement>('#modes :checked')!.focus({ preventScroll: true });
  },
  () => {
    showSource();
    page.dataset['wall'] = 'ready';
  },
);

const drawing = makeLoop(async () => {
  const using = engine;
  const frame = fresh ? live : null;
  fresh = false;
  try {
    const began = performance.now();
    await using.draw(store.state, frame);
    if (frame && live && using === engine) resize(pace.frame(using.size, began, performance.now() - began));
    reading.request();
  } catch (problem) {
    fallBack(using, problem);
  }
});

const reading = makeLoop(async () => {
  const using = engine;
  const { state } = store;
  const own = version;
  try {
    report.show(state, await using.measure(state));
  } catch (problem) {
    return fallBack(using, problem);
  }
  if (live) places.draw(live.place, live.video, 'Camera');
  element('rate').textContent = live ? paceOf(pace.perSecond(), using) : '';
  if (live) page.dataset['state'] = 'live';
  else if (own === version) page.dataset['state'] = 'ready';
}, READING);

function request(): void {
  version++;
  if (!live) page.dataset['state'] = 'busy';
  drawing.request();
}

/** Draws what is shown in another size, at once, so that nothing is seen of the change but that. */
function resize(size: Size): void {
  if (size === engine.size) return;
  engine.resize(size);
  pictures.forEach((picture, place) => engine.load(place, picture));
  fresh = live !== null;
  element('code').textContent = codeOf(store.state, size);
  request();
}

function use(next: Engine): void {
  const last = engine;
  engine = next;
  pace = makePace(engine.sizes);
  stage.put(engine);
  pictures.forEach((picture, place) => engine.load(place, picture));
  if (last !== next) last.destroy();
  showState();
  request();
}

/** Where the GPU fails, or goes away, the reference goes on. */
function fallBack(failed: Engine, problem: unknown): void {
  if (failed !== engine) return;
  const words = problem instanceof Error ? problem.message : String(problem);
  if (failed.kind === 'cpu') return say(words);
  page.dataset['engine'] = 'cpu';
  use(cpuEngine(words));
  glance();
}

function showState(): void {
  const { state } = store;
  showControls(state);
  places.show(state.place);
  styles.show(state.style);
  wall.show(state.mode);
  stage.describe(pictures[state.place]?.name ?? '', modeOf(state.mode).title);
  report.describe(state);
  element('code').textContent = codeOf(state, engine.size);
  showSource();
}

function showSource(): void {
  if (!page.dataset['engine']) return;
  const difference = wall.differenceOf(store.state.mode);
  element('source').textContent = report.source(engine, difference);
}

/** Puts a picture into the batch. */
function put(place: number, picture: Picture): void {
  pictures = pictures.with(place, picture);
  engine.load(place, picture);
  for (const thumbs of [places, styles]) thumbs.draw(place, picture.image, picture.name);
  stage.describe(pictures[store.state.place]!.name, modeOf(store.state.mode).title);
  request();
  glance();
}

let soon: ReturnType<typeof setTimeout> | undefined;
function glance(): void {
  if (!page.dataset['engine']) return;
  page.dataset['wall'] = 'busy';
  clearTimeout(soon);
  soon = setTimeout(() => {
    const using = engine;
    wall.update(pictures, store.state, using.context).catch((problem: unknown) => fallBack(using, problem));
  }, 300);
}

function say(words: string): void {
  element('problem').textContent = words;
}

let taking = 0;
async function take(files: readonly File[]): Promise<void> {
  const own = ++taking;
  say('');
  const { place } = store.state;
  const taken = files.slice(0, PLACES);
  const read = await Promise.all(taken.map(async (file) => fromFile(file).catch(() => null)));
  if (own !== taking) return;
  const refused = taken.filter((_, index) => !read[index]);
  read.forEach((picture, index) => {
    const at = (place + index) % PLACES;
    if (!picture) return;
    if (live?.place === at) camera.stop();
    put(at, picture);
  });
  say(inWords(files, refused));
}

const camera = makeCamera({
  started: (video) => {
    live = { video, place: store.state.place };
    pace = makePace(engine.sizes);
    element('camera').ariaPressed = 'true';
    put(live.place, { name: 'Camera', image: snapshotOf(video) });
  },
  frame: () => {
    fresh = true;
    drawing.request();
  },
  stopped: (video, words) => {
    const { place } = live!;
    live = null;
    fresh = false;
    element('camera').ariaPressed = 'false';
    resize(engine.still);
    put(place, { name: 'Camera', image: snapshotOf(video) });
    say(words);
  },
});

/** γ and β that undo the normalization of the picture that is shown. */
async function giveBack(): Promise<void> {
  const { state } = store;
  const [using, batch] = [engine, pictures];
  try {
    const { before } = (await using.measure(state)).moments;
    // By then it may be another that is shown.
    if (pictures !== batch || store.state.mode !== state.mode || store.state.place !== state.place) return;
    store.set({ ...undoing(state.mode, before), range: 'picture' });
  } catch (problem) {
    fallBack(using, problem);
  }
}

async function begin(): Promise<void> {
  say('');
  camera.stop();
  taking++;
  try {
    pictures = await samples();
  } catch {
    say('The pictures of this page could not be loaded. Give it some of your own, or reload it.');
  }
  pictures.forEach((picture, place) => put(place, picture));
}

copiesText(element('copy') as HTMLButtonElement, () => codeOf(store.state, engine.size));
takesFiles(element<HTMLInputElement>('file'), (files) => void take(files), say);
element('back').addEventListener('click', () => void giveBack());
element('samples').addEventListener('click', () => void begin());
element('camera').addEventListener('click', () => {
  say('');
  if (live) camera.stop();
  else void camera.start().catch((problem: Error) => say(problem.message));
});
addEventListener('hashchange', () => {
  document.querySelector<HTMLInputElement>(`#modes [value="${CSS.escape(location.hash.slice(1))}"]`)?.click();
});

stage.put(engine);
showState();
page.dataset['state'] = 'busy';
await begin();
const opened = await openGpu().catch((problem: unknown) =>
  cpuEngine(problem instanceof Error ? problem.message : String(problem)),
);
page.dataset['engine'] = opened.kind;
use(opened);
glance();
void opened.context?.device.lost.then(({ message }) => fallBack(opened, message));
