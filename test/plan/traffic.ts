import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { rmsNormQuantizedDefinition } from '../../src/norms/quantized.ts';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import { planBackward } from '../../src/plan/backward.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { GradientName, GradientOutputs } from '../../src/plan/gradient-request.ts';
import { isWritten } from '../../src/plan/plan.ts';
import type { Pass, Plan } from '../../src/plan/plan.ts';
import type { Profile } from '../../src/plan/profile.ts';
import { bytesPerElement } from '../../src/problem/dtype.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { sizeOf } from '../../src/problem/shape.ts';
import { described, state, stateForward } from './every-problem.ts';

/** What the passes of a call read and write of arrays as large as x. */

/** Bytes for each element of x. */
export interface Traffic {
  read: number;
  written: number;
}

/** … and in how many passes. */
export interface Counted extends Traffic {
  passes: number;
}

const LARGE = new Set([
  'x',
  'y',
  'residual',
  'residualOut',
  'dy',
  'dresidualOut',
  'dx',
  'dresidual',
  'by',
  'add',
  'dby',
  'dadd',
]);

export function trafficOf(plan: Plan, problem: Problem): Counted {
  const least = sizeOf(problem.shape) * 4;
  const isLarge = (resource: string): boolean => LARGE.has(resource) || (plan.scratch[resource] ?? 0) >= least;
  const traffic = { read: 0, written: 0, passes: plan.passes.length };
  for (const pass of plan.passes) {
    for (const { resource, dtype = 'f32', access } of pass.bindings) {
      if (!isLarge(resource)) continue;
      if (isWritten({ access })) traffic.written += bytesPerElement(dtype);
      else traffic.read += bytesPerElement(dtype) * readingsOf(pass);
    }
  }
  return traffic;
}

/** A pass that sees whole groups and holds none of them reads each twice, and for a scale of what it does not hold at once thrice. */
function readingsOf({ kernel, choose, constants, bindings }: Pass): number {
  if (choose.output === 'quantized' && choose.tile === 'memory') {
    const given = bindings.some(({ name }) => name === 'given_scales');
    const isThere = constants['SPANS_GROUP'] === false && constants['SPAN_LOADS']! < constants['AT_ONCE']!;
    return given || isThere ? 2 : 3;
  }
  const computes = kernel === 'normalize' && choose.source === 'computed' && choose.tile === 'memory';
  return computes || (kernel === 'group_gradient' && choose.tile === 'memory') ? 2 : 1;
}

/** What a call does besides normalizing. */
export interface Fusing {
  residual?: true;
  gate?: true;
  modulated?: true;
  activation?: true;
  /** A factor of z, through SiLU. */
  multiplied?: true;
  added?: true;
  mask?: true;
}

/** `on chip`: rows that fit there, of the last axis (or, where there is a mask, images); `batch`: BatchNorm in training. */
export type Place = 'on chip' | 'batch';

/** Of a call in f32. */
export function fusedTraffic(place: Place, fusing: Fusing, profile: Profile): Record<'forward' | 'backward', Traffic> {
  return trafficOfCall(problemOf(place, fusing), profile);
}

/** Of LayerNorm with a residual over rows of f16. */
export function halfTraffic(length: number, profile: Profile): Record<'forward' | 'backward', Counted> {
  const shape = [2048, length];
  const options = { weight: described([length]), residual: described(shape, 'f16') };
  return trafficOfCall(stateForward(layerNormDefinition, shape, options, 'f16'), profile);
}

/** Of RMSNorm of heads that are rotated. */
export function rotaryTraffic(
  { positions = false }: { positions?: boolean },
  profile: Profile,
): Record<'forward' | 'backward', Traffic> {
  const shape = [8, 256, 8, 128];
  const table = described([256, 64]);
  const given = positions && { positions: described([256], 'u32') };
  const rotary = { cos: table, sin: table, tokenAxis: 1, ...given };
  return trafficOfCall(stateForward(rmsNormDefinition, shape, { weight: described([128]), rotary }), profile);
}

/** Of RMSNorm over rows of f16 whose result is quantized. */
export function quantizedTraffic(length: number, options: QuantizedOptions, profile: Profile): Counted {
  const shape = [8192, length];
  const { residual, ...rest } = options;
  const residuals = residual && { residual: described(shape, 'f16'), residualOut: described(shape, 'f16') };
  const problem = state(
    rmsNormQuantizedDefinition,
    shape,
    { weight: described([length]), ...rest, ...residuals },
    'f16',
  );
  return trafficOf(planForward(problem, profile), problem);
}

/** What is asked of such a call. */
export interface QuantizedOptions {
  groupSize?: number;
  residual?: true;
}

/** The same and a pass of its own that quantizes what it gives, reading each row once. */
export function separatelyQuantizedTraffic(length: number, profile: Profile): Counted {
  const problem = state(rmsNormDefinition, [8192, length], { weight: described([length]) }, 'f16');
  const { read, written, passes } = trafficOf(planForward(problem, profile), problem);
  return { read: read + 2, written: written + 1, passes: passes + 1 };
}

/** Forward as in training, and backward with all gradients, where one arrives at residualOut too. */
function trafficOfCall(problem: Problem, profile: Profile): Record<'forward' | 'backward', Counted> {
  const request = { outputs: outputsOf(problem), sums: 'own', dresidualOut: problem.residual !== null } as const;
  return {
    forward: trafficOf(planForward(problem, profile), problem),
    backward: trafficOf(planBackward(problem, request, profile), problem),
  };
}

/** All gradients, that of the residual only where dx is not it. */
function outputsOf(problem: Problem): GradientOutputs {
  const { gate, combined, multiply, add } = problem;
  const outputs: GradientOutputs = { dx: 'write', ...(multiply && { dby: 'write' }), ...(add && { dadd: 'write' }) };
  const affines = combined ? [combined.affine, combined.modulation] : [problem];
  for (const { weight, bias } of affines) {
    for (const operand of [weight, bias]) if (operand) outputs[`d${operand.resource}` as GradientName] = 'write';
  }
  return gate ? { ...outputs, dgate: 'write', dresidual: 'write' } : outputs;
}

function problemOf(place: Place, { residual, gate, modulated, activation, multiplied, added, mask }: Fusing): Problem {
  const shape = place === 'batch' ? [32, 64, 56, 56] : mask ? [8, 64, 32, 32] : [8, 256, 1024];
  const channels = place === 'batch' || mask ? shape[1]! : shape[2]!;
  const samples = described([shape[0]!, channels]);
  const options = {
    weight: described([channels]),
    bias: described([channels]),
    ...(residual && { residual: described(shape) }),
    ...(gate && { gate: samples }),
    ...(modulated && { modulation: { scale: samples, shift: samples } }),
    ...(multiplied && { multiply: { by: described(shape), activation: 'silu' as const } }),
    ...(added && { add: described(shape) }),
    ...(activation && { activation: 'silu' as const }),
    ...(mask && { mask: described([shape[0]!, ...shape.slice(2)]), maskOutput: true }),
  };
  if (place === 'batch') return stateForward(batchNormDefinition, shape, { ...options, training: true });
  return mask
    ? stateForward(instanceNormDefinition, shape, options)
    : stateForward(layerNormDefinition, shape, options);
}
