import type { View, Views } from '../../problem/affine.ts';
import { ELEMENTWISE } from '../../problem/arrays.ts';
import type { ElementwiseName } from '../../problem/arrays.ts';
import { operandsOf } from '../../problem/problem.ts';
import type { Problem } from '../../problem/problem.ts';
import { pairDistance } from '../../problem/rotary.ts';
import { sizeOf, stridesOf } from '../../problem/shape.ts';
import { isSameView, rowMajorView } from '../../problem/strides.ts';

/** How work items cover a tensor: each has one index of the kept axes, and its elements along the reduced ones. */
export interface IterationSpace {
  kept: number[];
  reduced: number[];
  /** Arrays that are read or written on the way, `x` among them: their strides along those axes. */
  views: Record<string, View>;
  /** Elements between the two of a pair, where pairs are rotated. */
  pairDistance?: number;
}

/**
 * Arrays that have strides of their own, and three numberings: `position` of an element in its group, `token` as tables of a rotation, or
 * positions in those, count them, `group` of the groups.
 * `ownWeight` to `shift`: what weight and bias were combined of.
 */
const VIEWS = [
  'x',
  'weight',
  'bias',
  'ownWeight',
  'ownBias',
  'scale',
  'shift',
  'gate',
  'input_bias',
  'mask',
  'by',
  'add',
  'mean_scale',
  'alpha',
  'input_shift',
  'position',
  'token',
  'group',
] as const;

type ViewName = (typeof VIEWS)[number] | ElementwiseName;

/** No array varies along an axis. */
export const NO_STRIDES = Object.fromEntries([...VIEWS, ...ELEMENTWISE].map((name) => [name, 0])) as Record<
  ViewName,
  number
>;

/** An axis of x, and how far apart neighbours along it are in each array: longer than 1, or further out than all that are (a batch of one). */
export interface StridedAxis extends Record<ViewName, number> {
  size: number;
  reduced: boolean;
}

/** The axes of x in their order, by which its groups are counted wherever they lie; outermost first. */
export function stridedAxes(problem: Problem): StridedAxis[] {
  const views: Partial<Record<ViewName, View>> = {
    ...viewsOf(problem),
    ...combinedViews(problem),
    group: { kept: stridesOf(problem.kept), reduced: problem.reduced.map(() => 0) },
  };
  const named = Object.entries(views) as [ViewName, View][];
  const order = rowMajorView(problem);
  const axesAlong = (sizes: readonly number[], along: 'kept' | 'reduced'): { axis: StridedAxis; order: number }[] =>
    sizes.map((size, index) => {
      const axis = { ...NO_STRIDES, size, reduced: along === 'reduced' };
      for (const [name, view] of named) axis[name] = view[along][index]!;
      return { axis, order: order[along][index]! };
    });
  const all = [...axesAlong(problem.kept, 'kept'), ...axesAlong(problem.reduced, 'reduced')];
  // Sequences come first, though they have no stride.
  if (problem.sequences !== null) all[0]!.order = all[0]!.axis.x = 2 * sizeOf(problem.shape) + 1;
  const axes = all.toSorted((a, b) => b.order - a.order).map(({ axis }) => axis);
  const outermost = Math.max(0, ...axes.filter(({ size }) => size > 1).map(({ x }) => x));
  return axes.filter(({ size, x }) => size > 1 || (outermost > 0 && x > outermost));
}

/** The arrays that a problem reads by element. */
function viewsOf(problem: Problem): Partial<Record<ViewName, View>> {
  const { x, rotary, partial, kept, reduced } = problem;
  const position = { kept: kept.map(() => 0), reduced: stridesOf(reduced) };
  return {
    x,
    ...Object.fromEntries(operandsOf(problem).map(([name, { view }]) => [name, view])),
    ...((partial !== null || rotary) && { position }),
    ...(rotary && { token: rotary.tokens }),
    ...differing(problem),
  };
}

/** Arrays that have an element for each of x, and lie otherwise. */
function differing({ x, views }: Problem): Views {
  return Object.fromEntries(Object.entries(views).filter(([, view]) => !isSameView(view, x)));
}

function combinedViews({ combined }: Problem): Partial<Record<ViewName, View>> {
  if (!combined) return {};
  const { affine, modulation } = combined;
  return {
    ...(affine.weight && { ownWeight: affine.weight.view }),
    ...(affine.bias && { ownBias: affine.bias.view }),
    ...(modulation.weight && { scale: modulation.weight.view }),
    ...(modulation.bias && { shift: modulation.bias.view }),
  };
}

/** Group by group, as a forward pass reads and writes. */
export function forwardSpace(problem: Problem): IterationSpace {
  const { kept, reduced, channel } = problem;
  const running = channel && { channel: { kept: channel, reduced: reduced.map(() => 0) } };
  return { kept, reduced, views: { ...viewsOf(problem), ...running }, ...pairsOf(problem) };
}

/** Group by group, as a gradient does. */
export function groupSpace(problem: Problem, axes: readonly StridedAxis[]): IterationSpace {
  return spaceOver(problem, axes, ({ reduced }) => !reduced);
}

/** Column by column of each packed sequence: rows alone are reduced. Where groups are of several columns, with the arrays of a call alone. */
export function sequenceSpace(problem: Problem, axes: readonly StridedAxis[], isFiner: boolean): IterationSpace {
  const space = isFiner ? columnSpace(problem, axes) : groupSpace(problem, axes);
  // Sequences have no stride: where they begin is read (shaders/math/sequences).
  space.views['x']!.kept.fill(0, 0, 1);
  return space;
}

/** Column by column, with the arrays of a call alone. */
export function columnSpace(problem: Problem, axes: readonly StridedAxis[]): IterationSpace {
  const { kept, reduced, views } = groupSpace(problem, axes);
  const own = Object.entries(views).filter(([name]) => name !== 'group');
  return { kept, reduced, views: Object.fromEntries(own), ...pairsOf(problem) };
}

/** Over the elements that share weight and bias, an item each such set. */
export function parameterSpace(problem: Problem, axes: readonly StridedAxis[]): IterationSpace {
  return spaceOver(problem, axes, weightVaries);
}

/** Whether weight or bias vary along an axis. */
export function weightVaries({ weight, bias }: Pick<StridedAxis, 'weight' | 'bias'>): boolean {
  return weight !== 0 || bias !== 0;
}

/**
 * The axes with the innermost reduced ones kept as well, so that loads can be wide along them: the channels of NHWC where
 * groups of them are reduced. Null where that leaves nothing reduced, or nothing to keep.
 */
export function keepInnermost(axes: readonly StridedAxis[]): StridedAxis[] | null {
  const kept = axes.findLastIndex(({ reduced }) => !reduced);
  const outer = axes.findIndex(({ reduced }) => reduced);
  if (kept < 0 || kept === axes.length - 1 || outer > kept) return null;
  return axes.map((axis, index) => (index > kept ? { ...axis, reduced: false } : axis));
}

function spaceOver(
  problem: Problem,
  axes: readonly StridedAxis[],
  isKept: (axis: StridedAxis) => boolean,
): IterationSpace {
  const [kept, reduced] = [axes.filter(isKept), axes.filter((axis) => !isKept(axis))];
  const view = (name: ViewName): View => ({
    kept: kept.map((axis) => axis[name]),
    reduced: reduced.map((axis) => axis[name]),
  });
  const names = [...(Object.keys(viewsOf(problem)) as ViewName[]), 'group'] as const;
  return {
    kept: kept.map(({ size }) => size),
    reduced: reduced.map(({ size }) => size),
    views: Object.fromEntries(names.map((name) => [name, view(name)])),
    ...pairsOf(problem),
  };
}

function pairsOf({ rotary }: Problem): Pick<IterationSpace, 'pairDistance'> {
  return rotary ? { pairDistance: pairDistance(rotary) } : {};
}
