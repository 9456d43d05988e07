/** Options of the bridge to TensorFlow.js, and some that must not compile. The type check of the tests reads this file; nothing runs it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { groupNorm, instanceNorm, layerNorm } from 'webgpu-norm/tfjs';

export function packed(x: Tensor, segments: Tensor): Tensor[] {
  return [layerNorm(x, { segments }), instanceNorm(x, { segments }), groupNorm(x, { numGroups: 2, segments })];
}

export function refused(x: Tensor): unknown[] {
  // @ts-expect-error starts of packed sequences are a tensor here
  layerNorm(x, { segments: [0, 2, 5] });
  // @ts-expect-error here too
  instanceNorm(x, { segments: new Int32Array([0, 2, 5]) });
  // @ts-expect-error and here
  groupNorm(x, { numGroups: 2, segments: [0, 2, 5] });
  // @ts-expect-error groups are counted
  groupNorm(x, {});
  // @ts-expect-error the result is a new tensor
  layerNorm(x, { residual: x, residualOut: x });
  return [];
}
