import { describe, expect, it, vi } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { contextBinding } from '../support/pieces.ts';
import { Random } from '../support/random.ts';
import { relativeError, sizeOf } from '../support/run.ts';

/** What a call in pieces costs, what is refused, and tensors of a device's own limits. */

const contexts = await openContexts();
const { device } = contexts.software;

describe('what it costs', () => {
  it('pieces compile nothing that the call in one piece has not', async () => {
    for (const plans of PLANS) {
      const small = await contextBinding(contexts, plans, 512 * 64 * 4);
      const call = (context: norm.Context) => () => {
        norm.layerNorm(context.empty([1280, 64]), { weight: context.empty([64]) });
        norm.layerNormForward(context.empty([1280, 64]));
      };
      await contexts[plans].prepare(call(contexts[plans]));
      expect(await small.prepare(call(small))).toEqual([]);
    }
  });

  it('a warm call makes nothing', async () => {
    const small = await contextBinding(contexts, 'software', 4096);
    const [x, out] = [small.tensor(new Random(8).normals(64 * 100), [64, 100]), small.empty([64, 100])];
    const call = (): Tensor => norm.layerNorm(x, { out });
    call();
    const made = (['createBuffer', 'createBindGroup', 'createComputePipeline', 'createShaderModule'] as const).map(
      (name) => vi.spyOn(device, name),
    );
    const written = vi.spyOn(device.queue, 'writeBuffer');
    for (let time = 0; time < 3; time++) call();
    for (const spy of [...made, written]) expect(spy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('hundreds of pieces are one submission with uniforms of their own', async () => {
    const small = await contextBinding(contexts, 'software', 1280);
    const data = new Random(9).normals(400 * 250);
    const exact = reference.layerNorm({ data, shape: [400, 250] }).y.data;
    const submit = vi.spyOn(device.queue, 'submit');
    const x = small.tensor(data, [400, 250]);
    for (let time = 0; time < 2; time++) {
      const y = norm.layerNorm(x);
      expect(relativeError(await y.read(), exact)).toBeLessThan(1e-6);
    }
    expect(submit.mock.calls.length).toBeLessThanOrEqual(4);
    vi.restoreAllMocks();
  });
});

describe('refused', async () => {
  const small = await contextBinding(contexts, 'software', 4096);
  const WRONG: [string, () => unknown, RegExp][] = [
    [
      'more groups than can be bound the numbers of',
      () => norm.layerNormForward(small.empty([2000, 2])),
      /^layerNorm: of x \[2000,2\], \d+ bytes of saved would be bound at once; this device binds 4096/,
    ],
    [
      'moments of axes in another order, whose groups a piece has here and there',
      () => norm.moments(small.empty([16, 6, 32]).permute([1, 0, 2]), { axes: [2] }),
      /^moments: of x \[6,16,32\], \d+ bytes of x would be bound at once; strided tensors are not bound in pieces, contiguous ones are; this device binds 4096/,
    ],
    [
      'a part of each row',
      () => norm.rmsNorm(small.empty([2, 3000]), { partial: 0.5 }),
      /^rmsNorm: of x \[2,3000\], \d+ bytes of \w+ would be bound at once; in pieces it cannot be, since partial is of whole groups; this device binds 4096/,
    ],
  ];
  it.each(WRONG)('%s', (_, call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ name: 'NormError', code: 'limit', message: expect.stringMatching(message) }),
    );
  });
});

describe('bound at once', () => {
  it('starts of sequences are as many as there are, whatever groups those have', async () => {
    const small = await contextBinding(contexts, 'software', 4096);
    const x = new Random(12).normals(256 * 4);
    const segments = [...Array.from({ length: 200 }, (_, start) => start), 256];
    const call = (context: norm.Context): Tensor => norm.instanceNorm(context.tensor(x, [256, 4]), { segments });
    expect(await call(small).read()).toEqual(await call(contexts.software).read());
  });
});

describe('more than 65,535 workgroups', () => {
  it.each([
    [100_000, 1],
    [70_000, 40],
  ])('%i rows of %i', async (rows, length) => {
    // A workgroup for each row.
    const profile = { software: false, parallel: 1 << 16, subgroup: 0, maxWorkgroup: 1 };
    const hardware = await norm.createContext({ device, profile });
    const [plan] = hardware.explain(() => norm.rmsNorm(hardware.empty([rows, length])));
    expect(plan!.passes[0]!.workgroups[1]).toBeGreaterThan(1);
    const data = new Random(10).normals(rows * length, 1);
    const y = norm.rmsNorm(hardware.tensor(data, [rows, length]));
    const exact = reference.rmsNorm({ data, shape: [rows, length] }).y.data;
    expect(relativeError(await y.read(), exact)).toBeLessThan(14 * 2 ** -24);
  });
});

describe('a device of default limits', async () => {
  const adapter = (await (await gpu()).requestAdapter())!;
  const plain = await adapter.requestDevice();
  const context = await norm.createContext({ device: plain, adapter });
  const rows = 40 * 1024;
  const shape = [rows, 1024];

  it('LayerNorm of 160 MiB, where there is so much memory', async ({ skip }) => {
    expect(plain.limits.maxStorageBufferBindingSize).toBe(2 ** 27);
    const data = new Float32Array(sizeOf(shape));
    for (let index = 0; index < data.length; index++)
      data[index] = ((index * 2654435761) % 4096) / 1024 + (index >> 22);
    plain.pushErrorScope('out-of-memory');
    const [x, out] = [context.tensor(data, shape), context.empty(shape)];
    if (await plain.popErrorScope()) skip('this device has no memory for two tensors of 160 MiB');
    const [plan] = context.explain(() => norm.layerNorm(context.empty(shape)));
    expect(plan!.passes).toHaveLength(2);
    norm.layerNorm(x, { out });
    for (const row of [0, 1, 20_479, 20_480, 32_767, 32_768, rows - 1]) {
      const actual = await context.wrap(out.buffer, { shape: [1024], byteOffset: row * 4096 }).read();
      const exact = reference.layerNorm({ data: data.subarray(row * 1024, (row + 1) * 1024), shape: [1, 1024] });
      expect(relativeError(actual, exact.y.data), `row ${row}`).toBeLessThan(2e-5);
    }
    x.destroy();
    out.destroy();
  });

  it('more than a buffer holds is refused', () => {
    expect(() => context.empty([2 ** 13, 2 ** 13 + 1])).toThrow(
      expect.objectContaining({
        code: 'limit',
        message:
          'empty: shape [8192,8193] takes 268468224 bytes; this device makes buffers of at most 268435456, ask for more by the limit maxBufferSize',
      }),
    );
  });
});

it('more parts than are bound side by side are refused before anything is recorded, and merge in two rounds', async () => {
  const small = await contextBinding(contexts, 'software', 3000);
  const data = Array.from({ length: 40 }, (_, index) => [index, index + 2, 3 * index]).flat();
  const parts = Array.from({ length: 40 }, (_, index) =>
    norm.moments(small.tensor(data.slice(3 * index, 3 * index + 3), [1, 3]), { axes: 1, keepDims: true }),
  );
  const wide = Array.from({ length: 40 }, (_, index) =>
    norm.moments(
      small.tensor(
        Array.from({ length: 12 }, (__, at) => at + index),
        [4, 3],
      ),
      { axes: 1 },
    ),
  );
  const recorded = vi.spyOn(device, 'createCommandEncoder');
  expect(() => norm.mergeMoments(wide)).toThrow(
    expect.objectContaining({
      code: 'limit',
      message: 'mergeMoments: too many parts for the device; merge some first',
    }),
  );
  expect(recorded).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  const halves = [wide.slice(0, 20), wide.slice(20)].map((some) => norm.mergeMoments(some));
  expect(await norm.mergeMoments(halves).mean.read()).toEqual(Float32Array.of(20.5, 23.5, 26.5, 29.5));
  // So many of one group fit.
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  expect((await norm.mergeMoments(parts).mean.read())[0]).toBeCloseTo(mean, 4);
});
