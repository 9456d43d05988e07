/** Calls that must not compile. The type check of the tests reads this file; nothing runs it. */
import {
  adaptiveInstanceNorm,
  groupNorm,
  layerNorm,
  layerNormBackward,
  moments,
  normalize,
  rmsNormBackward,
} from 'webgpu-norm';
import type { Context, Saved, Saving, Tensor } from 'webgpu-norm';

export function calls(context: Context, x: Tensor, saved: Saved): (Tensor | Saving)[] {
  // @ts-expect-error a number of groups must be given
  groupNorm(x, {});
  // @ts-expect-error axes must be given
  normalize(x, {});
  // @ts-expect-error axes must be given
  moments(x, {});
  // @ts-expect-error there is no such statistic
  normalize(x, { axes: 1, statistic: 'median' });
  // @ts-expect-error the option is `axes`
  layerNorm(x, { axis: 1 });
  // @ts-expect-error parameters are tensors
  layerNorm(x, { weight: new Float32Array(4) });
  // @ts-expect-error the style is a tensor
  adaptiveInstanceNorm(x, { eps: 1e-5 });
  // @ts-expect-error a call that saves gives { y, saved }
  const saving: Tensor = layerNorm(x, { save: true });
  // @ts-expect-error a call that does not save gives y
  const plain: Saving = layerNorm(x);
  // @ts-expect-error there is no f64
  context.empty([4], { dtype: 'f64' });
  // @ts-expect-error there is a gradient of the weight only where there is one
  const dweight: Tensor = rmsNormBackward(x, saved).dweight;
  // @ts-expect-error what was not asked for is not there
  const dx: Tensor = layerNormBackward(x, saved, { outputs: ['dbias'] }).dx;
  // @ts-expect-error a layer has no style
  layerNormBackward(x, saved, { outputs: ['dstyle'] });
  // @ts-expect-error sums are for BatchNorm
  layerNormBackward(x, saved, { sums: undefined });
  return [saving, plain, dweight, dx];
}
