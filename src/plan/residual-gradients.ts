import { isHalf } from '../problem/dtype.ts';
import type { Problem } from '../problem/problem.ts';
import { sizeOf } from '../problem/shape.ts';
import type { GradientRequest, WriteMode } from './gradient-request.ts';
import type { Renaming } from './passes/gradient-operands.ts';

/** How the gradient of the sum s = x + gate · residual goes on to what it is the sum of. */
export interface ResidualGradients {
  /** What the normalization's own gradient is to give. */
  request: GradientRequest;
  names: Renaming;
  /** What follows: dx, dresidual and dgate as the gradient of y = gate · x, which knows no statistics. */
  steps: GradientStep[];
  scratch: Record<string, number>;
}

/** A gradient that follows, of one that is there. */
export interface GradientStep {
  problem: Problem;
  request: GradientRequest;
  names: Renaming;
}

/** The gradient of the sum, where dx is not that alone. */
const DS = 'gradientOfSum';

/** `fuses`: what arrives at the sum by another way is added in the same pass. */
export function planResidualGradients(problem: Problem, request: GradientRequest, fuses: boolean): ResidualGradients {
  const { dresidual, dgate, ...own } = request.outputs;
  const { dx } = own;
  const separate = dresidual !== undefined || dgate !== undefined;
  // dx itself holds the gradient of the sum, unless it is not wanted, holds something else too, or less of it than a gate is to be multiplied with.
  const isRounded = problem.gate !== null && isHalf(problem.dtype);
  const inDx = !separate || (dx === 'write' && !isRounded);
  const wantsSum = separate || dx !== undefined;
  const ds = inDx ? { resource: 'dx' } : { resource: DS, dtype: 'f32' as const };
  const addsLater = request.dresidualOut && !fuses && wantsSum;
  return {
    request: {
      outputs: inDx ? own : { ...own, dx: 'write' },
      sums: request.sums,
      dresidualOut: request.dresidualOut && fuses,
    },
    names: inDx ? {} : { dx: ds },
    steps: [
      ...(addsLater ? [passOn(problem, { resource: 'dresidualOut' }, ds, 'accumulate')] : []),
      ...(separate && dx && !inDx ? [passOn(problem, ds, { resource: 'dx' }, dx)] : []),
      ...(separate ? [residualStep(problem, ds, { dx: dresidual, dgate })] : []),
    ],
    scratch: inDx ? {} : { [DS]: sizeOf(problem.shape) * 4 },
  };
}

/** A gradient that goes on as it is. */
function passOn(problem: Problem, from: Renaming[string], to: Renaming[string], dx: WriteMode): GradientStep {
  return {
    problem: withoutStatistics(problem),
    request: { outputs: { dx }, sums: 'own', dresidualOut: false },
    names: { x: from, dy: from, dx: to },
  };
}

/** dresidual = gate · ds and dgate = sum(ds · residual) (G15, docs/gradients.md): those of a normalization that leaves the residual as it is. */
function residualStep(
  problem: Problem,
  from: Renaming[string],
  { dx, dgate }: { dx: WriteMode | undefined; dgate: WriteMode | undefined },
): GradientStep {
  return {
    problem: { ...withoutStatistics(problem), weight: problem.gate },
    request: { outputs: { ...(dx && { dx }), ...(dgate && { dgate }) }, sums: 'own', dresidualOut: false },
    names: { x: problem.gate ? { resource: 'residual' } : from, dy: from, dx: { resource: 'dresidual' } },
  };
}

/** The problem of a gradient that goes on as it is, or times a weight: x_hat is x. */
export function withoutStatistics(problem: Problem): Problem {
  return {
    ...problem,
    weight: null,
    bias: null,
    zeroCenteredWeight: false,
    outputDtype: problem.dtype,
    modulation: null,
    residual: false,
    gate: null,
    multiply: null,
    add: null,
    partial: null,
    activation: null,
    mask: problem.maskOutput ? problem.mask : null,
    measure: 'rms',
    source: 'running',
    channel: null,
    style: null,
  };
}
