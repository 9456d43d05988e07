/** What fused calls give, and fusions that must not compile. The type check of the tests reads this file; nothing runs it. */
import {
  adaptiveInstanceNorm,
  batchNorm,
  groupNormForward,
  instanceNormForward,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  normalize,
  rmsNorm,
} from 'webgpu-norm';
import type { Context, Encoder, ForwardResult, Gradients, Saved, Tensor } from 'webgpu-norm';

export function results(x: Tensor, residual: Tensor, saved: Saved, encoder: Encoder, flag: boolean): unknown[] {
  const y: Tensor = layerNorm(x, { residual, activation: 'gelu', modulation: { scale: x, shift: x } });
  const first: Tensor = rmsNorm(x, { residual, residualOut: y, partial: 0.5 });
  const both: ForwardResult = groupNormForward(x, { numGroups: 2, residual });
  const all: ForwardResult = layerNormForward(x, { residual, gate: x, residualOut: y, out: first });
  const alone: ForwardResult = instanceNormForward(x, { mask: x, maskOutput: true });
  const styled: Tensor = adaptiveInstanceNorm(x, x, { residual, residualOut: y });
  const { dx, dresidual, dgate }: Gradients<'dx'> = layerNormBackward(x, saved, { dresidualOut: x });
  const { dscale }: { dscale: Tensor } = layerNormBackward(x, saved, { gradients: ['dscale'] });
  layerNorm(x, { out: y });
  layerNorm(x, { residual, out: y, residualOut: first, encoder });
  layerNormBackward(x, saved, { out: { dx }, accumulate: { dweight: x }, encoder });
  batchNorm(x, { training: true, mask: x, activation: 'leaky-relu', negativeSlope: 0.2, zeroCenteredWeight: flag });
  return [y, first, both.residualOut, both.saved, all.y, alone, styled, dresidual, dgate, dscale];
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
  // @ts-expect-error pictures that take a style are not masked
  adaptiveInstanceNorm(x, x, { mask: x });
  // @ts-expect-error a part is taken of a mean square only
  layerNorm(x, { partial: 0.5 });
  // @ts-expect-error here too
  normalize(x, { axes: 1, partial: 0.5 });
  // @ts-expect-error a style brings the weight
  adaptiveInstanceNorm(x, x, { weight: x });
  // @ts-expect-error a residual is a tensor
  layerNorm(x, { residual: new Float32Array(4) });
  // @ts-expect-error scale and shift are of a modulation
  layerNorm(x, { scale: x, shift: x });
  // @ts-expect-error what takes x + residual is a tensor
  layerNorm(x, { residual, residualOut: true });
  // @ts-expect-error a call that is given it gives y nevertheless
  const plain: ForwardResult = layerNorm(x, { residual, residualOut: x });
  // @ts-expect-error a Forward function gives it only where the call had a residual
  const residualOut: Tensor = layerNormForward(x).residualOut;
  // @ts-expect-error what was not asked for is not there
  const dgate: Tensor = layerNormBackward(x, saved, { gradients: ['dresidual'] }).dgate;
  // @ts-expect-error there is a gradient of the residual only where there is one
  const dresidual: Tensor = layerNormBackward(x, saved).dresidual;
  // @ts-expect-error what arrives at residualOut is a tensor
  layerNormBackward(x, saved, { dresidualOut: 1 });
  return [plain, residualOut, dgate, dresidual];
}
