import { sizeOf, stridesOf } from '../problem/shape.ts';
import { runsOf, termsOf } from './maps.ts';
import type { IndexMap } from './maps.ts';
import { makePass } from './pass.ts';
import type { Grid } from './pass.ts';
import { planeSize } from './plan.ts';
import type { Binding, CallNumbers, Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { powerOfTwo } from './schedule.ts';
import type { Dimension } from './walk.ts';

/** What becomes of a gradient: nothing, a tensor of its own, or a sum with what is there. */
export type Deposit = 'none' | 'set' | 'add';

/** Sums over dy on their way: `count` of them along some axes of x, row-major, `parts` times one after the other. */
export interface Sums {
  resource: string;
  dimensions: readonly Dimension[];
  parts: number;
  /** From one part to the next, where that is more than their count. */
  stride?: number;
}

/** More parts of a sum than this are merged by several invocations. */
const PARTS_ALONE = 32;

export function countOf({ dimensions }: Pick<Sums, 'dimensions'>): number {
  return sizeOf(dimensions.map(({ size }) => size));
}

function partStrideOf(sums: Sums): number {
  return sums.stride ?? countOf(sums);
}

/** Floats from one plane of sums to the next. */
export function sumsPlane(sums: Sums): number {
  return planeSize(partStrideOf(sums) * sums.parts);
}

/** Bytes of both planes. */
export function sumsBytes(sums: Sums): number {
  return 2 * 4 * sumsPlane(sums);
}

/** What becomes of the gradients of weight and bias. */
export type ParametersWanted = Record<'dweight' | 'dbias', Deposit>;

export const NO_PARAMETERS: ParametersWanted = { dweight: 'none', dbias: 'none' };

/**
 * The parts of each sum, and along the axes that `kept` lacks the sums themselves, added up; they may be dweight and dbias
 * already, where each group has its own. `weight`: what each sum is multiplied by before.
 */
export function mergeParts(
  profile: Profile,
  sums: Sums,
  kept: Sums,
  wanted: ParametersWanted = NO_PARAMETERS,
  weight?: Binding,
): Pass {
  return mergePass(profile, sums, {
    outer: sums.dimensions.filter(({ x }) => kept.dimensions.some((dimension) => dimension.x === x)),
    weight,
    use: { keep: 'sums', dweight: wanted.dweight, dbias: wanted.dbias },
    bindings: [
      { name: 'kept', resource: kept.resource, type: 'Accumulator', writes: true },
      ...parameterBindings(wanted),
    ],
    call: { kept_plane: sumsPlane(kept) },
  });
}

/** Merges sums that were computed elsewhere and copied to `partials`. */
export function planMergeSums(profile: Profile, { groups, parts }: { groups: number; parts: number }): Plan {
  const dimensions = [{ size: groups, reduced: false, x: 1, weight: 0, bias: 0, group: 1 }];
  const partials = { resource: 'partials', dimensions, parts };
  const sums = { resource: 'sums', dimensions, parts: 1 };
  return {
    label: 'mergeGradientSums',
    saved: { sums: sumsBytes(sums) },
    scratch: { partials: sumsBytes(partials) },
    passes: [mergeParts(profile, partials, sums)],
  };
}

/** Whether sums along these axes are dweight and dbias as they stand. */
export function areParameters(dimensions: readonly Dimension[], wanted: ParametersWanted): boolean {
  const strides = stridesOf(dimensions.map(({ size }) => size));
  const match = (name: 'weight' | 'bias'): boolean => dimensions.every((axis, index) => axis[name] === strides[index]);
  return (wanted.dweight === 'none' || match('weight')) && (wanted.dbias === 'none' || match('bias'));
}

/** dweight and dbias, added up along the axes that they do not vary along: one pass if both vary along the same. */
export function mergeParameters(profile: Profile, sums: Sums, wanted: ParametersWanted): Pass[] {
  const axesOf = (name: 'weight' | 'bias'): Dimension[] => sums.dimensions.filter((dimension) => dimension[name] !== 0);
  const pass = (parameter: 'weight' | 'bias', dweight: Deposit, dbias: Deposit): Pass =>
    mergePass(profile, sums, {
      outer: axesOf(parameter).toSorted((a, b) => b[parameter] - a[parameter]),
      use: { keep: 'none', dweight, dbias },
      bindings: parameterBindings({ dweight, dbias }),
    });
  const { dweight, dbias } = wanted;
  if (dweight === 'none') return dbias === 'none' ? [] : [pass('bias', 'none', dbias)];
  const together = axesOf('weight').every((axis, index) => axis === axesOf('bias')[index] && axis.weight === axis.bias);
  if (dbias === 'none') return [pass('weight', dweight, 'none')];
  return together && axesOf('weight').length === axesOf('bias').length
    ? [pass('weight', dweight, dbias)]
    : [pass('weight', dweight, 'none'), pass('bias', 'none', dbias)];
}

/** What a pass that writes the gradients of weight and bias binds. */
export function parameterBindings({ dweight, dbias }: ParametersWanted): Binding[] {
  return [...depositBinding('dweight', 'Accumulator', dweight), ...depositBinding('dbias', 'Accumulator', dbias)];
}

export function depositBinding(name: string, type: Binding['type'], deposit: Deposit): Binding[] {
  return deposit === 'none' ? [] : [{ name, resource: name, type, writes: true }];
}

interface Merge extends Pick<Pass, 'use' | 'bindings'> {
  /** The axes that the results vary along; along the others they are summed. */
  outer: readonly Dimension[];
  weight?: Binding | undefined;
  call?: Partial<CallNumbers>;
}

function mergePass(profile: Profile, sums: Sums, { outer, weight, use, bindings, call }: Merge): Pass {
  const map = partsMap(sums, outer);
  const groups = countOf({ dimensions: outer });
  const length = (countOf(sums) / groups) * sums.parts;
  const together = !profile.software && length > PARTS_ALONE && groups < profile.parallel / PARTS_ALONE;
  const lanes = together ? Math.min(profile.maxWorkgroup, powerOfTwo(length / 4)) : 1;
  const reduce = together ? 'workgroup' : 'invocation';
  const grid: Grid = { reduce, groups, length, lanes, chunk: length, elementsPerLoad: 1 };
  return makePass(profile, grid, {
    kernel: 'merge_sums',
    use: { vector: 'scalar', weight: weight ? 'given' : 'none', ...use },
    maps: { part: map, ...(weight && { weight: weightMap(sums, outer) }) },
    bindings: [
      { name: 'partials', resource: sums.resource, type: 'f32', writes: false },
      ...(weight ? [weight] : []),
      ...bindings,
    ],
    call: { part_plane: sumsPlane(sums), ...call },
  });
}

/** From a result, and which of its parts, to where that part lies. */
export function partsMap(sums: Sums, outer: readonly Dimension[]): IndexMap {
  const strides = stridesOf(sums.dimensions.map(({ size }) => size));
  const strideOf = (dimension: Dimension): number => strides[sums.dimensions.indexOf(dimension)]!;
  return mapOver(sums, outer, strideOf, partStrideOf(sums));
}

/** … and to its weight. */
function weightMap(sums: Sums, outer: readonly Dimension[]): IndexMap {
  return mapOver(sums, outer, ({ weight }) => weight, 0);
}

function mapOver(
  { dimensions, parts }: Sums,
  outer: readonly Dimension[],
  strideOf: (dimension: Dimension) => number,
  partStride: number,
): IndexMap {
  const inner = dimensions.filter((dimension) => !outer.includes(dimension));
  const terms = (axes: readonly Dimension[], more: { size: number; stride: number }[] = []) => {
    const all = [...more, ...axes.map((axis) => ({ size: axis.size, stride: strideOf(axis) }))];
    return termsOf(
      runsOf(
        all.map(({ size }) => size),
        all.map(({ stride }) => stride),
      ),
    );
  };
  return { group: terms(outer), element: terms(inner, [{ size: parts, stride: partStride }]) };
}
