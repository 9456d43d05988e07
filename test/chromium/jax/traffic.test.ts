import { device } from './open.ts';
import * as jax from '@jax-js/jax';
import { afterAll, describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import { batchNorm, batchNormTracked, connect, groupNorm, layerNorm } from '../../../src/jax/index.ts';
import { relativeError } from '../../gpu/support/run.ts';
import { watching } from '../support/traffic.ts';
import type { Traffic } from '../support/traffic.ts';

const { numpy: np } = jax;
const context = await connect();
afterAll(() => context.destroy());

const CHANNELS = 16;
const BYTES = 4 * CHANNELS;

/** On the GPU: made by an operation, and done. */
async function made(shape: number[], from = 2): Promise<jax.Array> {
  const array = np
    .linspace(from, from + 1, CHANNELS)
    .add(np.linspace(0, 1, shape.reduce((a, b) => a * b) / CHANNELS).reshape([-1, 1]));
  return (await array.reshape(shape).blockUntilReady()) as jax.Array;
}

/** What a call takes once its programs and uniforms are there, and jax-js has buffers of its results' sizes. */
function warm(call: () => void): Traffic {
  for (let times = 0; times < 3; times++) call();
  return watching(device, call);
}

describe('between input and output', async () => {
  const x = await made([4, CHANNELS, 6, 6]);
  const dy = await made([4, CHANNELS, 6, 6]);
  const [weight, bias, runningMean, runningVar] = await Promise.all([1, 0, 3, 4].map((from) => made([CHANNELS], from)));
  const rows = await made([36, CHANNELS]);
  const parameters = (): { weight: jax.Array; bias: jax.Array } => ({ weight: weight!.ref, bias: bias!.ref });
  const running = (): { runningMean: jax.Array; runningVar: jax.Array } => ({
    runningMean: runningMean!.ref,
    runningVar: runningVar!.ref,
  });

  const [picture, matrix, channels] = [context.empty(x.shape), context.empty(rows.shape), context.empty([CHANNELS])];
  const ours = { weight: channels, bias: context.empty([CHANNELS]) };
  const tracked = { runningMean: context.empty([CHANNELS]), runningVar: context.empty([CHANNELS]) };
  const dispatchesOf = (call: () => unknown): number =>
    context.explain(call).reduce((sum, { passes }) => sum + passes.length, 0);

  it.each([
    ['layerNorm', () => layerNorm(rows.ref, parameters()), () => norm.layerNorm(matrix, ours)],
    [
      'batchNorm by running statistics',
      () => batchNorm(x.ref, { weight: weight!.ref, ...running() }),
      () => norm.batchNorm(picture, { weight: channels, ...tracked }),
    ],
    [
      'groupNorm',
      () => groupNorm(x.ref, { numGroups: 4, ...parameters() }),
      () => norm.groupNorm(picture, { numGroups: 4, ...ours }),
    ],
  ])('%s: the dispatches of the library, and nothing by way of the CPU', (_, call, planned) => {
    const seen = warm(() => call().dispose());
    expect(seen).toEqual({ dispatches: dispatchesOf(planned), submits: 1, copied: 0, allocated: 0, crossings: [] });
  });

  it('batchNormTracked: a copy of each running statistic besides', () => {
    const planned = dispatchesOf(() => norm.batchNorm(picture, { training: true, ...tracked }));
    const seen = warm(() => jax.tree.dispose(batchNormTracked(x.ref, running())));
    expect(seen).toEqual({ dispatches: planned, submits: 2, copied: 2 * BYTES, allocated: 0, crossings: [] });
  });

  it('takes the dispatches of the library for gradients too, by the vjp of jax-js', () => {
    const planned = dispatchesOf(() => {
      const { saved } = norm.layerNormForward(matrix, ours);
      norm.layerNormBackward(context.empty(rows.shape), saved);
    });
    const arriving = dy.ref.reshape([36, -1]).slice([], [0, CHANNELS]);
    const of = (x: jax.Array, weight: jax.Array, bias: jax.Array): jax.Array => layerNorm(x, { weight, bias });
    const kept = np.add(arriving, 0);
    kept.ref.gpuBufferSync();
    const seen = warm(() => {
      const [y, pull] = jax.vjp(of, [rows.ref, weight!.ref, bias!.ref]);
      for (const gradient of pull(kept.ref) as jax.Array[]) {
        gradient.ref.gpuBufferSync();
        gradient.dispose();
      }
      pull.dispose();
      y.dispose();
    });
    expect(seen).toEqual({ dispatches: planned, submits: 2, copied: 0, allocated: 0, crossings: [] });
  });

  it('is watched by what sees a crossing', () => {
    const uploaded = watching(device, () => layerNorm(np.array(Float32Array.from({ length: 77 }, Math.sqrt))));
    expect(uploaded.crossings).toContain('writeBuffer');
  });

  it('runs in the order of the calls, among operations of jax-js that are done when asked for', async () => {
    let h = rows.ref.mul(3);
    for (let times = 0; times < 40; times++) h = layerNorm(h.mul(2), { eps: 0 }).add(1);
    const once = layerNorm(rows.ref, { eps: 0 }).add(1);
    const [numbers, expected] = [await h.data(), await once.data()];
    expect(relativeError(numbers as Float32Array, expected as Float32Array)).toBeLessThanOrEqual(1e-5);
  });
});
