/**
 * Index maps: from a counter (which group, which element of it) to an offset. The axes that a counter goes along, last one fastest, are its
 * digits (in a mixed radix): offset = Σ digit · stride, with as few digits as the strides allow. How many there are and of what kind is
 * written into the shader; their numbers are uniforms.
 */
export interface Digit {
  /** Values that pass before it changes, beyond those of the digits before it: inner axes that the array does not follow. */
  skip: number;
  /** Values it takes; null: the outermost, where the counter ends by itself, so that no map depends on how many there are. */
  size: number | null;
  stride: number;
  /** Whether it is a row of a packed sequence: those of the sequences before it come first (shaders/math/sequences). */
  row?: boolean;
  /** Where the last load of a run is moved back to end with the run (shaders/tail/row). */
  most?: number;
}

/** A map of two counters, added. Written into the shader as a function. */
export interface IndexMap {
  group: Digit[];
  element: Digit[];
}

/** Whether a counter has to be divided to tell its digits. */
export function isDivided({ group, element }: IndexMap): boolean {
  return [...group, ...element].some(({ skip, size }) => skip !== 1 || size !== null);
}

/** A counter that is the offset. */
export const UNIT: Digit = { skip: 1, size: null, stride: 1 };

/** Axes that lie evenly one inside the other, taken as one; outermost first. */
export interface Run {
  size: number;
  stride: number;
  most?: number;
}

/** How a load of four neighbours meets a run: one array element each, or one for all. */
export type Meeting = 'each' | 'shared';

/** Axes of one index are left out, unless they are the outermost: so a batch of one is taken like any other. */
export function runsOf(sizes: readonly number[], strides: readonly number[]): Run[] {
  const runs: Run[] = [];
  const first = Math.max(
    sizes.findIndex((size) => size > 1),
    0,
  );
  sizes.forEach((size, axis) => {
    const stride = strides[axis]!;
    const outer = runs.at(-1);
    if (size === 1 && axis > first) return;
    if (outer && outer.stride === stride * size) {
      outer.size *= size;
      outer.stride = stride;
    } else {
      runs.push({ size, stride });
    }
  });
  return runs;
}

/** How `width` neighbours of the innermost run meet the array; null where they would straddle. */
export function meetingOf(runs: readonly Run[], width: number): Meeting | null {
  const inner = runs.at(-1);
  if (!inner) return 'shared';
  if (inner.size % width !== 0) return null;
  if (inner.stride === 0) return 'shared';
  const aligned = inner.stride === 1 && runs.slice(0, -1).every((run) => run.stride % width === 0);
  return aligned ? 'each' : null;
}

/** The runs counted in loads of `width` neighbours; offsets too where each neighbour has its own array element. */
export function widenRuns(runs: readonly Run[], width: number, meeting: Meeting): Run[] {
  return runs.map(({ size, stride }, index) => {
    const innermost = index === runs.length - 1;
    const outer = meeting === 'each' ? stride / width : stride;
    return { size: innermost ? size / width : size, stride: innermost ? stride : outer };
  });
}

/** The innermost run in pieces of `size`, and each of them as loads of `width` elements: the last one ends with the piece. */
export function runsWithTail(runs: readonly Run[], size: number, width: number): Run[] {
  const outer = runs.slice(0, -1);
  const inner = runs.at(-1)!;
  const piece = { size: Math.ceil(size / width), stride: inner.stride * width, most: inner.stride * (size - width) };
  return inner.size === size
    ? [...outer, piece]
    : [...outer, { size: inner.size / size, stride: inner.stride * size }, piece];
}

/** Strides counted in loads of `width`, of an axis set that the loads do not run along. */
export function widenStrides(runs: readonly Run[], width: number): Run[] {
  return runs.map(({ size, stride }) => ({ size, stride: stride / width }));
}

/** The digits of a counter over some axes, the last running fastest; the last digit comes first. */
export function digitsAlong(axes: readonly Run[]): Digit[] {
  const [sizes, strides] = [axes.map(({ size }) => size), axes.map(({ stride }) => stride)];
  return digitsOf(runsOf(sizes, strides));
}

export function digitsOf(runs: readonly Run[]): Digit[] {
  const digits: Digit[] = [];
  let skip = 1;
  for (let index = runs.length - 1; index >= 0; index--) {
    const { size, stride, most } = runs[index]!;
    if (stride === 0 || (size === 1 && index > 0)) {
      skip *= size;
    } else {
      digits.push({ skip, size: index === 0 ? null : size, stride, ...(most && { most }) });
      skip = 1;
    }
  }
  return digits;
}
