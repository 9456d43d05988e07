import type { View } from '../problem/affine.ts';
import type { Problem } from '../problem/problem.ts';
import { stridesOf } from '../problem/shape.ts';

/** How units walk over a tensor: one index of the kept axes a unit, its elements along the reduced ones. */
export interface Walk {
  kept: number[];
  reduced: number[];
  /** Arrays that are read or written on the way, `x` among them: their strides along those axes. */
  views: Record<string, View>;
}

/**
 * Arrays whose strides tell where an element's number is. `ownWeight` to `shift`: what weight and bias were folded of;
 * `position`: the element's place in its group; `group`: numbers a group.
 */
type ViewName = keyof typeof NO_STRIDES;

export const NO_STRIDES = {
  x: 0,
  weight: 0,
  bias: 0,
  ownWeight: 0,
  ownBias: 0,
  scale: 0,
  shift: 0,
  gate: 0,
  mask: 0,
  position: 0,
  group: 0,
};

/** One axis of x longer than 1, and how far apart neighbours along it are in each array. */
export interface Dimension extends Record<ViewName, number> {
  size: number;
  reduced: boolean;
}

/** The axes of x, outermost first. */
export function dimensionsOf(problem: Problem): Dimension[] {
  const views: Partial<Record<ViewName, View>> = {
    ...viewsOf(problem),
    ...foldedViews(problem),
    group: groupView(problem),
  };
  const names = Object.keys(NO_STRIDES) as ViewName[];
  const dimensions = (sizes: readonly number[], along: 'kept' | 'reduced'): Dimension[] =>
    sizes.map((size, axis) => {
      const strides = names.map((name) => [name, views[name]?.[along][axis] ?? 0]);
      return { ...(Object.fromEntries(strides) as Record<ViewName, number>), size, reduced: along === 'reduced' };
    });
  return [...dimensions(problem.kept, 'kept'), ...dimensions(problem.reduced, 'reduced')]
    .filter(({ size }) => size > 1)
    .toSorted((a, b) => b.x - a.x);
}

/** The arrays that a problem reads by element. */
function viewsOf({ x, weight, bias, gate, mask, leading, kept, reduced }: Problem): Partial<Record<ViewName, View>> {
  const position = { kept: kept.map(() => 0), reduced: stridesOf(reduced) };
  return {
    x,
    ...(weight && { weight: weight.view }),
    ...(bias && { bias: bias.view }),
    ...(gate && { gate: gate.view }),
    ...(mask && { mask: mask.view }),
    ...(leading !== null && { position }),
  };
}

function foldedViews({ folded }: Problem): Partial<Record<ViewName, View>> {
  if (!folded) return {};
  const { own, modulation } = folded;
  return {
    ...(own.weight && { ownWeight: own.weight.view }),
    ...(own.bias && { ownBias: own.bias.view }),
    ...(modulation.weight && { scale: modulation.weight.view }),
    ...(modulation.bias && { shift: modulation.bias.view }),
  };
}

function groupView({ kept, reduced }: Problem): View {
  return { kept: stridesOf(kept), reduced: reduced.map(() => 0) };
}

/** Group by group, as a forward pass reads and writes. */
export function forwardWalk(problem: Problem): Walk {
  const { kept, reduced, channel } = problem;
  const running = channel && { channel: { kept: channel, reduced: reduced.map(() => 0) } };
  return { kept, reduced, views: { ...viewsOf(problem), ...running } };
}

/** Group by group, as a gradient does. */
export function groupWalk(problem: Problem, dimensions: readonly Dimension[]): Walk {
  return walkOver(problem, dimensions, ({ reduced }) => !reduced);
}

/**
 * The axes with the innermost reduced ones kept as well, so that loads can be wide along them: the channels of NHWC where
 * groups of them are reduced. Null where that leaves nothing reduced, or nothing to keep.
 */
export function refine(dimensions: readonly Dimension[]): Dimension[] | null {
  const kept = dimensions.findLastIndex(({ reduced }) => !reduced);
  const outer = dimensions.findIndex(({ reduced }) => reduced);
  if (kept < 0 || kept === dimensions.length - 1 || outer > kept) return null;
  return dimensions.map((dimension, axis) => (axis > kept ? { ...dimension, reduced: false } : dimension));
}

/** Column by column, with the arrays of a call alone. */
export function columnsWalk(problem: Problem, dimensions: readonly Dimension[]): Walk {
  const { kept, reduced, views } = groupWalk(problem, dimensions);
  return { kept, reduced, views: Object.fromEntries(Object.entries(views).filter(([name]) => name !== 'group')) };
}

/** Over the elements that share weight and bias, each such set a unit of its own. */
export function parameterWalk(problem: Problem, dimensions: readonly Dimension[]): Walk {
  return walkOver(problem, dimensions, variesAlong);
}

/** Whether weight or bias vary along an axis. */
export function variesAlong({ weight, bias }: Pick<Dimension, 'weight' | 'bias'>): boolean {
  return weight !== 0 || bias !== 0;
}

function walkOver(problem: Problem, dimensions: readonly Dimension[], isKept: (dimension: Dimension) => boolean): Walk {
  const [kept, reduced] = [dimensions.filter(isKept), dimensions.filter((dimension) => !isKept(dimension))];
  const view = (name: ViewName): View => ({
    kept: kept.map((dimension) => dimension[name]),
    reduced: reduced.map((dimension) => dimension[name]),
  });
  const names = [...(Object.keys(viewsOf(problem)) as ViewName[]), 'group'] as const;
  return {
    kept: kept.map(({ size }) => size),
    reduced: reduced.map(({ size }) => size),
    views: Object.fromEntries(names.map((name) => [name, view(name)])),
  };
}
