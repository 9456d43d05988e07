/** Calls that must not compile. The type check of the tests reads this file; nothing runs it. */
import {
  adaptiveInstanceNorm,
  groupNorm,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  moments,
  normalize,
  rmsNormBackward,
} from 'webgpu-norm';
import type { Context, ForwardResult, GradientTensors, Saved, Tensor } from 'webgpu-norm';

export function calls(context: Context, x: Tensor, saved: Saved, sums: GradientTensors): (Tensor | ForwardResult)[] {
  // @ts-expect-error a number of groups must be given
  groupNorm(x, {});
  // @ts-expect-error axes must be given
  normalize(x, { statistic: 'rms' });
  // @ts-expect-error a statistic must be given
  normalize(x, { axes: 1 });
  // @ts-expect-error axes must be given
  moments(x, {});
  // @ts-expect-error axes are an option
  moments(x, 1);
  // @ts-expect-error there is no such statistic
  normalize(x, { axes: 1, statistic: 'median' });
  // @ts-expect-error the option is `axes`
  layerNorm(x, { axis: 1 });
  // @ts-expect-error parameters are tensors
  layerNorm(x, { weight: new Float32Array(4) });
  // @ts-expect-error the style is a tensor
  adaptiveInstanceNorm(x, { eps: 1e-5 });
  // @ts-expect-error nothing follows the options
  layerNorm(x, {}, { out: x });
  // @ts-expect-error the Forward function saves
  layerNorm(x, { save: true });
  // @ts-expect-error a Forward function gives { y, saved }
  const trained: Tensor = layerNormForward(x);
  // @ts-expect-error any other gives y
  const plain: ForwardResult = layerNorm(x);
  // @ts-expect-error there is no f64
  context.empty([4], { dtype: 'f64' });
  // @ts-expect-error there is a gradient of the weight only where there is one
  const dweight: Tensor = rmsNormBackward(x, saved).dweight;
  // @ts-expect-error what was not asked for is not there
  const dx: Tensor = layerNormBackward(x, saved, { gradients: ['dbias'] }).dx;
  // @ts-expect-error a layer has no style
  layerNormBackward(x, saved, { gradients: ['dstyle'] });
  // @ts-expect-error nor a tensor for its gradient
  layerNormBackward(x, saved, { out: { dstyle: x } });
  // @ts-expect-error nor one that it is added to
  layerNormBackward(x, saved, { accumulate: { dstyle: x } });
  layerNormBackward(x, saved, { out: { dx: x }, accumulate: sums });
  // @ts-expect-error sums are for BatchNorm
  layerNormBackward(x, saved, { sums: undefined });
  // @ts-expect-error a tensor keeps its shape
  x.shape[0] = 400;
  // @ts-expect-error and its strides
  x.strides[0] = 1;
  return [trained, plain, dweight, dx];
}
