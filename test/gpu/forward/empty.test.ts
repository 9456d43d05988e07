import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import * as layers from '../../../src/layers/index.ts';
import { caught } from '../../layers/caught.ts';
import { watchingCommands } from '../support/commands.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { modes } from '../support/modes.ts';
import type { Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, fill, normalizedByReference, upload } from '../support/run.ts';

/** Tensors without elements, as PyTorch has them: results of the shapes there would be, and nothing runs. */

const contexts = await openContexts();
const context = contexts.software;
const { device } = context;
const none = (...shape: number[]): norm.Tensor => context.empty(shape);
const ones = (...shape: number[]): norm.Tensor =>
  context.tensor(new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1), shape);
const isRefused = (call: () => unknown, code: string, says: RegExp): void => {
  const error = caught(call);
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(says)]);
};

describe('an empty tensor', () => {
  it('is made, wrapped, reshaped and read', async () => {
    for (const [dtype, Numbers] of [
      ['f32', Float32Array],
      ['f16', Uint16Array],
      ['bf16', Uint16Array],
      ['u32', Uint32Array],
    ] as const) {
      const tensor = context.tensor(new Numbers(0), [0, 768], { dtype });
      expect([tensor.shape, tensor.size, tensor.byteLength]).toEqual([[0, 768], 0, 0]);
      expect(await tensor.read(dtype)).toHaveLength(0);
      expect(tensor.reshape([3, 0]).shape).toEqual([3, 0]);
      tensor.destroy();
    }
    const buffer = device.createBuffer({ size: 64, usage: 0x80 | 0x4 });
    for (const byteOffset of [0, 12, 64]) {
      const tensor = context.wrap(buffer, { shape: [2, 0], byteOffset });
      expect(await tensor.read()).toEqual(new Float32Array(0));
    }
    isRefused(() => context.wrap(buffer, { shape: [0], byteOffset: 68 }), 'shape', /the buffer has 64/);
    await expect(none(0).read()).resolves.toEqual(new Float32Array(0));
  });

  it('that was destroyed is not read', async () => {
    const tensor = none(0);
    tensor.destroy();
    await expect(tensor.read()).rejects.toThrow(/destroyed/);
    isRefused(() => norm.layerNorm(tensor.reshape([0, 1])), 'destroyed', /x was destroyed/);
  });
});

const SIZES: Record<string, Size> = {
  'a batch of 0': { N: 0, C: 4, L: 6 },
  'no channels': { N: 2, C: 0, L: 6 },
};

describe.each(PLANS)('%s plans', (plans) => {
  describe.each(Object.entries(SIZES))('%s', (_, size) => {
    it.each(modes.map((mode) => [mode.name, mode] as const))('%s', async (__, mode) => {
      for (const layout of mode.layouts) {
        if (size.C === 0 && mode.op === 'groupNorm') continue;
        const filled = fill(mode, mode.call(size, layout), 'both', new Random(1));
        const ofNothing = mode.name === 'BatchNorm, training' && size.N === 0;
        if (ofNothing) {
          isRefused(
            () => callGpuForward(filled, upload(contexts[plans])),
            'training',
            /x \[.*\] has no value a channel/,
          );
          continue;
        }
        let result!: norm.ForwardResult;
        const tensors = new Map<string, norm.Tensor>();
        const place = upload(contexts[plans]);
        for (const [name, array] of Object.entries({ x: filled.x, ...filled.arrays }))
          tensors.set(name, place(array, name));
        const run = (): void => void (result = callGpuForward(filled, (___, name) => tensors.get(name)!));
        const { passes } = watchingCommands(device, run);
        expect(passes).toBe(0);
        const exact = normalizedByReference(filled);
        const { y, saved } = result;
        expect([y.shape, saved.mean.shape, saved.rstd.shape], layout).toEqual([
          exact.y.shape,
          exact.mean.shape,
          exact.rstd.shape,
        ]);
        expect(await y.read()).toEqual(new Float32Array(0));
        expect([...(await saved.mean.read())]).toEqual([...exact.mean.data]);
        expect([...(await saved.rstd.read())]).toEqual([...exact.rstd.data]);
        saved.destroy();
      }
    });
  });
});

describe('a call on an empty x', () => {
  it('submits nothing, takes an encoder and out, and has a plan of no passes', () => {
    const x = none(0, 768);
    expect(watchingCommands(device, () => norm.layerNorm(x))).toEqual({ submits: 0, passes: 0, clears: 0 });
    const encoder = device.createCommandEncoder();
    expect(norm.layerNorm(x, { encoder, out: x })).toBe(x);
    const residual = none(0, 768);
    const { residualOut } = norm.layerNormForward(x, { residual, encoder });
    expect(residualOut!.shape).toEqual([0, 768]);
    device.queue.submit([encoder.finish()]);
    expect(context.explain(() => norm.layerNorm(x)).map(({ passes }) => passes)).toEqual([[]]);
    expect(norm.layerNorm(x, { outputDtype: 'f16' }).dtype).toBe('f16');
  });

  it('still says what is wrong with it', () => {
    isRefused(() => norm.layerNorm(none(0, 3), { weight: ones(4) }), 'parameter', /weight has 4 elements/);
    isRefused(() => norm.layerNorm(none(0, 3), { out: none(0, 4) }), 'shape', /out has shape \[0,4\]/);
  });

  it('clears the statistics of groups without elements', async () => {
    for (const used of [ones(64, 1), ones(64, 1), ones(192)]) used.destroy();
    const { y, saved } = norm.layerNormForward(none(8, 0));
    expect(y.shape).toEqual([8, 0]);
    for (const tensor of [saved.mean, saved.rstd]) expect(await tensor.read()).toEqual(new Float32Array(8));
  });
});

describe('statistics of nothing', () => {
  it('are refused, and nothing is tracked', async () => {
    const running = { runningMean: ones(3), runningVar: ones(3) };
    const training = { training: true, ...running } as const;
    isRefused(
      () => norm.batchNorm(none(0, 3, 4), training),
      'training',
      /^batchNorm: x \[0,3,4\] has no value a channel/,
    );
    isRefused(() => norm.batchNorm(none(2, 3, 0), { ...training, unbiasedRunningVar: false }), 'training', /no value/);
    isRefused(() => norm.instanceNorm(none(2, 3, 0)), 'shape', /^instanceNorm: x \[2,3,0\] has no positions/);
    isRefused(
      () => norm.adaptiveInstanceNorm(ones(2, 3, 4), none(2, 3, 0)),
      'shape',
      /style \[2,3,0\] has no positions/,
    );
    isRefused(() => norm.adaptiveInstanceNorm(none(2, 3, 0), ones(2, 3, 4)), 'shape', /content \[2,3,0\] has no/);
    isRefused(
      () => norm.moments(none(0, 3), { axes: [0] }),
      'shape',
      /^moments: x \[0,3\] has no element along axes \[0\]/,
    );
    norm.instanceNorm(none(0, 3, 4), { ...running, numBatchesTracked: context.tensor([1], [1], { dtype: 'u32' }) });
    for (const tensor of Object.values(running)) expect(await tensor.read()).toEqual(new Float32Array(3).fill(1));
  });

  it('are those of no group where there is none', async () => {
    const parts = [norm.moments(none(0, 3), { axes: [1] }), norm.moments(none(4, 0), { axes: [0], keepDims: true })];
    expect(parts.map(({ mean, count }) => [mean.shape, count])).toEqual([
      [[0], 3],
      [[1, 0], 4],
    ]);
    const merged = norm.mergeMoments([parts[0]!, parts[0]!]);
    expect([merged.mean.shape, merged.count]).toEqual([[0], 6]);
    expect(norm.loadMoments(context, await merged.read()).mean.shape).toEqual([0]);
  });

  it('of no group, given as moments, are neither tracked nor counted', async () => {
    const numBatchesTracked = context.tensor([1], [1], { dtype: 'u32' });
    const tracked = { runningMean: ones(3), runningVar: ones(3) };
    const parts = norm.moments(none(0, 3, 6), { axes: [2] });
    norm.instanceNorm(none(0, 3, 6), { moments: parts, momentum: null, ...tracked, numBatchesTracked });
    for (const tensor of Object.values(tracked)) expect(await tensor.read()).toEqual(new Float32Array(3).fill(1));
    expect([...(await numBatchesTracked.read('u32'))]).toEqual([1]);
  });

  it('of no group have sums of a gradient that are of as many elements as they', () => {
    for (const [tile, whole] of [
      [none(0, 3, 6), 12],
      [none(2, 0, 6), 12],
    ] as const) {
      const part = norm.moments(tile, { axes: [2] });
      const { saved } = norm.instanceNormForward(tile, { moments: norm.mergeMoments([part, part]) });
      const sums = norm.gradientSums(tile, saved);
      const merged = norm.mergeGradientSums([sums, sums]);
      expect([sums.count, merged.count]).toEqual([whole / 2, whole]);
      expect(norm.instanceNormBackward(tile, saved, { sums: merged }).dx.shape).toEqual(tile.shape);
    }
  });

  it('come from the other parts of the batch where their moments are given', async () => {
    const others = norm.moments(context.tensor(new Random(2).normals(30), [10, 3]), { axes: [0] });
    const track = async (x: norm.Tensor): Promise<Float32Array[]> => {
      const tracked = { runningMean: ones(3), runningVar: ones(3) };
      const numBatchesTracked = context.tensor([1], [1], { dtype: 'u32' });
      const y = norm.batchNorm(x, { training: true, moments: others, ...tracked, numBatchesTracked, momentum: null });
      expect(y.shape).toEqual(x.shape);
      expect([...(await numBatchesTracked.read('u32'))]).toEqual([2]);
      return Promise.all(Object.values(tracked).map(async (tensor) => tensor.read()));
    };
    expect(await track(none(0, 3))).toEqual(await track(ones(5, 3)));
  });
});

describe('layers', () => {
  it('of an empty batch track nothing', async () => {
    using batch = new layers.BatchNorm2d(context, 3);
    using instance = new layers.InstanceNorm2d(context, 3, { trackRunningStats: true, affine: true });
    const before = [await batch.stateDict(), await instance.stateDict()];
    isRefused(() => batch.forward(none(0, 3, 2, 2)), 'training', /no value a channel/);
    expect(instance.forward(none(0, 3, 2, 2)).shape).toEqual([0, 3, 2, 2]);
    expect([await batch.stateDict(), await instance.stateDict()]).toEqual(before);
    expect(batch.eval().forward(none(0, 3, 2, 2)).shape).toEqual([0, 3, 2, 2]);
    expect(instance.backward(none(0, 3, 2, 2)).shape).toEqual([0, 3, 2, 2]);
  });

  it('keep their gradients', async () => {
    using layer = new layers.LayerNorm(context, 4);
    layer.forward(context.tensor(new Random(3).normals(8), [2, 4]));
    layer.backward(ones(2, 4));
    const gradients = async () => Promise.all(layer.parameters().map(async ({ grad }) => grad.read()));
    const before = await gradients();
    layer.forward(none(0, 4));
    expect(layer.backward(none(0, 4)).shape).toEqual([0, 4]);
    expect(await gradients()).toEqual(before);
  });
});
