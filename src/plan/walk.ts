import type { Problem, View } from '../problem/problem.ts';
import { stridesOf } from '../problem/shape.ts';

/** How units walk over a tensor: one index of the kept axes a unit, its elements along the reduced ones. */
export interface Walk {
  kept: number[];
  reduced: number[];
  /** Arrays that are read or written on the way, `x` among them: their strides along those axes. */
  views: Record<string, View>;
}

/** One axis of x longer than 1, and how far apart neighbours along it are: in x, the parameters, the numbers a group. */
export interface Dimension {
  size: number;
  reduced: boolean;
  x: number;
  weight: number;
  bias: number;
  group: number;
}

/** The axes of x, outermost first. */
export function dimensionsOf(problem: Problem): Dimension[] {
  const groups = stridesOf(problem.kept);
  const dimensions = (sizes: readonly number[], along: 'kept' | 'reduced'): Dimension[] =>
    sizes.map((size, axis) => ({
      size,
      reduced: along === 'reduced',
      x: problem.x[along][axis]!,
      weight: problem.weight?.[along][axis] ?? 0,
      bias: problem.bias?.[along][axis] ?? 0,
      group: along === 'kept' ? groups[axis]! : 0,
    }));
  return [...dimensions(problem.kept, 'kept'), ...dimensions(problem.reduced, 'reduced')]
    .filter(({ size }) => size > 1)
    .toSorted((a, b) => b.x - a.x);
}

/** Group by group, as a forward pass reads and writes. */
export function forwardWalk(problem: Problem): Walk {
  const views: Record<string, View> = { x: problem.x };
  if (problem.weight) views['weight'] = problem.weight;
  if (problem.bias) views['bias'] = problem.bias;
  if (problem.channel) views['channel'] = { kept: problem.channel, reduced: problem.reduced.map(() => 0) };
  return { kept: problem.kept, reduced: problem.reduced, views };
}

/** Group by group, as a gradient does. */
export function groupWalk(dimensions: readonly Dimension[]): Walk {
  return walkOver(dimensions, ({ reduced }) => !reduced);
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
export function columnsWalk({ weight, bias }: Problem, dimensions: readonly Dimension[]): Walk {
  const { views, ...sizes } = groupWalk(dimensions);
  const { x } = views as Record<'x', View>;
  const given = { ...(weight && { weight: views['weight']! }), ...(bias && { bias: views['bias']! }) };
  return { ...sizes, views: { x, ...given } };
}

/** Over the elements that share weight and bias, each such set a unit of its own. */
export function parameterWalk(dimensions: readonly Dimension[]): Walk {
  return walkOver(dimensions, variesAlong);
}

/** Whether weight or bias vary along an axis. */
export function variesAlong({ weight, bias }: Dimension): boolean {
  return weight !== 0 || bias !== 0;
}

function walkOver(dimensions: readonly Dimension[], isKept: (dimension: Dimension) => boolean): Walk {
  const [kept, reduced] = [dimensions.filter(isKept), dimensions.filter((dimension) => !isKept(dimension))];
  const view = (name: 'x' | 'weight' | 'bias' | 'group'): View => ({
    kept: kept.map((dimension) => dimension[name]),
    reduced: reduced.map((dimension) => dimension[name]),
  });
  return {
    kept: kept.map(({ size }) => size),
    reduced: reduced.map(({ size }) => size),
    views: { x: view('x'), weight: view('weight'), bias: view('bias'), group: view('group') },
  };
}
