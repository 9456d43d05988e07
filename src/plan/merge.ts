import type { Operand } from '../problem/affine.ts';
import type { Problem } from '../problem/problem.ts';
import { affineArrays, STRIDE } from './fold.ts';
import type { Pass } from './plan.ts';
import type { Profile } from './profile.ts';
import { mergePass, PLAIN } from './sums.ts';
import type { Factors, Sums } from './sums.ts';
import { maskedNumbers } from './operands.ts';
import { parameterBindings, parameterPieces, parametersOf, targetOf } from './targets.ts';
import type { ParametersWanted, Wanted } from './targets.ts';
import type { Dimension } from './walk.ts';

/** The gradients of all parameters, added up along the axes that they do not vary along. */
export function mergeParameters(profile: Profile, sums: Sums, problem: Problem, wanted: Wanted): Pass[] {
  const { folded } = problem;
  if (!folded) return mergePair(profile, sums, parametersOf(problem, wanted), ['weight', 'bias'], PLAIN);
  const { own, modulation } = folded;
  const both = affineArrays(problem, own, ['weight', 'bias']);
  const ofModulation: Factors = {
    use: { merged: 'modulated', ...both.use },
    constants: maskedNumbers(problem),
    bindings: both.bindings,
    strides: { weight: (dimension) => dimension[STRIDE.weight], bias: (dimension) => dimension[STRIDE.bias] },
  };
  const taking = ({ weight, bias }: Record<'weight' | 'bias', Operand | null>): ParametersWanted => ({
    dweight: targetOf(weight, wanted),
    dbias: targetOf(bias, wanted),
  });
  return [
    ...mergePair(profile, sums, taking(own), [STRIDE.weight, STRIDE.bias], scaledBy(problem)),
    ...mergePair(profile, sums, taking(modulation), [STRIDE.scale, STRIDE.shift], ofModulation),
  ];
}

/** Each part times the weight of its elements. */
export function weightedBy(problem: Problem): Factors {
  if (!problem.weight) return PLAIN;
  const { use, bindings } = affineArrays(problem, { ...problem, bias: null }, ['weight', 'bias']);
  return {
    use: { merged: 'weighted', weight: use['weight']! },
    constants: maskedNumbers(problem),
    bindings,
    strides: { weight: (dimension) => dimension.weight },
  };
}

/** Each part times the scale that follows weight and bias. */
export function scaledBy(problem: Problem): Factors {
  const { folded } = problem;
  if (!folded) return PLAIN;
  const { use, bindings } = affineArrays(problem, { ...folded.modulation, bias: null }, ['scale', 'shift']);
  return {
    use: { merged: 'scaled', scale: use['scale']! },
    constants: maskedNumbers(problem),
    bindings,
    strides: { scale: (dimension) => dimension[STRIDE.scale] },
  };
}

type Varying = 'weight' | 'bias' | (typeof STRIDE)[keyof typeof STRIDE];

/** The gradients of a weight and a bias: one pass if both vary along the same axes. */
function mergePair(
  profile: Profile,
  sums: Sums,
  { dweight, dbias }: ParametersWanted,
  [weight, bias]: readonly [Varying, Varying],
  factors: Factors,
): Pass[] {
  const axesOf = (name: Varying): Dimension[] => sums.dimensions.filter((dimension) => dimension[name] !== 0);
  const pass = (name: Varying, targets: ParametersWanted): Pass =>
    mergePass(profile, sums, {
      outer: axesOf(name).toSorted((a, b) => b[name] - a[name]),
      factors,
      use: { keep: 'none', ...parameterPieces(targets) },
      bindings: parameterBindings(targets),
    });
  const [ofWeight, ofBias] = [axesOf(weight), axesOf(bias)];
  const alike =
    ofWeight.length === ofBias.length &&
    ofWeight.every((axis, index) => axis === ofBias[index] && axis[weight] === axis[bias]);
  if (dweight && dbias && alike) return [pass(weight, { dweight, dbias })];
  return [
    ...(dweight ? [pass(weight, { dweight, dbias: null })] : []),
    ...(dbias ? [pass(bias, { dweight: null, dbias })] : []),
  ];
}
