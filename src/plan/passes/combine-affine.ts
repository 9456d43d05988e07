import type { Affine, Operand } from '../../problem/affine.ts';
import type { Problem } from '../../problem/problem.ts';
import { sizeOf, stridesOf } from '../../problem/shape.ts';
import type { Binding, Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { digitsAlong } from '../tiling/index-map.ts';
import type { IndexMap } from '../tiling/index-map.ts';
import { stridedAxes } from '../tiling/iteration-space.ts';
import type { StridedAxis } from '../tiling/iteration-space.ts';
import { placeOf } from './operands.ts';
import { makePass, oneInvocationEach } from './pass.ts';

const [WEIGHT, BIAS] = ['combinedWeight', 'combinedBias'] as const;

/** A problem with one weight and one bias, and what makes them. */
export interface Combined {
  problem: Problem;
  passes: Pass[];
  scratch: Record<string, number>;
}

/** Weight, bias, scale and shift as one weight and one bias, where there are both: no other kernel needs to know of more. */
export function combineAffine(problem: Problem, profile: Profile): Combined {
  const { weight, bias, zeroCenteredWeight, modulation } = problem;
  if (!modulation) return { problem, passes: [], scratch: {} };
  const affine: Affine = { weight, bias, zeroCenteredWeight };
  const varying = stridedAxes({ ...problem, combined: { affine, modulation } }).filter(
    ({ ownWeight, ownBias, scale, shift }) => ownWeight !== 0 || ownBias !== 0 || scale !== 0 || shift !== 0,
  );
  const strides = stridesOf(varying.map(({ size }) => size));
  const strideAlong = (ofX: number): number => strides[varying.findIndex((axis) => axis.x === ofX)] ?? 0;
  const view = { kept: problem.x.kept.map(strideAlong), reduced: problem.x.reduced.map(strideAlong) };
  const combined = (resource: string): Operand => ({ resource, dtype: 'f32', view });
  const groups = sizeOf(varying.map(({ size }) => size));
  return {
    problem: {
      ...problem,
      weight: combined(WEIGHT),
      bias: combined(BIAS),
      zeroCenteredWeight: false,
      modulation: null,
      combined: { affine, modulation },
    },
    passes: [combinePass(problem, profile, varying, groups, affine, modulation)],
    scratch: { [WEIGHT]: groups * 4, [BIAS]: groups * 4 },
  };
}

function combinePass(
  problem: Problem,
  profile: Profile,
  varying: readonly StridedAxis[],
  groups: number,
  affine: Affine,
  modulation: Affine,
): Pass {
  const map = (name: keyof typeof STRIDE): IndexMap => ({
    group: digitsAlong(varying.map((axis) => ({ size: axis.size, stride: axis[STRIDE[name]] }))),
    element: [],
  });
  return makePass(profile, oneInvocationEach(groups), {
    kernel: 'combine_affine',
    choose: { vector: 'scalar' },
    constants: zeroCentered(affine),
    maps: { weight: map('weight'), bias: map('bias'), scale: map('scale'), shift: map('shift') },
    bindings: [
      ...parameterBindings(problem, affine, ['weight', 'bias']),
      ...parameterBindings(problem, modulation, ['scale', 'shift']),
      { name: 'combined_weight', resource: WEIGHT, type: 'f32', access: 'write' },
      { name: 'combined_bias', resource: BIAS, type: 'f32', access: 'write' },
    ],
  });
}

/** The strides of each array that is combined. */
export const STRIDE = { weight: 'ownWeight', bias: 'ownBias', scale: 'scale', shift: 'shift' } as const;

/** Weight and bias, or scale and shift, read one number at a time. */
export function parameterBindings(
  problem: Problem,
  { weight, bias }: Affine,
  names: readonly ['weight', 'bias'] | readonly ['scale', 'shift'],
): Binding[] {
  return [weight, bias].flatMap((operand, index): Binding[] =>
    operand
      ? [{ name: names[index]!, ...placeOf(problem, operand), type: 'f32', dtype: operand.dtype, access: 'read' }]
      : [],
  );
}

export function zeroCentered({ weight, zeroCenteredWeight }: Affine): Pass['constants'] {
  return { ZERO_CENTERED_WEIGHT: weight !== null && zeroCenteredWeight };
}
