import { afterEach, describe, expect, it, vi } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Encoder, GradientName, Tensor } from '../../../src/index.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { gradientBoundOf } from '../support/bounds.ts';
import { backwardOf, fillGradient, GRADIENT_OF, gradientErrors } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, fill, relativeError, upload } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** What a call of a gradient does besides being right: which gradients, where to, how often the same, with what made anew. */

const contexts = await openContexts();
const MAKERS = ['createBuffer', 'createBindGroup', 'createShaderModule', 'createComputePipeline'] as const;

afterEach(() => void vi.restoreAllMocks());

describe.each(part(PLANS, 2))('%s plans', (plans) => {
  const context = contexts[plans];
  const { device } = context;
  const example = (mode: (typeof modes)[number], size = { N: 3, C: 8, L: 50 }) => {
    const random = new Random(101);
    const filled = fill(mode, mode.call(size, mode.layouts[0]!), 'both', random);
    const dy = fillGradient(filled, random);
    const { saved } = callGpuForward(filled, upload(context));
    return { filled, dy, saved, dyTensor: context.tensor(dy.data, dy.shape), backward: backwardOf(mode.op) };
  };

  describe.each(part(modes))('$name', (mode) => {
    it('computes the gradients asked for, and no others', async () => {
      const { filled, dy, saved, dyTensor, backward } = example(mode);
      const there = (Object.keys(GRADIENT_OF) as GradientName[]).filter(
        (name) => name === 'dx' || filled.arrays[GRADIENT_OF[name]],
      );
      for (let subset = 1; subset < 2 ** there.length; subset++) {
        const gradients = there.filter((__, bit) => subset & (1 << bit));
        const results = backward(dyTensor, saved, { gradients });
        expect(Object.keys(results)).toEqual(gradients);
        for (const error of Object.values(await gradientErrors(filled, dy, results))) {
          expect(error, gradients.join()).toBeLessThanOrEqual(gradientBoundOf(mode));
        }
        const [plan] = context.explain(() => backward(dyTensor, saved, { gradients }));
        const written = plan!.passes.flatMap((pass) => pass.bindings.filter(({ access }) => access !== 'read'));
        const names = written.map(({ resource }) => resource).filter((name) => name.startsWith('d'));
        expect([...new Set(names)].toSorted()).toEqual(gradients.toSorted());
      }
    });

    it('writes into tensors that are there, and adds to others, at offsets of one buffer', async () => {
      const { saved, dyTensor, backward } = example(mode);
      const exact = backward(dyTensor, saved);
      const names = Object.keys(exact) as GradientName[];
      const sizes = names.map((name) => Math.ceil(exact[name].size / 64) * 64 + 64);
      const total = sizes.reduce((sum, size) => sum + size, 64);
      const buffer = device.createBuffer({ size: total * 4, usage: 0x80 | 0x4 | 0x8 });
      device.queue.writeBuffer(buffer, 0, new Float32Array(total).fill(3));
      let elementOffset = 64;
      const placed = names.map((name, index) => {
        const tensor = context.wrap(buffer, { shape: exact[name].shape, byteOffset: elementOffset * 4 });
        elementOffset += sizes[index]!;
        return [name, tensor] as const;
      });
      const [first, ...others] = placed;
      const outputs = { out: Object.fromEntries([first!]), accumulate: Object.fromEntries(others) };
      const results = backward(dyTensor, saved, outputs);
      backward(dyTensor, saved, outputs);
      for (const [name, tensor] of placed) {
        expect(results[name]).toBe(tensor);
        const once = await exact[name].read();
        const wanted = once.map((value) => (name === first![0] ? value : value + value + 3));
        const magnitude = { data: [6], shape: [1] };
        expect(relativeError(await tensor.read(), wanted, magnitude), name).toBeLessThanOrEqual(2 ** -21);
      }
      const all = await context.wrap(buffer, { shape: [total] }).read();
      const inside = placed.map(([, { byteOffset, size }]) => [byteOffset / 4, byteOffset / 4 + size] as const);
      all.forEach((value, index) => {
        if (!inside.some(([from, to]) => index >= from && index < to)) expect(value).toBe(3);
      });
    });

    it('warm, makes nothing', () => {
      const { saved, dyTensor, backward } = example(mode, { N: 3, C: 8, L: 4000 });
      const call = (): void => {
        for (const tensor of Object.values(backward(dyTensor, saved))) tensor.destroy();
      };
      call();
      call();
      const made = MAKERS.map((name) => vi.spyOn(device, name));
      call();
      for (const spy of made) expect(spy).not.toHaveBeenCalled();
    });

    it('is the same to the bit, whenever it runs', async () => {
      const { saved, dyTensor, backward } = example(mode, { N: 40, C: 8, L: 300 });
      const runs: Float32Array[][] = [];
      for (let run = 0; run < 3; run++) {
        const results = Object.values(backward(dyTensor, saved));
        runs.push(await Promise.all(results.map(async (tensor) => tensor.read())));
      }
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[2]).toEqual(runs[0]);
    });
  });

  it('what is saved is a few numbers a group, and never a copy of x', () => {
    const x = context.empty([64, 5000]);
    const [plan] = context.explain(() => norm.layerNormForward(x));
    expect(plan!.saved['saved']).toBe(3 * 64 * 4);
  });

  it('what a gate passes on, asked for without dx, has what arrives at residualOut too', async () => {
    const [rows, size] = [16, 8];
    const random = new Random(108);
    const array = (...shape: number[]): Tensor => context.tensor(random.normals(shape.reduce((a, b) => a * b)), shape);
    const gated = { residual: array(rows, size), gate: array(size), weight: array(size) };
    const { saved } = norm.rmsNormForward(array(rows, size), gated);
    const [arriving, dresidualOut] = [array(rows, size), array(rows, size)];
    const all = norm.rmsNormBackward(arriving, saved, { dresidualOut });
    for (const name of ['dresidual', 'dgate'] as const) {
      const alone = norm.rmsNormBackward(arriving, saved, { dresidualOut, gradients: [name] });
      const [one, exact] = [await alone[name]!.read(), await all[name]!.read()];
      expect(relativeError(one, exact), name).toBeLessThanOrEqual(2 ** -21);
    }
  });

  it('the gradient of a residual is dx itself, unless it has a place of its own or another tensor is added to', async () => {
    const shape = [5, 12];
    const random = new Random(109);
    const array = (): Tensor => context.tensor(random.normals(60), shape);
    const dy = array();
    const { saved } = norm.layerNormForward(array(), { residual: array() });
    const both = norm.layerNormBackward(dy, saved);
    expect(both.dresidual).toBe(both.dx);
    const exact = await both.dx.read();
    const out = { dx: array() };
    expect(norm.layerNormBackward(dy, saved, { out })).toEqual({ dx: out.dx, dresidual: out.dx });
    const held = new Float32Array(60).fill(3);
    const place = (): Tensor => context.tensor(held, shape);
    for (const names of [['dresidual'], ['dx'], ['dx', 'dresidual']] as const) {
      const accumulate = Object.fromEntries(names.map((name) => [name, place()]));
      const apart = norm.layerNormBackward(dy, saved, { accumulate });
      for (const name of ['dx', 'dresidual'] as const) {
        const added = accumulate[name];
        if (added) expect(apart[name], name).toBe(added);
        const results = await apart[name]!.read();
        expect(results, name).toEqual(added ? exact.map((value) => 3 + value) : exact);
      }
    }
    const wide = norm.layerNormForward(context.empty(shape, { dtype: 'f16' }), { residual: array() });
    const { dx, dresidual } = norm.layerNormBackward(context.empty(shape, { dtype: 'f16' }), wide.saved);
    expect([dx.dtype, dresidual!.dtype]).toEqual(['f16', 'f32']);
  });

  it('is compiled ahead, and recorded into the caller’s encoder', async () => {
    const shape = [3, 37];
    const [x, dy] = [
      context.tensor(new Random(106).normals(111), shape),
      context.tensor(new Random(107).normals(111), shape),
    ];
    const call = (options: { encoder?: Encoder } = {}): Tensor => {
      const { saved } = norm.rmsNormForward(x, { eps: 1e-3, ...options });
      return norm.rmsNormBackward(dy, saved, options).dx;
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
