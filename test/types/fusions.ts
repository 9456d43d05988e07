/** What fused calls give, and fusions that must not compile. The type check of the tests reads this file; nothing runs it. */
import {
  adaptiveInstanceNorm,
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  layerNormBackward,
  normalize,
  rmsNorm,
} from 'webgpu-norm';
import type { Context, Gradients, Saved, Saving, Summing, Tensor } from 'webgpu-norm';

export function results(x: Tensor, residual: Tensor, saved: Saved, flag: boolean): unknown[] {
  const y: Tensor = layerNorm(x, { residual, activation: 'gelu', scale: x, shift: x });
  const { y: first, sum }: Summing = rmsNorm(x, { residual, returnSum: true, partial: 0.5 });
  const both: Saving & Summing = groupNorm(x, { numGroups: 2, residual, save: true });
  const all: Saving & Summing = layerNorm(x, { residual, gate: x, save: true, returnSum: true });
  const alone: Saving = instanceNorm(x, { save: true, mask: x, maskOutput: true });
  const styled: Summing = adaptiveInstanceNorm(x, x, { residual, returnSum: true });
  const { dresidual, dgate }: Gradients = layerNormBackward(x, saved, { dsum: x });
  const { dscale }: { dscale: Tensor } = layerNormBackward(x, saved, { outputs: ['dscale'] });
  layerNorm(x, {}, { out: y });
  layerNorm(x, { residual, returnSum: true }, { out: y, outSum: sum });
  batchNorm(x, { training: true, mask: x, activation: 'leaky-relu', negativeSlope: 0.2, zeroCenteredWeight: flag });
  return [y, first, sum, both.sum, both.saved, all.y, alone, styled, dresidual, dgate, dscale];
}

export function dtypes(context: Context): Tensor[] {
  // @ts-expect-error there is no f8
  context.empty([4], { dtype: 'f8' });
  return [context.empty([4], { dtype: 'bf16' }), context.tensor(new Uint16Array(4), [4], { dtype: 'f16' })];
}

export function refused(x: Tensor, residual: Tensor, saved: Saved): unknown[] {
  // @ts-expect-error there is no such activation
  layerNorm(x, { activation: 'swish' });
  // @ts-expect-error activations are written in lower case
  batchNorm(x, { training: true, activation: 'ReLU' });
  // @ts-expect-error a layer has no positions to mask
  layerNorm(x, { mask: x });
  // @ts-expect-error groups are not masked
  groupNorm(x, { numGroups: 2, mask: x });
  // @ts-expect-error nor are pictures that take a style
  adaptiveInstanceNorm(x, x, { mask: x });
  // @ts-expect-error a part is taken of a mean square only
  layerNorm(x, { partial: 0.5 });
  // @ts-expect-error here too
  normalize(x, { axes: 1, partial: 0.5 });
  // @ts-expect-error a style brings the weight
  adaptiveInstanceNorm(x, x, { weight: x });
  // @ts-expect-error a residual is a tensor
  layerNorm(x, { residual: new Float32Array(4) });
  // @ts-expect-error there is no sum without a residual
  layerNorm(x, { returnSum: true });
  // @ts-expect-error a call that returns the sum gives { y, sum }
  const y: Tensor = layerNorm(x, { residual, returnSum: true });
  // @ts-expect-error a call that does not gives y
  const { sum }: Summing = layerNorm(x, { residual });
  // @ts-expect-error a call that saves has a sum only where it has a residual
  const summing: Summing = layerNorm(x, { save: true });
  // @ts-expect-error what was not asked for is not there
  const dgate: Tensor = layerNormBackward(x, saved, { outputs: ['dresidual'] }).dgate;
  // @ts-expect-error there is a gradient of the residual only where there is one
  const dresidual: Tensor = layerNormBackward(x, saved).dresidual;
  // @ts-expect-error what arrives at the sum is a tensor
  layerNormBackward(x, saved, { dsum: 1 });
  return [y, sum, summing, dgate, dresidual];
}
