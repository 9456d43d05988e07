import { copiesText } from '../copy.ts';
import { storeOf } from '../store.ts';
import { makeCells } from './cells.ts';
import type { Listener, Looks } from './cells.ts';
import { codeOf } from './code.ts';
import { makeControls } from './controls.ts';
import { explain } from './explanation.ts';
import { describeMemory, makeStrip } from './memory.ts';
import { modeOf } from './modes.ts';
import { keyOf, openEngine, referenceEngine } from './numbers.ts';
import type { Engine, Numbers } from './numbers.ts';
import { makeQuestions } from './questions.ts';
import { groupOf, sharing } from './sharing.ts';
import { sharingIn, START } from './state.ts';
import type { State } from './state.ts';
import { PLACES, SIZES, VALUES } from './tensor.ts';

const element = (id: string): HTMLElement => document.getElementById(id)!;
const page = document.documentElement;

let engine: Engine = referenceEngine('');
/** Of the present setting; null while they are computed. */
let numbers: Numbers | null = null;
/** The element that a pointer is on. */
let hovered: number | null = null;

const store = storeOf(START, (state, before) => {
  showControls(state);
  if (keyOf(state) === keyOf(before)) draw(state);
  else void compute(state);
});
const listener: Listener = {
  look: (index) => {
    if (index === hovered) return;
    hovered = index;
    draw(store.state);
  },
  choose: (index) => {
    hovered = null;
    if (index !== store.state.chosen) store.set({ chosen: index });
  },
};
const showControls = makeControls(store);
const showCells = makeCells(element('tensor'), listener);
const showStrip = makeStrip(element('strip'), listener);
makeQuestions(element('questions'), (change) => {
  hovered = null;
  store.set(change);
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element('settings').scrollIntoView({ behavior: still ? 'auto' : 'smooth' });
  document.querySelector<HTMLInputElement>('input[name="mode"]:checked')!.focus({ preventScroll: true });
});

/** Draws a setting at once, and its numbers when they are there. */
async function compute(state: State): Promise<void> {
  const key = keyOf(state);
  const using = engine;
  numbers = null;
  page.dataset['state'] = 'busy';
  draw(state);
  try {
    const computed = await using.compute(state);
    if (key !== keyOf(store.state)) return;
    numbers = computed;
  } catch (problem) {
    if (using.kind === 'cpu') throw problem;
    // Of several that a lost device fails, the first goes on.
    if (using !== engine) return;
    use(referenceEngine(problem instanceof Error ? problem.message : String(problem)));
    return compute(store.state);
  }
  draw(store.state);
  page.dataset['state'] = 'ready';
}

/** An element whose sample is not in the batch makes way for the same of the first sample. */
function activeIn({ chosen, batch }: State): number {
  const index = hovered ?? chosen;
  return PLACES[index]!.N < batch ? index : index % (VALUES.length / SIZES.N);
}

function draw(state: State): void {
  const active = activeIn(state);
  const lit = new Set(groupOf(PLACES[active]!, sharingIn(state), state.batch));
  const looks: Looks = { active, lit, marked: markedIn(state, active), batch: state.batch, shades: shadesOf(state) };
  showCells(looks);
  showStrip(looks, state.layout);
  const { element: heading, sentence, facts, formula } = explain(state, active, lit.size, numbers);
  element('element').textContent = heading;
  element('sentence').ariaBusy = String(!numbers);
  element('sentence').innerHTML = sentence;
  element('facts').innerHTML = facts
    .map(([name, value, id]) => `<div><dt>${name}</dt><dd id="${id}">${value}</dd></div>`)
    .join('');
  element('formula').innerHTML = formula;
  element('runs').textContent = describeMemory(active, lit, state.layout);
  element('code').textContent = codeOf(state);
}

function markedIn({ marked, mode, batch, statistic }: State, active: number): Set<number> {
  const along = modeOf(mode).parametersAlong;
  if (!marked || !along || statistic === 'sum') return new Set();
  return new Set(groupOf(PLACES[active]!, sharing(along), batch));
}

function shadesOf({ shown, batch, statistic }: State): readonly number[] {
  const known = numbers;
  if (shown === 'x' || !known) return VALUES;
  const results = PLACES.map((place) => (place.N < batch ? known.y(place) : 0));
  const [least, most] = statistic === 'sum' ? [0, Math.max(...results)] : [-2.2, 2.2];
  return results.map((y) => Math.min(1, Math.max(0, (y - least) / (most - least))));
}

function use(next: Engine): void {
  engine = next;
  page.dataset['engine'] = engine.kind;
  element('source').textContent =
    engine.kind === 'gpu'
      ? `Computed in f32 on ${engine.description}.`
      : `No WebGPU (${engine.description}): computed in float64 on the CPU.`;
}

copiesText(element('copy') as HTMLButtonElement, () => codeOf(store.state));
showControls(START);
await compute(START);
use(await openEngine());
await compute(store.state);
