import { describe, expect, it, vi } from 'vitest';
import { createContext, layerNormQuantized, rmsNormQuantized } from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { eventually } from '../support/eventually.ts';
import { encode } from '../support/formats.ts';
import { Random } from '../support/random.ts';
import { part } from '../support/sweeps.ts';

/** Where quantized results go: any byte of a buffer, encoders of the app, pieces of what a device binds at once; and what that takes. */

const all = await openContexts({ specialize: true });
const contexts = Object.entries(all).map(([plans, context]) => ({ plans, context }));
const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;

const SHAPES = [
  [5, 64],
  [5, 61],
  [3, 1027],
];

function normals(context: Context, shape: readonly number[], seed = 5): Tensor {
  const size = shape.reduce((product, one) => product * one, 1);
  return context.tensor(new Random(seed).normals(size, 0.2), [...shape]);
}

async function read({ y, scales }: { y: Tensor; scales: Tensor }) {
  return { y: await y.read('i8'), scales: await scales.read() };
}

describe.each(part(contexts, 2))('$plans plans', ({ context }) => {
  describe.each(SHAPES)('[%i,%i]', (rows, length) => {
    const shape = [rows, length];

    it.each([0, 1, 2, 3, 255, 258])('y may begin at byte %i, and what is around it stays', async (byteOffset) => {
      const x = normals(context, shape);
      const plain = await read(rmsNormQuantized(x, { groupSize: 16 }));
      const size = Math.ceil((byteOffset + rows * length) / 4) * 4 + 8;
      const buffer = context.device.createBuffer({ size, usage: STORAGE_AND_COPIES });
      const before = Int8Array.from({ length: size }, (_, index) => index % 101);
      context.device.queue.writeBuffer(buffer, 0, before);
      const y = context.wrap(buffer, { shape, dtype: 'i8', byteOffset });
      const room = context.empty([3 + plain.scales.length]);
      const scales = context.wrap(room.buffer, { shape: [rows, Math.ceil(length / 16)], byteOffset: 12 });
      const results = rmsNormQuantized(x, { groupSize: 16, out: { y, scales } });
      expect(results.y).toBe(y);
      expect(results.scales).toBe(scales);
      expect(await read(results)).toEqual(plain);
      const after = await context.wrap(buffer, { shape: [size], dtype: 'i8' }).read('i8');
      const around = after.map((value, at) =>
        at >= byteOffset && at < byteOffset + rows * length ? before[at]! : value,
      );
      expect(around).toEqual(before);
      buffer.destroy();
    });

    it('scales that are given may begin anywhere, and are what is returned', async () => {
      const x = normals(context, shape);
      const computed = layerNormQuantized(x, { groupSize: 32 });
      const { y, scales } = await read(computed);
      const holder = context.tensor([9, 9, 9, ...scales], [3 + scales.length]);
      const given = context.wrap(holder.buffer, { shape: computed.scales.shape, byteOffset: 12 });
      const again = layerNormQuantized(x, { groupSize: 32, scales: given });
      expect(again.scales).toBe(given);
      expect(await again.y.read('i8')).toEqual(y);
    });

    it('residualOut may be the residual', async () => {
      const [x, residual] = [normals(context, shape), normals(context, shape, 6)];
      const apart = context.empty(shape);
      const options = { groupSize: 128, weight: normals(context, [length], 7) };
      const plain = await read(rmsNormQuantized(x, { ...options, residual, residualOut: apart }));
      const over = await read(rmsNormQuantized(x, { ...options, residual, residualOut: residual }));
      expect(over).toEqual(plain);
      expect(await residual.read()).toEqual(await apart.read());
    });

    it('y may lie where x lay, in a buffer of the app, only apart from it', async () => {
      const x = normals(context, shape);
      const y = context.wrap(x.buffer, { shape, dtype: 'i8' });
      expect(() => rmsNormQuantized(x, { out: { y } })).toThrow(/y of out overlaps x in the same buffer/);
    });
  });

  it('a call in an encoder, and in an open pass, runs when that is submitted', async () => {
    const x = normals(context, [6, 77]);
    const plain = await read(rmsNormQuantized(x));
    const encoder = context.device.createCommandEncoder();
    const first = rmsNormQuantized(x, { encoder });
    const pass = encoder.beginComputePass();
    const second = rmsNormQuantized(x, { encoder: pass });
    pass.end();
    context.device.queue.submit([encoder.finish()]);
    expect(await read(first)).toEqual(plain);
    expect(await read(second)).toEqual(plain);
  });

  it.each([
    [3, 20],
    [3, 640],
    [2, 700],
    [2, 1501],
    [2, 9000],
  ])('[%i,%i] that comes back gets the same numbers from programs of its own', async (rows, length) => {
    const x = normals(context, [rows, length]);
    const compile = vi.spyOn(context.device, 'createComputePipelineAsync');
    try {
      for (const groupSize of [undefined, 32]) {
        const run = async () => read(layerNormQuantized(x, { groupSize }));
        const first = await run();
        const before = compile.mock.calls.length;
        for (let time = 0; time < 8; time++) await run();
        await eventually(() => expect(compile.mock.calls.length).toBeGreaterThan(before));
        await Promise.all(compile.mock.results.map(async ({ value }) => value as unknown));
        expect(await run()).toEqual(first);
      }
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('without rows there is nothing, and rows of nothing have the scale 0', async () => {
    const none = rmsNormQuantized(context.empty([0, 8]), { groupSize: 4 });
    expect(none.scales.shape).toEqual([0, 2]);
    expect(await read(none)).toEqual({ y: new Int8Array(0), scales: new Float32Array(0) });
    const scales = context.tensor([1, 2, 3], [3, 1]);
    const empty = rmsNormQuantized(context.empty([3, 0]), { out: { scales } });
    expect(await read(empty)).toEqual({ y: new Int8Array(0), scales: new Float32Array(3) });
  });

  it('rows are cut to what is bound at once, and a row that is longer is refused', async () => {
    const x = normals(context, [50, 129]);
    const weight = normals(context, [129], 8);
    const plain = await read(rmsNormQuantized(x, { weight, groupSize: 32 }));
    const { device, profile } = context;
    const small = await createContext({ device, profile: { ...profile, maxBinding: 6400 } });
    const again = small.wrap(x.buffer, { shape: [50, 129] });
    const options = { weight: small.wrap(weight.buffer, { shape: [129] }), groupSize: 32 };
    const [plan] = small.explain(() => rmsNormQuantized(again, options));
    const offsets = plan!.passes.flatMap(({ bindings }) =>
      bindings.flatMap(({ resource, byteOffset = 0 }) => (resource === 'scales' ? [byteOffset] : [])),
    );
    expect(new Set(offsets).size).toBeGreaterThan(3);
    expect(await read(rmsNormQuantized(again, options))).toEqual(plain);
    const given = small.tensor(plain.scales, [50, 5]);
    expect(await rmsNormQuantized(again, { ...options, scales: given }).y.read('i8')).toEqual(plain.y);
    expect(() => rmsNormQuantized(small.empty([2, 4000]))).toThrow(
      /rmsNormQuantized: of x \[2,4000\], .* in pieces it cannot be, since a scale is of a whole row/,
    );
  });
});

describe('what it takes', () => {
  const { hardware, software } = all;
  const passesOf = (context: Context, shape: number[], options: object = {}): string[] => {
    const [plan] = context.explain(() => rmsNormQuantized(context.empty(shape, { dtype: 'f16' }), options));
    return plan!.passes.map(({ kernel }) => kernel);
  };

  it.each([
    ['rows of fours', [4, 1024], ['normalize']],
    ['few long rows', [1, 8192], ['normalize']],
    ['rows that stay in memory', [2, 100_000], ['normalize']],
    ['odd rows', [4, 1023], ['normalize', 'pack']],
  ])('%s: a dispatch, and one more where words are shared', (_, shape, passes) => {
    for (const context of [hardware, software]) {
      expect(passesOf(context, shape)).toEqual(passes);
      expect(passesOf(context, shape, { groupSize: 128 })).toEqual(passes);
    }
  });

  it('the same numbers of all dtypes that hold x', async () => {
    const data = Float32Array.from({ length: 6 * 80 }, (_, index) => ((index * 7) % 31) - 15);
    const bits = (dtype: 'f16' | 'bf16') => hardware.tensor(encode(dtype, data), [6, 80], { dtype });
    const plain = await read(layerNormQuantized(hardware.tensor(data, [6, 80]), { groupSize: 16 }));
    expect(await read(layerNormQuantized(bits('bf16'), { groupSize: 16 }))).toEqual(plain);
    const { y } = await read(layerNormQuantized(bits('f16'), { groupSize: 16 }));
    expect(y).toEqual(plain.y);
  });
});
