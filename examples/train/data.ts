import { Random } from './random.ts';

/** Small grey pictures of figures, drawn from a seed: nothing is downloaded. */

export const SIZE = 12;
export const PIXELS = SIZE * SIZE;

/** How far a point (x, y) is from the line of each figure of half width r. */
const FIGURES: Record<string, (x: number, y: number, r: number) => number> = {
  'horizontal bar': (x, y, r) => Math.hypot(Math.max(0, Math.abs(x) - r), y),
  'vertical bar': (x, y, r) => Math.hypot(x, Math.max(0, Math.abs(y) - r)),
  'rising stroke': (x, y, r) => bar((x - y) / Math.SQRT2, (x + y) / Math.SQRT2, r),
  'falling stroke': (x, y, r) => bar((x + y) / Math.SQRT2, (x - y) / Math.SQRT2, r),
  'upright cross': (x, y, r) => Math.min(bar(x, y, r), bar(y, x, r)),
  'slanting cross': (x, y, r) =>
    Math.min(bar((x + y) / Math.SQRT2, (x - y) / Math.SQRT2, r), bar((x - y) / Math.SQRT2, (x + y) / Math.SQRT2, r)),
  ring: (x, y, r) => Math.abs(Math.hypot(x, y) - 0.8 * r),
  square: (x, y, r) => Math.abs(Math.max(Math.abs(x), Math.abs(y)) - 0.75 * r),
};

const bar = (along: number, across: number, r: number): number => Math.hypot(Math.max(0, Math.abs(along) - r), across);

export const CLASSES = Object.keys(FIGURES);

/** How hard the pictures are. */
const NOISE = 0.2;
const CONTRAST = [0.4, 2] as const;
const BRIGHTNESS = 0.5;

export interface Pictures {
  count: number;
  /** `count` × SIZE × SIZE. */
  pixels: Float32Array;
  /** Indices into {@link CLASSES}. */
  labels: Uint8Array;
}

/** `count` pictures, as many of each class as of any other; place, size, contrast and brightness differ, and there is noise. */
export function drawPictures(count: number, seed: number): Pictures {
  const random = new Random(seed, 'pictures');
  const pixels = new Float32Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    labels[index] = index % CLASSES.length;
    drawPicture(pixels.subarray(index * PIXELS, (index + 1) * PIXELS), labels[index]!, random);
  }
  return { count, pixels, labels };
}

function drawPicture(into: Float32Array, label: number, random: Random): void {
  const distance = FIGURES[CLASSES[label]!]!;
  const [left, top] = [random.between(-1, 1), random.between(-1, 1)];
  const radius = random.between(2.8, 4.4);
  const thickness = random.between(0.5, 0.9);
  const contrast = Math.exp(random.between(Math.log(CONTRAST[0]), Math.log(CONTRAST[1])));
  const brightness = BRIGHTNESS * random.normal();
  const middle = (SIZE - 1) / 2;
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const away = distance(column - middle - left, row - middle - top, radius);
      const ink = Math.min(1, Math.max(0, thickness + 0.5 - away));
      into[row * SIZE + column] = brightness + contrast * (ink + NOISE * random.normal());
    }
  }
}

/** Batches without end: each picture once an epoch, in an order that the seed determines; what is left over is dropped. */
export function* batches(pictures: Pictures, batchSize: number, seed: number): Generator<Pictures, never> {
  const random = new Random(seed, 'order');
  for (;;) {
    const order = random.order(pictures.count);
    for (let begin = 0; begin + batchSize <= order.length; begin += batchSize) {
      yield choose(pictures, order.slice(begin, begin + batchSize));
    }
  }
}

function choose({ pixels, labels }: Pictures, indices: readonly number[]): Pictures {
  const chosen = { count: indices.length, pixels: new Float32Array(indices.length * PIXELS), labels: new Uint8Array() };
  indices.forEach((from, to) => {
    chosen.pixels.set(pixels.subarray(from * PIXELS, (from + 1) * PIXELS), to * PIXELS);
  });
  return { ...chosen, labels: Uint8Array.from(indices, (index) => labels[index]!) };
}
