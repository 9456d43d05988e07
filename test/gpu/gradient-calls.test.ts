import { afterEach, describe, expect, it, vi } from 'vitest';
import * as norm from '../../src/index.ts';
import type { Gradient, Tensor } from '../../src/index.ts';
import * as reference from '../../src/reference/index.ts';
import { openContexts } from './support/contexts.ts';
import { gradientBoundOf } from './support/bounds.ts';
import { backwardOf, fillGradient, GRADIENT_OF, gradientErrors } from './support/gradients.ts';
import { modes } from './support/modes.ts';
import { Random } from './support/random.ts';
import { callGpuSaving, fill, normalizedByReference, relativeError, upload } from './support/run.ts';

/** What a call of a gradient does besides being right: which outputs, where to, how often the same, with what made anew. */

const contexts = await openContexts();
const MAKERS = ['createBuffer', 'createBindGroup', 'createShaderModule', 'createComputePipeline'] as const;

afterEach(() => void vi.restoreAllMocks());

describe.each(Object.entries(contexts))('%s plans', (_, context) => {
  const { device } = context;
  const example = (mode: (typeof modes)[number], size = { N: 3, C: 8, L: 50 }) => {
    const random = new Random(101);
    const filled = fill(mode, mode.call(size, mode.layouts[0]!), 'both', random);
    const dy = fillGradient(filled, random);
    const { saved } = callGpuSaving(filled, upload(context));
    return { filled, dy, saved, pull: context.tensor(dy.data, dy.shape), backward: backwardOf(mode.op) };
  };

  describe.each(modes)('$name', (mode) => {
    it('computes the outputs asked for, and no others', async () => {
      const { filled, dy, saved, pull, backward } = example(mode);
      const there = (Object.keys(GRADIENT_OF) as Gradient[]).filter(
        (name) => name === 'dx' || filled.arrays[GRADIENT_OF[name]],
      );
      for (let subset = 1; subset < 2 ** there.length; subset++) {
        const outputs = there.filter((__, bit) => subset & (1 << bit));
        const gradients = backward(pull, saved, { outputs });
        expect(Object.keys(gradients)).toEqual(outputs);
        for (const error of Object.values(await gradientErrors(filled, dy, gradients))) {
          expect(error, outputs.join()).toBeLessThanOrEqual(gradientBoundOf(mode));
        }
        const [plan] = context.explain(() => backward(pull, saved, { outputs }));
        const written = plan!.passes.flatMap((pass) => pass.bindings.filter(({ writes }) => writes));
        const results = written.map(({ resource }) => resource).filter((name) => name.startsWith('d'));
        expect([...new Set(results)].toSorted()).toEqual(outputs.toSorted());
      }
    });

    it('writes into tensors that are there, and adds to others, at offsets of one buffer', async () => {
      const { saved, pull, backward } = example(mode);
      const exact = backward(pull, saved);
      const names = Object.keys(exact) as Gradient[];
      const sizes = names.map((name) => Math.ceil(exact[name].size / 64) * 64 + 64);
      const total = sizes.reduce((sum, size) => sum + size, 64);
      const buffer = device.createBuffer({ size: total * 4, usage: 0x80 | 0x4 | 0x8 });
      device.queue.writeBuffer(buffer, 0, new Float32Array(total).fill(3));
      let start = 64;
      const placed = names.map((name, index) => {
        const tensor = context.wrap(buffer, { shape: exact[name].shape, byteOffset: start * 4 });
        start += sizes[index]!;
        return [name, tensor] as const;
      });
      const [first, ...others] = placed;
      const record = { out: Object.fromEntries([first!]), accumulate: Object.fromEntries(others) };
      const results = backward(pull, saved, {}, record);
      backward(pull, saved, {}, record);
      for (const [name, tensor] of placed) {
        expect(results[name]).toBe(tensor);
        const once = await exact[name].read();
        const wanted = once.map((value) => (name === first![0] ? value : value + value + 3));
        const scale = { data: [6], shape: [1] };
        expect(relativeError(await tensor.read(), wanted, scale), name).toBeLessThanOrEqual(2 ** -21);
      }
      const all = await context.wrap(buffer, { shape: [total] }).read();
      const inside = placed.map(([, { byteOffset, size }]) => [byteOffset / 4, byteOffset / 4 + size] as const);
      all.forEach((value, index) => {
        if (!inside.some(([from, to]) => index >= from && index < to)) expect(value).toBe(3);
      });
    });

    it('warm, makes nothing', () => {
      const { saved, pull, backward } = example(mode, { N: 3, C: 8, L: 4000 });
      const call = (): void => {
        for (const tensor of Object.values(backward(pull, saved))) tensor.destroy();
      };
      call();
      call();
      const made = MAKERS.map((name) => vi.spyOn(device, name));
      call();
      for (const spy of made) expect(spy).not.toHaveBeenCalled();
    });

    it('is the same to the bit, whenever it runs', async () => {
      const { saved, pull, backward } = example(mode, { N: 40, C: 8, L: 300 });
      const runs: Float32Array[][] = [];
      for (let run = 0; run < 3; run++) {
        const results = Object.values(backward(pull, saved));
        runs.push(await Promise.all(results.map(async (tensor) => tensor.read())));
      }
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[2]).toEqual(runs[0]);
    });
  });

  it('what is saved is a few numbers a group, and never a copy of x', () => {
    const x = context.empty([64, 5000]);
    const [plan] = context.explain(() => norm.layerNorm(x, { save: true }));
    expect(plan!.saved['saved']).toBe(3 * 64 * 4);
  });

  it('the identities of a gradient through mean and variance hold', async () => {
    const [rows, length] = [5, 300];
    const random = new Random(102);
    const x = { data: random.normals(rows * length, 20, 3), shape: [rows, length] };
    const dy = { data: random.normals(rows * length, 1), shape: x.shape };
    const { saved } = norm.layerNorm(upload(context)(x, 'x'), { eps: 0, save: true });
    const dx = await norm.layerNormBackward(upload(context)(dy, 'dy'), saved).dx.read();
    const { y, rstd } = normalizedByReference({ op: 'layerNorm', x, options: { eps: 0 }, arrays: {} });
    for (let row = 0; row < rows; row++) {
      const pulled = dx.subarray(row * length, (row + 1) * length);
      const unit = y.data.subarray(row * length, (row + 1) * length);
      const sum = pulled.reduce((total, value) => total + value, 0);
      const dot = pulled.reduce((total, value, index) => total + value * unit[index]!, 0);
      const size = rstd.data[row]! * Math.sqrt(length);
      expect(Math.abs(sum) / size, 'dx sums to zero').toBeLessThanOrEqual(2e-5);
      expect(Math.abs(dot) / size, 'dx is orthogonal to the normalized x').toBeLessThanOrEqual(2e-5);
    }
    const shift = await norm
      .layerNormBackward(context.tensor(new Float32Array(1500).fill(5), x.shape), saved)
      .dx.read();
    expect(Math.max(...shift.map(Math.abs)), 'a constant shift pulls nowhere').toBeLessThanOrEqual(5e-6);
  });

  it.each([
    ['mean 1e4, deviation 1', 1e4, 1],
    ['mean 1e6, deviation 1', 1e6, 1],
    ['near 1e19', 0, 1e19],
    ['near 1e-19', 0, 1e-19],
    ['near 1e30', 1e30, 1e29],
  ])('data of %s', async (__, mean, deviation) => {
    const random = new Random(103);
    const shape = [4, 8, 130];
    const x = { data: random.normals(4160, mean, deviation), shape };
    const dy = { data: random.normals(4160), shape };
    const calls = [
      ['layerNorm', { axes: [1, 2], eps: 0 }],
      ['rmsNorm', { eps: 0 }],
      ['batchNorm', { training: true, eps: 0 }],
      ['groupNorm', { numGroups: 2, eps: 0 }],
      ['normalize', { axes: [2], statistic: 'l2', eps: 0 }],
    ] as const;
    for (const [op, options] of calls) {
      const filled = { op, x, options, arrays: {} };
      const { saved } = callGpuSaving(filled, upload(context));
      const { dx } = backwardOf(op)(context.tensor(dy.data, shape), saved);
      const error = (await gradientErrors(filled, dy, { dx })).dx!;
      expect(error, op).toBeLessThanOrEqual(4e-6);
    }
  });

  it.each([
    [
      'l2',
      1,
      [
        [0.3, 0.4, 0, 0],
        [1, 0, 0, 0],
        [3, 4, 0, 1],
      ],
    ],
    [
      'l1',
      7,
      [
        [1, -2, 0, 0.5],
        [3, -4, 0, 0],
        [3, 4, 0, -9],
      ],
    ],
    [
      'sum',
      7,
      [
        [1, 2, 0, 0.5],
        [3, 4, 0, 0],
        [-3, -4, -1, -2],
        [-1, -2, 0, -1],
      ],
    ],
    [
      'rms',
      7,
      [
        [1, 2, 0, 0.5],
        [0, 0, 0, 0],
      ],
    ],
  ] as const)(
    '%s: where eps takes the place of a norm it is a constant, at a norm of eps it is not',
    async (statistic, eps, rows) => {
      for (const weight of [undefined, { data: Float32Array.of(1, 2, -1, 3), shape: [4] }]) {
        const filled = {
          op: 'normalize' as const,
          x: { data: Float32Array.from(rows.flat()), shape: [rows.length, 4] },
          options: { axes: [1], statistic, eps },
          arrays: weight ? { weight } : ({} as Record<string, never>),
        };
        const dy = fillGradient(filled, new Random(108));
        const { saved } = callGpuSaving(filled, upload(context));
        const gradients = backwardOf('normalize')(context.tensor(dy.data, dy.shape), saved);
        for (const [name, error] of Object.entries(await gradientErrors(filled, dy, gradients))) {
          expect(error, name).toBeLessThanOrEqual(8 * 2 ** -24);
        }
      }
    },
  );

  it('a NaN, an infinity and a constant row spoil no other group', async () => {
    const random = new Random(104);
    const x = { data: random.normals(6 * 40), shape: [6, 40] };
    x.data[45] = NaN;
    x.data[90] = Infinity;
    x.data.fill(7, 160, 200);
    const dy = { data: random.normals(240), shape: [6, 40] };
    const { saved } = norm.layerNorm(context.tensor(x.data, x.shape), { save: true });
    const dx = await norm.layerNormBackward(context.tensor(dy.data, dy.shape), saved).dx.read();
    const exact = reference.layerNormBackward(dy, x).dx.data;
    for (const row of [0, 3, 4, 5]) {
      const part = [dx, exact].map((all) => all.slice(row * 40, row * 40 + 40));
      expect(relativeError(part[0]!, part[1]!), `row ${row}`).toBeLessThanOrEqual(32 * 2 ** -24);
    }
    expect(dx[45]).toBeNaN();
  });

  it('a batch in uneven parts has the gradient of the whole', async () => {
    const [N, C, L] = [11, 6, 7];
    const random = new Random(105);
    const numbers = { x: random.normals(N * C * L, 30, 4), dy: random.normals(N * C * L, 0.5) };
    const affine = { weight: context.tensor(random.normals(C), [C]), bias: context.tensor(random.normals(C), [C]) };
    const options = { training: true, ...affine };
    const part = (from: number, to: number, of: 'x' | 'dy'): Tensor =>
      context.tensor(numbers[of].slice(from * C * L, to * C * L), [to - from, C, L]);
    const one = norm.batchNorm(part(0, N, 'x'), { ...options, save: true });
    const whole = norm.batchNormBackward(part(0, N, 'dy'), one.saved);
    for (const cuts of [
      [0, 4, N],
      [0, 1, 9, N],
    ]) {
      const parts = cuts.slice(1).map((to, index) => [cuts[index]!, to] as const);
      const local = parts.map(([from, to]) => norm.moments(part(from, to, 'x'), { axes: [0, 2] }));
      const moments = norm.mergeMoments(local);
      const calls = parts.map(([from, to]) => norm.batchNorm(part(from, to, 'x'), { ...options, moments, save: true }));
      const pulled = calls.map(({ saved }, index) => norm.gradientSums(part(...parts[index]!, 'dy'), saved));
      const sent = await Promise.all(pulled.map(async (each) => norm.loadGradientSums(context, await each.read())));
      const sums = norm.mergeGradientSums(sent);
      expect(sums.count).toBe(N * L);
      const results = calls.map(({ saved }, index) =>
        norm.batchNormBackward(part(...parts[index]!, 'dy'), saved, { sums }),
      );
      const dx = (await Promise.all(results.map(async (each) => each.dx.read()))).flatMap((each) => [...each]);
      expect(relativeError(dx, await whole.dx.read())).toBeLessThanOrEqual(2e-6);
      for (const name of ['dweight', 'dbias'] as const) {
        const each = await Promise.all(results.map(async (result) => result[name]!.read()));
        const sum = each[0]!.map((__, c) => each.reduce((total, one) => total + one[c]!, 0));
        expect(relativeError(sum, await whole[name]!.read()), name).toBeLessThanOrEqual(2e-6);
      }
    }
  });

  it('is compiled ahead, and recorded into the caller’s encoder', async () => {
    const shape = [3, 37];
    const [x, dy] = [
      context.tensor(new Random(106).normals(111), shape),
      context.tensor(new Random(107).normals(111), shape),
    ];
    const call = (record: { encoder?: GPUCommandEncoder } = {}): Tensor => {
      const { saved } = norm.rmsNorm(x, { eps: 1e-3, save: true }, record);
      return norm.rmsNormBackward(dy, saved, {}, record).dx;
    };
    await context.prepare(() => call());
    const compiled = vi.spyOn(device, 'createComputePipeline');
    const submitted = vi.spyOn(device.queue, 'submit');
    const encoder = device.createCommandEncoder();
    const recorded = call({ encoder });
    expect(compiled).not.toHaveBeenCalled();
    expect(submitted).not.toHaveBeenCalled();
    device.queue.submit([encoder.finish()]);
    expect(await recorded.read()).toEqual(await call().read());
  });
});
