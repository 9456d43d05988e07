import type { Operand } from '../../problem/affine.ts';
import type { Problem } from '../../problem/problem.ts';
import type { GradientPasses } from '../backward-problem.ts';
import { NO_PARAMETERS, outputsFor, parameterGradientBindings } from '../gradient-request.ts';
import type { GradientOutputs, ParameterOutput, ParameterOutputs, WriteMode } from '../gradient-request.ts';
import type { Binding, Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import type { StridedAxis } from '../tiling/iteration-space.ts';
import type { Uniforms } from '../uniforms.ts';
import { parameterBindings, STRIDE, zeroCentered } from './combine-affine.ts';
import { countOf, mapOver, partsMap, sumsPlane } from './gradient-sums-layout.ts';
import type { SumsLayout } from './gradient-sums-layout.ts';
import { mergeGrid } from './merge-grid.ts';
import { makePass } from './pass.ts';

/** Factors of each part of a sum: flags, arrays, and those arrays' strides. */
interface Factors extends Pick<Pass, 'constants' | 'bindings'> {
  strides: Record<string, (axis: StridedAxis) => number>;
}

const PLAIN: Factors = { constants: {}, bindings: [], strides: {} };

/** The parts of each sum, and along the axes that `merged` lacks the sums themselves, added up; they may be dweight and dbias too. */
export function mergeGradientSums(
  profile: Profile,
  sums: SumsLayout,
  merged: SumsLayout,
  outputs: ParameterOutputs = NO_PARAMETERS,
  factors: Factors = PLAIN,
): Pass {
  const outer = sums.axes.filter(({ x }) => merged.axes.some((axis) => axis.x === x));
  const parameters = parameterGradientBindings(outputs);
  if (parameters.length === 0) return mergePass(profile, sums, outer, factors, { bindings: asGradients(merged) });
  return mergePass(profile, sums, outer, factors, {
    bindings: [{ name: 'sums', resource: merged.resource, type: 'Accumulator', access: 'write' }, ...parameters],
    uniforms: { sums_plane: sumsPlane(merged) },
  });
}

/** Sums by themselves are bound as what they are the gradients of in other calls (G6), plane by plane: so the program is the same. */
function asGradients(sums: SumsLayout): Binding[] {
  const byteSize = 4 * countOf(sums);
  return parameterGradientBindings({
    dweight: { resource: sums.resource, dtype: 'f32', access: 'write' },
    dbias: { resource: sums.resource, dtype: 'f32', access: 'write' },
  }).map((binding) => ({ ...binding, byteOffset: binding.name === 'dbias' ? 0 : 4 * sumsPlane(sums), byteSize }));
}

/** The gradients of all parameters, added up along the axes that they do not vary along. */
export function mergeParameterGradients(
  profile: Profile,
  sums: SumsLayout,
  problem: Problem,
  outputs: GradientOutputs,
): Pass[] {
  const { combined } = problem;
  if (!combined) return mergePair(profile, sums, outputsFor(problem, outputs), ['weight', 'bias'], PLAIN);
  const { affine, modulation } = combined;
  const byAffine: Factors = {
    constants: { MODULATED: true, MASK_OUTPUT: problem.maskOutput, ...zeroCentered(affine) },
    bindings: parameterBindings(problem, affine, ['weight', 'bias']),
    strides: { weight: (axis) => axis[STRIDE.weight], bias: (axis) => axis[STRIDE.bias] },
  };
  return [
    ...mergePair(profile, sums, outputsFor(affine, outputs), [STRIDE.weight, STRIDE.bias], scaledBy(problem)),
    ...mergePair(profile, sums, outputsFor(modulation, outputs), [STRIDE.scale, STRIDE.shift], byAffine),
  ];
}

/** The gradient of a weight alone, added up along the axes that it does not vary along. */
export function mergeWeightGradient(profile: Profile, sums: SumsLayout, { dweight }: ParameterOutputs): Pass[] {
  return mergePair(profile, sums, { dweight, dbias: null }, ['weight', 'bias'], PLAIN);
}

/** The gradient of a gate or a meanScale, added up along the axes that it does not vary along: its sums are in the plane that follows those of dweight. */
export function mergeThirdPlane(
  profile: Profile,
  sums: SumsLayout,
  { resource, dtype }: Operand,
  name: 'gate' | 'mean_scale',
  access: WriteMode,
): Pass {
  const outer = sums.axes.filter((axis) => axis[name] !== 0).toSorted((a, b) => b[name] - a[name]);
  const bindings = parameterGradientBindings({ dweight: { resource: `d${resource}`, dtype, access }, dbias: null });
  return readFrom(mergePass(profile, sums, outer, PLAIN, { bindings }), 4 * sumsPlane(sums));
}

/**
 * The gradients of alpha and its shift (G26), whose sums are in the planes that follow those of dbias and dweight: added up over parts first, so that
 * many lanes have some of them, then over all.
 */
export function mergePointwiseGradients(
  profile: Profile,
  sums: SumsLayout,
  { alpha, inputShift }: Problem,
  { dalpha, dinputShift }: GradientOutputs,
): GradientPasses {
  const output = (operand: Operand | null, access: WriteMode | undefined): ParameterOutput | null =>
    operand && access ? { resource: `d${operand.resource}`, dtype: operand.dtype, access } : null;
  const bindings = parameterGradientBindings({
    dweight: output(alpha, dalpha),
    dbias: output(inputShift, dinputShift),
  });
  const above = 2 * 4 * sumsPlane(sums);
  const one = (from: SumsLayout): Pass => mergePass(profile, from, [], PLAIN, { bindings });
  if (sums.parts === 1) return { passes: [readFrom(one(sums), above)], sums: [] };
  const merged: SumsLayout = { resource: 'pointwiseSums', axes: sums.axes, parts: 1 };
  return { passes: [readFrom(mergeGradientSums(profile, sums, merged), above), one(merged)], sums: [merged] };
}

/** A pass that reads its parts from some byte on. */
function readFrom(pass: Pass, byteOffset: number): Pass {
  const [partials, ...rest] = pass.bindings;
  return { ...pass, bindings: [{ ...partials!, byteOffset }, ...rest] };
}

/** Each part times the weight of its elements. */
export function weightedBy(problem: Problem): Factors {
  if (!problem.weight) return PLAIN;
  return {
    constants: { MASK_OUTPUT: problem.maskOutput, ...zeroCentered(problem) },
    bindings: parameterBindings(problem, { ...problem, bias: null }, ['weight', 'bias']),
    strides: { weight: (axis) => axis.weight },
  };
}

/** Each part times the scale that follows weight and bias. */
export function scaledBy(problem: Problem): Factors {
  const { combined } = problem;
  if (!combined) return PLAIN;
  return {
    constants: { MASK_OUTPUT: problem.maskOutput },
    bindings: parameterBindings(problem, { ...combined.modulation, bias: null }, ['scale', 'shift']),
    strides: { scale: (axis) => axis[STRIDE.scale] },
  };
}

type Varying = 'weight' | 'bias' | (typeof STRIDE)[keyof typeof STRIDE];

/** The gradients of a weight and a bias: one pass if both vary along the same axes. */
function mergePair(
  profile: Profile,
  sums: SumsLayout,
  { dweight, dbias }: ParameterOutputs,
  [weight, bias]: readonly [Varying, Varying],
  factors: Factors,
): Pass[] {
  const axesOf = (name: Varying): StridedAxis[] => sums.axes.filter((axis) => axis[name] !== 0);
  const pass = (name: Varying, outputs: ParameterOutputs): Pass => {
    const outer = axesOf(name).toSorted((a, b) => b[name] - a[name]);
    return mergePass(profile, sums, outer, factors, { bindings: parameterGradientBindings(outputs) });
  };
  const [ofWeight, ofBias] = [axesOf(weight), axesOf(bias)];
  const sameAxes =
    ofWeight.length === ofBias.length &&
    ofWeight.every((axis, index) => axis === ofBias[index] && axis[weight] === axis[bias]);
  if (dweight && dbias && sameAxes) return [pass(weight, { dweight, dbias })];
  return [
    ...(dweight ? [pass(weight, { dweight, dbias: null })] : []),
    ...(dbias ? [pass(bias, { dweight: null, dbias })] : []),
  ];
}

/** `outer`: the axes that the results vary along; along the others they are summed. */
function mergePass(
  profile: Profile,
  sums: SumsLayout,
  outer: readonly StridedAxis[],
  factors: Factors,
  { bindings, uniforms }: Pick<Pass, 'bindings'> & { uniforms?: Partial<Uniforms> },
): Pass {
  const groups = countOf({ axes: outer });
  const length = (countOf(sums) / groups) * sums.parts;
  const grid = mergeGrid(profile, groups, length, groups < profile.parallel);
  const maps = Object.entries(factors.strides).map(([name, strideOf]) => [name, mapOver(sums, outer, strideOf)]);
  return makePass(profile, grid, {
    kernel: 'merge_gradient_sums',
    choose: { vector: 'scalar' },
    constants: factors.constants,
    maps: { part: partsMap(sums, outer), ...(Object.fromEntries(maps) as Pass['maps']) },
    bindings: [
      { name: 'partials', resource: sums.resource, type: 'f32', access: 'read' },
      ...factors.bindings,
      ...bindings,
    ],
    uniforms: { partials_plane: sumsPlane(sums), ...uniforms },
  });
}
