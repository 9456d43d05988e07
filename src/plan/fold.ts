import type { Affine, Operand } from '../problem/affine.ts';
import type { Problem } from '../problem/problem.ts';
import { sizeOf, stridesOf } from '../problem/shape.ts';
import { termsAlong } from './maps.ts';
import type { IndexMap } from './maps.ts';
import { placeOf } from './operands.ts';
import { invocations, makePass } from './pass.ts';
import type { Binding, Pass } from './plan.ts';
import type { Profile } from './profile.ts';
import { dimensionsOf } from './walk.ts';
import type { Dimension } from './walk.ts';

const [FACTOR, ADDEND] = ['foldedWeight', 'foldedBias'];

/** A problem with one weight and one bias, and what makes them. */
export interface Folded {
  problem: Problem;
  passes: Pass[];
  scratch: Record<string, number>;
}

/** Weight, bias, scale and shift as one weight and one bias, where there are both: no other kernel needs to know of more. */
export function foldAffine(problem: Problem, profile: Profile): Folded {
  const { weight, bias, plusOne, modulation } = problem;
  if (!modulation) return { problem, passes: [], scratch: {} };
  const own: Affine = { weight, bias, plusOne };
  const varying = dimensionsOf({ ...problem, folded: { own, modulation } }).filter(isVarying);
  const strides = stridesOf(varying.map(({ size }) => size));
  const folded = (resource: string): Operand => ({ resource, dtype: 'f32', view: viewOf(problem, varying, strides) });
  const bytes = sizeOf(varying.map(({ size }) => size)) * 4;
  return {
    problem: {
      ...problem,
      weight: folded(FACTOR!),
      bias: folded(ADDEND!),
      plusOne: false,
      modulation: null,
      folded: { own, modulation },
    },
    passes: [foldPass(problem, profile, varying, own, modulation)],
    scratch: { [FACTOR!]: bytes, [ADDEND!]: bytes },
  };
}

function isVarying({ ownWeight, ownBias, scale, shift }: Dimension): boolean {
  return ownWeight !== 0 || ownBias !== 0 || scale !== 0 || shift !== 0;
}

/** The strides of an array that varies along some axes only. */
function viewOf({ x }: Problem, varying: readonly Dimension[], strides: readonly number[]): Operand['view'] {
  const stride = (ofX: number): number => strides[varying.findIndex((dimension) => dimension.x === ofX)] ?? 0;
  return { kept: x.kept.map(stride), reduced: x.reduced.map(stride) };
}

function foldPass(
  problem: Problem,
  profile: Profile,
  varying: readonly Dimension[],
  own: Affine,
  modulation: Affine,
): Pass {
  const groups = sizeOf(varying.map(({ size }) => size));
  const parts = [affineArrays(problem, own, ['weight', 'bias']), affineArrays(problem, modulation, ['scale', 'shift'])];
  const map = (name: keyof typeof STRIDE): IndexMap => ({
    group: termsAlong(varying.map((dimension) => ({ size: dimension.size, stride: dimension[STRIDE[name]] }))),
    element: [],
  });
  return makePass(profile, invocations(groups), {
    kernel: 'fold_affine',
    use: { vector: 'scalar', ...parts[0]!.use, ...parts[1]!.use },
    maps: { weight: map('weight'), bias: map('bias'), scale: map('scale'), shift: map('shift') },
    bindings: [
      ...parts[0]!.bindings,
      ...parts[1]!.bindings,
      { name: 'factor', resource: FACTOR!, type: 'f32', writes: true },
      { name: 'addend', resource: ADDEND!, type: 'f32', writes: true },
    ],
  });
}

/** The strides of each array of a folded affine. */
export const STRIDE = { weight: 'ownWeight', bias: 'ownBias', scale: 'scale', shift: 'shift' } as const;

/** Weight and bias, or scale and shift, read one number at a time. */
export function affineArrays(
  problem: Problem,
  { weight, bias, plusOne }: Affine,
  [first, second]: readonly ['weight', 'bias'] | readonly ['scale', 'shift'],
): { use: Record<string, string>; bindings: Binding[] } {
  const array = (name: string, operand: Operand | null): Binding[] =>
    operand ? [{ name, ...placeOf(problem, operand), type: 'f32', dtype: operand.dtype, writes: false }] : [];
  const given = first === 'weight' && plusOne ? 'plus_one' : 'given';
  return {
    use: { [first]: weight ? given : 'none', [second]: bias ? 'given' : 'none' },
    bindings: [...array(first, weight), ...array(second, bias)],
  };
}
