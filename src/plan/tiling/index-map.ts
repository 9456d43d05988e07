/**
 * Index maps: from a counter (which group, which element of it) to an offset. A map is a sum of terms
 * (counter / divide) % modulo · stride, at most `most`, with as few of them as the strides allow.
 */
export interface Term {
  divide: number;
  /** null: the outermost, where the counter ends by itself; so no map depends on how many there are. */
  modulo: number | null;
  stride: number;
  /** Where the last load of a run is moved back to end with the run (shaders/tail/row). */
  most?: number;
}

/** A map of two counters, added. Written into the shader as a function. */
export interface IndexMap {
  group: Term[];
  element: Term[];
}

/** Axes that lie evenly one inside the other, taken as one; outermost first. */
export interface Run {
  size: number;
  stride: number;
  most?: number;
}

/** How a load of four neighbours meets a run: one array element each, or one for all. */
export type Meeting = 'each' | 'shared';

export function runsOf(sizes: readonly number[], strides: readonly number[]): Run[] {
  const runs: Run[] = [];
  sizes.forEach((size, axis) => {
    const stride = strides[axis]!;
    const outer = runs.at(-1);
    if (size === 1) return;
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
  const loads = { size: Math.ceil(size / width), stride: inner.stride * width, most: inner.stride * (size - width) };
  return inner.size === size
    ? [...outer, loads]
    : [...outer, { size: inner.size / size, stride: inner.stride * size }, loads];
}

/** Strides counted in loads of `width`, of an axis set that the loads do not run along. */
export function widenStrides(runs: readonly Run[], width: number): Run[] {
  return runs.map(({ size, stride }) => ({ size, stride: stride / width }));
}

/** The terms of a counter over some axes, the last running fastest. */
export function termsAlong(axes: readonly Run[]): Term[] {
  const [sizes, strides] = [axes.map(({ size }) => size), axes.map(({ stride }) => stride)];
  return termsOf(runsOf(sizes, strides));
}

export function termsOf(runs: readonly Run[]): Term[] {
  const terms: Term[] = [];
  let divide = 1;
  for (let index = runs.length - 1; index >= 0; index--) {
    const { size, stride, most } = runs[index]!;
    if (stride !== 0) terms.push({ divide, modulo: index === 0 ? null : size, stride, ...(most && { most }) });
    divide *= size;
  }
  return terms;
}
