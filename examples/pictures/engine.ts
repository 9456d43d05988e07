import type { Context } from 'webgpu-norm';
import { EPS, isOverBatch, modeOf } from './modes.ts';
import type { Mode, ModeId } from './modes.ts';
import type { Picture, Size } from './pictures.ts';
import type { State } from './state.ts';

/** What normalizes and draws: the library on a GPU, or its reference in float64. */
export interface Engine {
  readonly kind: 'gpu' | 'cpu';
  /** For the visitor: what it runs on, or why not on a GPU. */
  readonly description: string;
  readonly context: Context | null;
  /** What frames of a camera may be of, the largest first, so that they do not take too long. */
  readonly sizes: readonly Size[];
  /** What pictures are of where nothing moves, one of the sizes. */
  readonly still: Size;
  /** Of each picture of the batch now. */
  readonly size: Size;
  readonly before: HTMLCanvasElement;
  readonly after: HTMLCanvasElement;
  load(place: number, picture: Picture): void;
  /** Makes room for pictures of another size, all of which are to be loaded again. */
  resize(size: Size): void;
  /** Draws what is shown, before and after, with a frame of the camera's in its place. Resolves when it is done. */
  draw(state: State, live: Live | null): Promise<void>;
  /** The numbers of what is shown. */
  measure(state: State): Promise<Measured>;
  destroy(): void;
}

/** A camera, and the place that it has in the batch. */
export interface Live {
  video: HTMLVideoElement;
  place: number;
}

/** Of a group of elements; by channel, at the pixel in the middle where pixels are normalized apart. */
export interface Moments {
  count: number;
  mean: readonly number[];
  variance: readonly number[];
}

export interface Measured {
  /** The picture that is shown, [3, H, W]. */
  before: ArrayLike<number>;
  after: ArrayLike<number>;
  /** Of its groups. */
  moments: { before: Moments; after: Moments | null; style: Moments | null };
}

interface Array4 {
  data: ArrayLike<number>;
  shape: readonly number[];
}

/** What of moments [N, C, H, W], sizes of 1 where elements are shared, belongs to the middle of a picture. */
export function momentsAt(count: number, mean: Array4, variance: Array4, place: number): Moments {
  const [N, C, H, W] = mean.shape as [number, number, number, number];
  const at = (channel: number): number =>
    ((Math.min(place, N - 1) * C + Math.min(channel, C - 1)) * H + Math.floor(H / 2)) * W + Math.floor(W / 2);
  const picked = ({ data }: Array4): number[] => [0, 1, 2].map((channel) => data[at(channel)]!);
  return { count, mean: picked(mean), variance: picked(variance) };
}

/** γ and β that undo the normalization of elements of these moments. */
export function undoing(mode: ModeId, { count, mean, variance }: Moments): Pick<State, 'gamma' | 'beta'> {
  // The running variance is unbiased.
  const bessel = mode === 'batch-inference' ? count / (count - 1) : 1;
  return { gamma: variance.map((biased) => Math.sqrt(biased * bessel + EPS)), beta: mean };
}

/** The numbers that are drawn as black and as white; null where white is the largest one. */
export function blackAndWhite({ show, affine }: Mode, { range }: State): readonly [number, number] | null {
  if (show === 'positive') return null;
  return show === 'unit' || (affine && range === 'picture') ? [0, 1] : [-2.5, 2.5];
}

/** The place of the shown picture in what is normalized: the batch, or the picture alone. */
export function placeIn(state: State): number {
  return isOverBatch(modeOf(state.mode)) ? state.place : 0;
}

export function makeCanvas({ width, height }: Size): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  canvas.setAttribute('role', 'img');
  return canvas;
}
