import { NormError } from '../errors.ts';
import { checkCount, checkNames } from '../options/checks.ts';
import { formatList, formatValue } from '../options/format-value.ts';

/** Height and width, in this order, as of PyTorch's sizes. */
export type Size = readonly [height: number, width: number];

/** The size that an image is resized to: its shorter edge; its height and width; its longer edge. */
export type Resize = number | Size | { readonly longestEdge: number };

/** How an image of any size becomes one of the tensor's. */
export interface GeometryOptions {
  /**
   * A number: the shorter edge becomes that, and the other keeps the ratio, rounded down (torchvision's `Resize`, `shortest_edge` of
   * transformers). `[height, width]`: exactly. `{ longestEdge }`: the longer edge becomes that, and the other keeps the ratio, rounded.
   */
  resize?: Resize | undefined;
  /**
   * A number for a square, or `[height, width]`: what is cut out of the middle after that. Where the image is smaller it is put in the
   * middle, and `fill` is around it. The middle is torchvision's `CenterCrop`'s.
   */
  centerCrop?: number | Size | undefined;
}

/** The size an image is resized to, and the part of that which is taken: it may begin before the image and end behind. */
export interface Geometry {
  resized: Size;
  /** Rows and columns before the first that is taken. */
  crop: Size;
  size: Size;
}

/** Edges of resized images: twice as many half pixels, by the 2¹⁵ pixels of the largest textures, are counted in 32 bits. */
const LONGEST_EDGE = 2 ** 16;

/** @throws NormError `option` unless sizes are whole numbers of at least 1. */
export function checkGeometry(op: string, { resize, centerCrop }: GeometryOptions): void {
  if (resize !== undefined) {
    if (typeof resize === 'object' && resize !== null && !Array.isArray(resize)) {
      checkNames(op, resize, ['longestEdge'], 'resize');
      checkCount(op, 'longestEdge', (resize as { longestEdge: number }).longestEdge);
    } else checkSize(op, 'resize', resize);
  }
  if (centerCrop !== undefined) checkSize(op, 'centerCrop', centerCrop);
}

function checkSize(op: string, name: string, size: unknown): void {
  if (!Array.isArray(size)) return checkCount(op, name, size);
  if (size.length !== 2 || !Array.from(size).every((one) => Number.isSafeInteger(one) && one > 0)) {
    throw new NormError(
      'option',
      `${op}: ${name} is ${formatList(size)}; it must be a whole number, or [height, width], of at least 1`,
    );
  }
}

/** Whether the size of an image does not depend on what it was. */
export function isFixed({ resize }: GeometryOptions): boolean {
  return Array.isArray(resize);
}

/**
 * How an image of a size is resized and cropped.
 *
 * @throws NormError `limit` where an edge becomes too long.
 */
export function geometryOf(op: string, source: Size, { resize, centerCrop }: GeometryOptions): Geometry {
  const resized = resizedTo(source, resize);
  checkEdges(op, 'resized', resized);
  const size = centerCrop === undefined ? resized : sizeOf(centerCrop);
  checkEdges(op, 'cropped', size);
  return { resized, size, crop: [before(resized[0], size[0]), before(resized[1], size[1])] };
}

function checkEdges(op: string, done: string, size: Size): void {
  if (Math.max(...size) <= LONGEST_EDGE) return;
  throw new NormError(
    'limit',
    `${op}: ${done}, the image is ${formatValue(size)} (height, width); an edge may be at most ${LONGEST_EDGE}`,
  );
}

function sizeOf(size: number | Size): Size {
  return typeof size === 'number' ? [size, size] : size;
}

function resizedTo(source: Size, resize: Resize | undefined): Size {
  if (resize === undefined) return source;
  if (typeof resize === 'number') {
    const shorter = Math.min(...source);
    // The product first, as torchvision does: the quotient alone would be rounded.
    return scaled(source, (edge) => (edge === shorter ? resize : Math.floor((resize * edge) / shorter)));
  }
  if (!('longestEdge' in resize)) return resize;
  const longer = Math.max(...source);
  return scaled(source, (edge) => Math.max(Math.round((resize.longestEdge * edge) / longer), 1));
}

function scaled([height, width]: Size, edgeOf: (edge: number) => number): Size {
  return [edgeOf(height), edgeOf(width)];
}

/** Pixels cut off before the middle: half of all that are, to the even number where that is none; where they are padding, half of that, rounded down. */
function before(from: number, to: number): number {
  if (from < to) return -Math.floor((to - from) / 2);
  const half = (from - to) / 2;
  return Number.isInteger(half) ? half : 2 * Math.round(half / 2);
}

/** @throws NormError `shape` where images that become one batch do not become one size. */
export function checkAlike(op: string, sizes: readonly Size[]): void {
  const [first] = sizes;
  const other = sizes.find((size) => size[0] !== first![0] || size[1] !== first![1]);
  if (!other) return;
  throw new NormError(
    'shape',
    `${op}: images of a batch become ${formatValue(first)} and ${formatValue(other)} (height, width); give resize: [height, width] or a centerCrop`,
  );
}
