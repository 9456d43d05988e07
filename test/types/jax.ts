/** Options of the bridge to jax-js, and some that must not compile. The type check of the tests reads this file; nothing runs it. */
import type { Array } from '@jax-js/jax';
import { batchNorm, batchNormTracked, groupNorm, instanceNormTracked, layerNorm } from 'webgpu-norm/jax';
import type { Running } from 'webgpu-norm/jax';

export function tracked(x: Array, given: Running): Array[] {
  const { y, running } = batchNormTracked(x, { ...given, momentum: null, activation: 'relu' });
  const next = instanceNormTracked(y, running);
  return [batchNorm(next.y, next.running)];
}

export function refused(x: Array, running: Running): unknown[] {
  // @ts-expect-error starts of packed sequences are an Array here
  layerNorm(x, { segments: [0, 2, 5] });
  // @ts-expect-error groups are counted
  groupNorm(x, {});
  // @ts-expect-error the result is a new Array
  layerNorm(x, { residual: x, residualOut: x });
  // @ts-expect-error there is nothing to update
  batchNormTracked(x, {});
  // @ts-expect-error it trains by its name
  batchNormTracked(x, { ...running, training: true });
  return [];
}
