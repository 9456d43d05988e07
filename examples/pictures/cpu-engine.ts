import * as reference from 'webgpu-norm/reference';
import type { NdArray } from 'webgpu-norm/reference';
import { byReference } from './calls.ts';
import { blackAndWhite, makeCanvas, momentsAt, placeIn } from './engine.ts';
import type { Engine, Measured, Moments } from './engine.ts';
import { isOverBatch, modeOf } from './modes.ts';
import { CHANNELS } from './parameters.ts';
import { drawCovering, drawingOf, SMALL, sizesBelow } from './pictures.ts';
import type { Image, Size } from './pictures.ts';
import { PLACES } from './state.ts';
import type { State } from './state.ts';

/** The float64 reference, on pictures small enough for it. */

/** Reads images as numbers from 0 to 1, [3, H, W] each. */
export function makeReader({ width, height }: Size): (image: Image | HTMLVideoElement) => Float32Array {
  const drawing = drawingOf(new OffscreenCanvas(width, height));
  return (image) => {
    drawCovering(drawing, image);
    const { data } = drawing.getImageData(0, 0, width, height);
    const plane = width * height;
    const channelOf = (index: number): number => Math.floor(index / plane);
    return Float32Array.from(
      { length: CHANNELS * plane },
      (_, index) => data[(index % plane) * 4 + channelOf(index)]! / 255,
    );
  };
}

/** Draws numbers [3, H, W] on a canvas of their size. */
export function drawNumbers(
  canvas: HTMLCanvasElement,
  numbers: ArrayLike<number>,
  [black, white]: readonly [number, number],
): void {
  const { width, height } = canvas;
  const image = new ImageData(width, height);
  const plane = width * height;
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      const value = numbers[channel * plane + pixel]!;
      image.data[4 * pixel + channel] = (255 * (value - black)) / (white - black);
    }
    image.data[4 * pixel + 3] = 255;
  }
  drawingOf(canvas).putImageData(image, 0, 0);
}

/** One picture of [N, 3, H, W], as a batch of one. */
export function pictureOf({ data, shape }: NdArray, place: number): NdArray {
  const size = data.length / shape[0]!;
  return {
    data: Float64Array.from({ length: size }, (_, index) => data[place * size + index]!),
    shape: [1, ...shape.slice(1)],
  };
}

export const largestOf = (numbers: ArrayLike<number>): number => {
  let largest = 0;
  for (let index = 0; index < numbers.length; index++) largest = Math.max(largest, Math.abs(numbers[index]!));
  return largest;
};

/** What frames of a camera may be of. */
const SIZES = [SMALL, ...sizesBelow(SMALL, [3 / 4, 1 / 2])];

function batchOf(size: Size): {
  size: Size;
  plane: number;
  x: NdArray<Float32Array>;
  numbersOf: ReturnType<typeof makeReader>;
} {
  const { width, height } = size;
  const plane = CHANNELS * width * height;
  const x = { data: new Float32Array(PLACES * plane), shape: [PLACES, CHANNELS, height, width] };
  return { size, plane, x, numbersOf: makeReader(size) };
}

export function cpuEngine(description: string): Engine {
  let batch = batchOf(SMALL);
  const [before, after] = [makeCanvas(SMALL), makeCanvas(SMALL)];

  function result(state: State): { given: NdArray; all: NdArray; one: NdArray } {
    const { x } = batch;
    const { mode, place, style } = state;
    const { affine } = modeOf(mode);
    const whole = isOverBatch(modeOf(mode));
    const given = whole ? x : pictureOf(x, place);
    const all = byReference(mode, { x: given, style: pictureOf(x, style) }, affine, state);
    return { given, all, one: all.shape[0] === PLACES ? pictureOf(all, place) : all };
  }

  const momentsOf = (array: NdArray, axes: readonly number[], place: number): Moments => {
    const { count, mean, variance } = reference.moments(array, { axes: [...axes], keepDims: true });
    return momentsAt(count, mean, variance, place);
  };

  return {
    kind: 'cpu',
    description,
    context: null,
    sizes: SIZES,
    still: SMALL,
    get size() {
      return batch.size;
    },
    before,
    after,
    load: (place, { image }) => batch.x.data.set(batch.numbersOf(image), place * batch.plane),
    resize: (size) => {
      batch = batchOf(size);
      for (const canvas of [before, after]) Object.assign(canvas, size);
    },
    draw: async (state, live) => {
      const { x, plane, numbersOf } = batch;
      if (live) x.data.set(numbersOf(live.video), live.place * plane);
      const { one } = result(state);
      drawNumbers(before, pictureOf(x, state.place).data, [0, 1]);
      drawNumbers(after, one.data, blackAndWhite(modeOf(state.mode), state) ?? [0, largestOf(one.data) || 1]);
    },
    measure: async (state): Promise<Measured> => {
      const { x } = batch;
      const { given, all, one } = result(state);
      const { shares } = modeOf(state.mode);
      const at = placeIn(state);
      return {
        before: pictureOf(x, state.place).data,
        after: one.data,
        moments: {
          before: momentsOf(given, shares, at),
          after: isOverBatch(modeOf(state.mode)) && all.shape[0] === 1 ? null : momentsOf(all, shares, at),
          style: state.mode === 'adain' ? momentsOf(pictureOf(x, state.style), shares, 0) : null,
        },
      };
    },
    destroy: () => {},
  };
}
