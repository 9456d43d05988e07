import type { Context } from 'webgpu-norm';
import { tensorFromImage } from 'webgpu-norm/images';
import type { NdArray } from 'webgpu-norm/reference';
import { byReference, onGpu } from './calls.ts';
import { drawNumbers, largestOf, makeReader, pictureOf } from './cpu-engine.ts';
import { blackAndWhite } from './engine.ts';
import { inTen } from './format.ts';
import { isOverBatch, MODES } from './modes.ts';
import type { Mode, ModeId } from './modes.ts';
import { CHANNELS, makeParameters, NEUTRAL } from './parameters.ts';
import { covering, sizeOf, SMALL } from './pictures.ts';
import type { Picture } from './pictures.ts';
import { PLACES, START } from './state.ts';
import type { State } from './state.ts';

/** All modes at a glance: small pictures, each held against float64, that open the large view. */
export interface Wall {
  show(mode: ModeId): void;
  /** Computes all modes anew; ends early where it is called again meanwhile. */
  update(pictures: readonly Picture[], state: State, context: Context | null): Promise<void>;
  /** The largest difference from float64; null where the reference itself is shown, or nothing yet. */
  differenceOf(mode: ModeId): number | null;
}

const SHAPE = [PLACES, CHANNELS, SMALL.height, SMALL.width];

/** Computes a mode, all of what it is over. */
type Compute = (mode: Mode) => Promise<{ y: NdArray; difference: number | null }>;

export function makeWall(list: HTMLElement, open: (mode: ModeId) => void, checked: () => void): Wall {
  const cards = new Map(MODES.map((mode) => [mode.id, makeCard(mode)]));
  const differences = new Map<ModeId, number | null>();
  let turn = 0;
  for (const [id, card] of cards) {
    card.addEventListener('click', () => open(id));
    list.append(card);
  }

  async function fill(mode: Mode, compute: Compute, place: number, isLate: () => boolean): Promise<void> {
    const card = cards.get(mode.id)!;
    const said = card.querySelector('small')!;
    try {
      const { y, difference } = await compute(mode);
      if (isLate()) return;
      const shown = pictureOf(y, y.shape[0] === PLACES ? place : 0).data;
      const range = blackAndWhite(mode, START) ?? [0, largestOf(shown) || 1];
      drawNumbers(card.querySelector('canvas')!, shown, range);
      differences.set(mode.id, difference);
      said.textContent = difference === null ? 'float64' : `± ${inTen(difference)}`;
      const values = { difference: String(difference ?? 0), magnitude: String(largestOf(y.data)) };
      Object.assign(card.dataset, values, { path: difference === null ? 'cpu' : 'gpu' });
    } catch (problem) {
      if (!isLate()) said.textContent = problem instanceof Error ? problem.message : String(problem);
    }
  }

  return {
    show: (mode) => {
      for (const [id, card] of cards) card.ariaCurrent = String(id === mode);
    },
    update: async (pictures, { place, style }, context) => {
      const own = ++turn;
      const isLate = (): boolean => own !== turn;
      differences.clear();
      const { compute, end } = context
        ? await gpuComputer(context, pictures, place, style)
        : cpuComputer(pictures, place, style);
      for (const mode of MODES) {
        await fill(mode, compute, place, isLate);
        await quiet();
        if (isLate()) break;
      }
      end();
      if (!isLate()) checked();
    },
    differenceOf: (mode) => differences.get(mode) ?? null,
  };
}

/** When the page has nothing better to do. */
async function quiet(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), { timeout: 200 });
    else setTimeout(resolve);
  });
}

function makeCard({ id, title }: Mode): HTMLButtonElement {
  const card = document.createElement('button');
  card.type = 'button';
  card.className = 'card';
  card.dataset['mode'] = id;
  card.innerHTML = `<canvas width="${SMALL.width}" height="${SMALL.height}" aria-hidden="true"></canvas><span>${title.replace('Norm', '<wbr />Norm')}</span><small>…</small>`;
  return card;
}

interface Computer {
  compute: Compute;
  end(): void;
}

async function gpuComputer(
  context: Context,
  pictures: readonly Picture[],
  place: number,
  style: number,
): Promise<Computer> {
  const x = context.empty(SHAPE);
  const views = pictures.map((_, at) => x.slice(0, at, at + 1));
  pictures.forEach(({ image }, at) => {
    tensorFromImage(context, image, { ...covering(sizeOf(image), SMALL), out: views[at]! });
  });
  const parameters = makeParameters(context);
  parameters.write(NEUTRAL);
  const read = { data: await x.read(), shape: SHAPE };
  const byCpu = byArrays(read, place, style);
  return {
    compute: async (mode) => {
      const given = isOverBatch(mode) ? x : views[place]!;
      const result = onGpu(mode.id, { x: given, style: views[style]!, parameters, record: {} });
      const y = { data: await result.read(), shape: result.shape };
      result.destroy();
      const exact = await byCpu(mode);
      return { y, difference: largestDifference(y.data, exact.y.data) };
    },
    end: () => {
      x.destroy();
      parameters.destroy();
    },
  };
}

function cpuComputer(pictures: readonly Picture[], place: number, style: number): Computer {
  const numbersOf = makeReader(SMALL);
  const data = Float32Array.from(pictures.flatMap(({ image }) => [...numbersOf(image)]));
  return { compute: byArrays({ data, shape: SHAPE }, place, style), end: () => {} };
}

function byArrays(x: NdArray, place: number, style: number): Compute {
  return async (mode) => {
    const given = isOverBatch(mode) ? x : pictureOf(x, place);
    const y = byReference(mode.id, { x: given, style: pictureOf(x, style) }, mode.affine, NEUTRAL);
    return { y, difference: null };
  };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < b.length; index++) {
    const difference = Math.abs(a[index]! - b[index]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
