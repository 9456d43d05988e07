import { device } from './open.ts';
import * as jax from '@jax-js/jax';
import { afterAll, describe, expect, it } from 'vitest';
import { batchNormTracked, connect, groupNorm, instanceNormTracked, layerNorm } from '../../../src/jax/index.ts';
import type { Running } from '../../../src/jax/index.ts';
import { relativeError } from '../../gpu/support/run.ts';

const { numpy: np } = jax;
const context = await connect();
afterAll(() => context.destroy());

/** Typed as what it is given for: TypeScript has no such arrays yet. */
const { Float16Array } = globalThis as unknown as { Float16Array: Pick<typeof Float32Array, 'from'> };

describe('Arrays as they may be', () => {
  const floats = Float32Array.from({ length: 6 * 8 }, (_, index) => Math.sin(index * index));

  it('views, what is yet to be computed, and what is made of numbers alone', async () => {
    const x = np.array(floats, { shape: [6, 8] });
    const transposed = np
      .array(floats, { shape: [6, 8] })
      .transpose()
      .add(0);
    const of = (x: jax.Array): jax.Array => layerNorm(x, { weight: np.ones([x.shape[1]!]) });
    expect(await of(x.ref.transpose()).data()).toEqual(await of(transposed).data());
    expect(await of(x.ref.mul(2).slice([2, 4])).data()).toEqual(
      await of(np.array(floats.map((value) => 2 * value).slice(16, 32), { shape: [2, 8] })).data(),
    );
    expect(Array.from(await of(np.ones([2, 8])).data())).toEqual(Array.from({ length: 16 }, () => 0));
    // What arrives is made of numbers alone, wherever the default device is.
    jax.defaultDevice('wasm');
    const dx = await jax
      .grad((x: jax.Array) => layerNorm(x, { activation: 'silu' }).sum())(x.ref)
      .data();
    jax.defaultDevice('webgpu');
    const theirs = jax.grad((x: jax.Array) => jax.nn.silu(jax.nn.standardize(x, -1, { epsilon: 1e-5 })).sum())(x);
    expect(relativeError(dx as Float32Array, (await theirs.data()) as Float32Array)).toBeLessThanOrEqual(1e-5);
  });

  it.each(['float16', 'float32'] as const)(
    'halves, which the device needs no feature for, with weights of %s',
    async (dtype) => {
      const halves = {
        x: Float16Array.from(floats),
        dy: Float16Array.from(floats, (value) => 1 - value),
        weight: Float16Array.from({ length: 8 }, (_, index) => 1 + index / 8),
      };
      const results = async (wide: boolean): Promise<[dtypes: string[], numbers: Float32Array[]]> => {
        const array = (numbers: Float32Array, shape: number[], full: boolean): jax.Array =>
          np.array(full ? Float32Array.from(numbers) : numbers, { shape });
        const [x, dy] = [array(halves.x, [6, 8], wide), array(halves.dy, [6, 8], wide)];
        const weight = array(halves.weight, [8], wide || dtype === 'float32');
        const [y, pull] = jax.vjp((x: jax.Array, weight: jax.Array) => layerNorm(x, { weight }), [x, weight]);
        const all = [y, ...(pull(dy) as jax.Array[])];
        const read = all.map(async (one) => Float32Array.from(await one.data()));
        return [all.map((one) => one.dtype), await Promise.all(read)];
      };
      const [[dtypes, numbers], [, exact]] = [await results(false), await results(true)];
      expect(dtypes).toEqual(['float16', 'float16', dtype]);
      for (const [index, one] of numbers.entries()) expect(relativeError(one, exact[index]!)).toBeLessThan(1e-3);
    },
  );

  it('given twice, and masks of truths and of counts', async () => {
    const x = np.array(floats, { shape: [6, 8] });
    const cubed = (y: jax.Array): jax.Array => y.ref.mul(y.ref).mul(y).sum();
    const ours = jax.grad((x: jax.Array) => cubed(layerNorm(x.ref, { residual: x })))(x.ref);
    const twice = (x: jax.Array): jax.Array => jax.nn.standardize(x.mul(2), -1, { epsilon: 1e-5 });
    const theirs = jax.grad((x: jax.Array) => cubed(twice(x)))(x.ref);
    const [numbers, expected] = [await ours.data(), await theirs.data()];
    expect(relativeError(numbers as Float32Array, expected as Float32Array)).toBeLessThanOrEqual(1e-5);

    const rows = x.reshape([2, 3, 8]);
    const truths = np.array([true, true, false, true, false, true]).reshape([2, 3]);
    const masked = async (mask: jax.Array): Promise<unknown> =>
      groupNorm(rows.ref, { numGroups: 2, channelAxis: -1, mask }).data();
    const byFloats = await masked(np.array([1, 1, 0, 1, 0, 1]).reshape([2, 3]));
    expect(await masked(truths.ref)).toEqual(byFloats);
    expect(await masked(truths.astype(np.uint32))).toEqual(byFloats);
    expect(await masked(np.ones([2, 3]))).not.toEqual(byFloats);
  });

  it('without elements', async () => {
    const of = (x: jax.Array, weight: jax.Array): jax.Array => layerNorm(x, { weight });
    const [y, pull] = jax.vjp(of, [np.zeros([0, 3]), np.ones([3])]);
    const [dx, dweight] = pull(np.zeros([0, 3])) as [jax.Array, jax.Array];
    expect([y.shape, dx.shape]).toEqual([
      [0, 3],
      [0, 3],
    ]);
    expect(Array.from(await y.data())).toEqual([]);
    expect(Array.from(await dweight.data())).toEqual([0, 0, 0]);
  });

  it('without channels, beside a count that is copied', async () => {
    const errors: string[] = [];
    device.onuncapturederror = ({ error }) => errors.push(error.message);
    const { y, running } = batchNormTracked(np.zeros([2, 0, 3]), {
      runningMean: np.zeros([0]),
      runningVar: np.ones([0]),
      numBatchesTracked: np.full([], 6, { dtype: np.int32 }),
    });
    y.dispose();
    expect([running.runningMean.shape, running.runningVar.shape]).toEqual([[0], [0]]);
    expect((await running.numBatchesTracked!.data())[0]).toBeGreaterThanOrEqual(6);
    device.onuncapturederror = null;
    expect(errors).toEqual([]);
  });

  it('with running statistics, by the average over all batches too', async () => {
    let running: Running = {
      runningMean: np.zeros([2]),
      runningVar: np.zeros([2]),
      numBatchesTracked: np.zeros([], { dtype: np.int32 }),
    };
    for (const value of [1, 2, 6]) {
      const tracked = batchNormTracked(np.full([4, 2], value), { momentum: null, ...running });
      tracked.y.dispose();
      running = tracked.running;
    }
    expect((await running.runningMean.data())[1]).toBeCloseTo(3, 6);
    expect(Array.from(await running.numBatchesTracked!.data())).toEqual([3]);
    const one = instanceNormTracked(np.array(floats, { shape: [2, 3, 8] }), {
      runningMean: np.zeros([3]),
      runningVar: np.ones([3]),
      momentum: 1,
    });
    const means = np.array(floats, { shape: [2, 3, 8] }).mean([0, 2]);
    const [numbers, expected] = [await one.running.runningMean.data(), await means.data()];
    expect(relativeError(numbers as Float32Array, expected as Float32Array)).toBeLessThanOrEqual(1e-6);
  });

  it('with running statistics of halves, an odd number too', async () => {
    const halves = (numbers: number[], shape: number[]): jax.Array =>
      np.array(Float16Array.from(numbers) as Float32Array, { shape });
    const x = halves([1, 2, 3, 3, 6, 9], [2, 3]); // each channel has the mean 2, 4 or 6, and the biased variance 1, 4 or 9
    const { y, running } = batchNormTracked(x, {
      runningMean: halves([4, 4, 8], [3]),
      runningVar: halves([3, 8, 1], [3]),
      momentum: 0.5,
      unbiasedRunningVar: false,
    });
    y.dispose();
    const { runningMean, runningVar } = running;
    expect([runningMean.dtype, runningVar.dtype]).toEqual(['float16', 'float16']);
    expect(Array.from(await runningMean.data())).toEqual([3, 4, 7]);
    expect(Array.from(await runningVar.data())).toEqual([2, 6, 5]);
  });

  it('among functions compiled by jit, and stopped gradients', async () => {
    const x = np.array(floats, { shape: [6, 8] });
    const before = jax.jit((x: jax.Array) => np.tanh(x.mul(2)));
    const after = jax.jit((y: jax.Array) => np.square(y).sum());
    const stop = (x: jax.Array): jax.Array => jax.lax.stopGradient(x);
    const loss =
      (norm: (x: jax.Array) => jax.Array) =>
      (x: jax.Array): jax.Array =>
        after(
          norm(before(x.ref))
            .add(norm(stop(x.ref)).mul(x.ref))
            .add(norm(stop(x.ref).mul(x.ref)).mul(x)),
        );
    const ours = jax.grad(loss((x) => layerNorm(x)))(x.ref);
    const theirs = jax.grad(loss((x) => jax.nn.standardize(x, -1, { epsilon: 1e-5 })))(x);
    const [numbers, expected] = [await ours.data(), await theirs.data()];
    expect(relativeError(numbers as Float32Array, expected as Float32Array)).toBeLessThanOrEqual(1e-5);
  });

  it('has no forward mode: its tangents are NaN, but those of constants zero', async () => {
    const x = np.array(floats, { shape: [6, 8] });
    const [y, tangent] = jax.jvp((x: jax.Array) => layerNorm(x), [x.ref], [x.ref]);
    expect(await y.data()).toEqual(await layerNorm(x.ref).data());
    expect((await tangent.data()).every(Number.isNaN)).toBe(true);
    const constant = jax.jvp((x: jax.Array) => layerNorm(x), [x], [np.zeros([6, 8])])[1];
    expect(Array.from(await constant.data()).every((value) => value === 0)).toBe(true);
  });
});
