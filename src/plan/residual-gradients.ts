import type { Views } from '../problem/affine.ts';
import { isHalf } from '../problem/dtype.ts';
import type { Problem } from '../problem/problem.ts';
import { sizeOf } from '../problem/shape.ts';
import { viewOf } from '../problem/strides.ts';
import type { GradientName, GradientRequest, WriteMode } from './gradient-request.ts';
import { passOn, scratchArray, sumOver, withoutStatistics } from './gradient-steps.ts';
import type { GradientStep, ViewedArray } from './gradient-steps.ts';
import { ofRows } from './sequences.ts';
import type { Renaming } from './passes/gradient-operands.ts';

/** How the gradient of the sum s = x + inputBias + gate · residual goes on to what it is the sum of. */
export interface ResidualGradients {
  /** The request to the normalization's own gradient. */
  request: GradientRequest;
  names: Renaming;
  /** Where the gradient of the sum lies, if not where dx does. */
  views: Views;
  /** Gradients that follow: dx, dresidual and dgate as the gradient of y = gate · x, which knows no statistics, and dinputBias as that of y = x + bias. */
  steps: GradientStep[];
  scratch: Record<string, number>;
}

/** The gradient of the sum, where dx is not that alone. */
const DS = 'gradientOfSum';

/** `fuses`: what arrives at the sum by another way is added in the same pass. */
export function planResidualGradients(original: Problem, request: GradientRequest, fuses: boolean): ResidualGradients {
  const problem = ofRows(original);
  const { residual, gate, inputBias } = problem;
  const { dresidual: ofResidual, dgate, dinputBias, ...own } = request.outputs;
  const { dx } = own;
  const dresidual = residual === null ? undefined : ofResidual;
  const bias = inputBias?.resource === 'residual' ? ofResidual : dinputBias;
  const separate = dresidual !== undefined || dgate !== undefined || bias !== undefined;
  const addsLater = request.dresidualOut && !fuses && (separate || dx !== undefined);
  // dx itself holds the gradient of the sum, unless it is not wanted, holds something else too, or less of it than is to be added to, multiplied or summed.
  const isUsedAgain = gate !== null || bias !== undefined || residual === 'f32' || dresidual === 'accumulate';
  const isRounded = isHalf(problem.dtype) && (addsLater || (separate && isUsedAgain));
  const inDx = !isRounded && (!separate || dx === 'write');
  const ofDx: ViewedArray = { array: { resource: 'dx' }, view: viewOf(problem, 'dx') };
  const ds = inDx ? ofDx : scratchArray(problem, DS);
  const arriving: ViewedArray = {
    array: { resource: 'dresidualOut', dtype: problem.inputDtype },
    view: viewOf(problem, 'dresidual_out'),
  };
  return {
    request: {
      outputs: inDx ? own : { ...own, dx: 'write' },
      sums: request.sums,
      dresidualOut: request.dresidualOut && fuses,
    },
    names: inDx ? {} : { dx: ds.array },
    views: inDx ? {} : { dx: ds.view },
    steps: [
      ...(addsLater ? [passOn(problem, arriving, ds, 'accumulate')] : []),
      ...(dx && !inDx ? [passOn(problem, ds, ofDx, dx)] : []),
      ...(dresidual || dgate ? [residualStep(problem, ds, { dx: dresidual, dgate })] : []),
      ...(bias ? [sumOver(problem, inputBias!, ds, `d${inputBias!.resource}` as GradientName, bias)] : []),
    ],
    scratch: inDx ? {} : { [DS]: sizeOf(problem.shape) * 4 },
  };
}

/** dresidual = gate · ds and dgate = sum(ds · residual) (G15, docs/gradients.md): those of a normalization that leaves the residual as it is. */
function residualStep(
  problem: Problem,
  from: ViewedArray,
  { dx, dgate }: { dx: WriteMode | undefined; dgate: WriteMode | undefined },
): GradientStep {
  const dtype = problem.residual!;
  return {
    problem: {
      ...withoutStatistics(problem),
      x: problem.gate ? viewOf(problem, 'residual') : from.view,
      views: { dy: from.view, dx: viewOf(problem, 'dresidual') },
      weight: problem.gate,
    },
    request: { outputs: { ...(dx && { dx }), ...(dgate && { dgate }) }, sums: 'own', dresidualOut: false },
    names: {
      x: problem.gate ? { resource: 'residual', dtype } : from.array,
      dy: from.array,
      dx: { resource: 'dresidual', dtype },
    },
  };
}
