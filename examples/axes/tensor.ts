/** The tensor of the picture: its sizes, its numbers, and where each lies in memory. */

export const AXES = ['N', 'C', 'H', 'W'] as const;
export type Axis = (typeof AXES)[number];

/** Sizes of the axes; N is the largest batch. */
export const SIZES: Readonly<Record<Axis, number>> = { N: 4, C: 6, H: 3, W: 3 };

export type Layout = 'NCHW' | 'NHWC';

/** An element by its index along each axis, counted from 0. */
export type Place = Readonly<Record<Axis, number>>;

/** All elements, in the order of NCHW: the order in which `VALUES` and cells are numbered. */
export const PLACES: readonly Place[] = Array.from({ length: 4 * 6 * 3 * 3 }, (_, index) => ({
  N: Math.floor(index / 54),
  C: Math.floor(index / 9) % 6,
  H: Math.floor(index / 3) % 3,
  W: index % 3,
}));

/** The number of an element in `PLACES`. */
export const indexOf = ({ N, C, H, W }: Place): number => ((N * SIZES.C + C) * SIZES.H + H) * SIZES.W + W;

/** How many elements before this one in memory. */
export function offsetOf(place: Place, layout: Layout): number {
  return [...layout].reduce((offset, axis) => offset * SIZES[axis as Axis] + place[axis as Axis], 0);
}

/** Numbers from 0 to 1 with two decimals: channels and samples differ in brightness and contrast, as those of pictures do. */
export const VALUES: readonly number[] = PLACES.map(({ N, C, H, W }) => {
  const brightness = [0.46, 0.26, 0.62, 0.4][N]! + [0.12, -0.12, 0.2, -0.05, 0.02, -0.17][C]!;
  const contrast = [0.2, 0.11, 0.15, 0.26][N]! * [1, 0.6, 0.8, 1.2, 0.5, 0.7][C]!;
  const wave = Math.sin(1.7 * H + 2.3 * W + 1.1 * C + 0.7 * N) + 0.5 * Math.cos(5 * H - 3 * W + 2 * N + C);
  return Math.round(100 * Math.min(0.99, Math.max(0.02, brightness + contrast * wave))) / 100;
});

/** The numbers of the first samples in the order of memory. */
export function inMemory(layout: Layout, batch: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array((batch * VALUES.length) / SIZES.N);
  PLACES.forEach((place, index) => {
    if (place.N < batch) data[offsetOf(place, layout)] = VALUES[index]!;
  });
  return data;
}

export const shapeOf = (layout: Layout, batch: number): number[] =>
  [...layout].map((axis) => (axis === 'N' ? batch : SIZES[axis as Axis]));
