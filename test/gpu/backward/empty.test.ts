import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { ForwardResult, GradientName, Tensor } from '../../../src/index.ts';
import { watchingCommands } from '../support/commands.ts';
import { openContexts } from '../support/contexts.ts';
import { HALVES } from '../support/formats.ts';
import { fuse, numbersOf, placing } from '../support/fused.ts';
import type { Fusing } from '../support/fused.ts';
import { backwardOf, gradientsByReference } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import { placeAt } from '../support/placed.ts';
import { Random } from '../support/random.ts';
import { callGpuForward } from '../support/run.ts';

/** Gradients of a call on nothing: empty like what they are of, or zero, or as they were where they are added to. */

const { software: context } = await openContexts();
const { device } = context;
const none = (...shape: number[]): Tensor => context.empty(shape);
const sevens = (...shape: number[]): Tensor =>
  context.tensor(new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(7), shape);

const FUSINGS: Partial<Fusing>[] = [
  { residual: 'gated', modulation: 'channel', activation: 'silu', mask: 'output' },
  { residual: 'plain', modulation: 'full', activation: 'none', mask: 'none' },
  { residual: 'none', modulation: 'sample', activation: 'gelu', mask: 'statistics', like: true },
];

describe.each(modes.map((mode) => [mode.name, mode] as const))('%s', (name, mode) => {
  it.skipIf(name === 'BatchNorm, training')('gives what the reference gives, without a dispatch', async () => {
    for (const dtype of ['f32', ...HALVES] as const) {
      for (const fusing of FUSINGS) {
        for (const layout of mode.layouts) {
          const all = { dtype, like: false, affine: 'both', ...fusing } as Fusing;
          const fused = fuse(mode, mode.call({ N: 0, C: 5, L: 6 }, layout), layout, all, new Random(1));
          const { saved } = callGpuForward(fused, placing(context, fused));
          const dy = context.empty(fused.x.shape, { dtype });
          let gradients!: Partial<Record<GradientName, Tensor>>;
          const { passes } = watchingCommands(device, () => (gradients = backwardOf(fused.op)(dy, saved)));
          expect(passes).toBe(0);
          const exact = gradientsByReference(fused, { data: [], shape: fused.x.shape });
          expect(Object.keys(gradients).sort()).toEqual(Object.keys(exact).sort());
          for (const [gradient, tensor] of Object.entries(gradients) as [GradientName, Tensor][]) {
            expect(tensor.shape, gradient).toEqual(exact[gradient].shape);
            expect(Array.from(await numbersOf(tensor)), gradient).toEqual([...exact[gradient].data]);
          }
        }
      }
    }
  });
});

describe('zero gradients', () => {
  const weight = sevens(5);
  const bias = sevens(5);
  const forward = (): ForwardResult => norm.layerNormForward(none(0, 5), { weight, bias });
  const dy = none(0, 5);
  const zeros = new Float32Array(5);

  it('are written to tensors of the caller, and not added', async () => {
    const { saved } = forward();
    const [dweight, dbias] = [sevens(5), sevens(5)];
    const seen = watchingCommands(device, () => {
      norm.layerNormBackward(dy, saved, { out: { dweight }, accumulate: { dbias } });
    });
    expect(seen).toEqual({ submits: 1, passes: 0, clears: 1 });
    expect(await dweight.read()).toEqual(zeros);
    expect(await dbias.read()).toEqual(new Float32Array(5).fill(7));
    const nothing = watchingCommands(device, () => norm.layerNormBackward(dy, saved, { gradients: ['dx'] }));
    expect(nothing).toEqual({ submits: 0, passes: 0, clears: 0 });
    expect(context.explain(() => norm.layerNormBackward(dy, saved)).map(({ passes }) => passes)).toEqual([[]]);
  });

  it('come in the order of an encoder and of an open pass', async () => {
    const x = context.tensor(new Random(1).normals(20), [4, 5]);
    const full = norm.layerNormForward(x, { weight, bias });
    const [empty, dweight] = [forward(), sevens(5)];
    const run = async (encoder: norm.BackwardOptions['encoder'] & object, end: () => GPUCommandEncoder) => {
      norm.layerNormBackward(x, full.saved, { gradients: ['dweight'], out: { dweight }, encoder });
      norm.layerNormBackward(dy, empty.saved, { gradients: ['dweight'], out: { dweight }, encoder });
      device.queue.submit([end().finish()]);
      expect(await dweight.read()).toEqual(zeros);
    };
    const commands = device.createCommandEncoder();
    await run(commands, () => commands);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    await run(pass, () => {
      pass.end();
      return encoder;
    });
  });

  it('reach buffers that take no copies, and halves that share a word', async () => {
    const buffer = device.createBuffer({ size: 20, usage: 0x80 | 0x4, mappedAtCreation: true });
    new Float32Array(buffer.getMappedRange()).fill(7);
    buffer.unmap();
    const dweight = context.wrap(buffer, { shape: [5] });
    norm.layerNormBackward(dy, forward().saved, { out: { dweight } });
    expect(await dweight.read()).toEqual(zeros);
    for (const dtype of ['f16', 'bf16'] as const) {
      for (const offset of [0, 1, 4]) {
        const half = context.empty([5], { dtype });
        const { saved } = norm.layerNormForward(context.empty([0, 5], { dtype }), { weight: half });
        const { tensor, untouched } = placeAt(context, new Float32Array(5).fill(7), [5], dtype, offset);
        norm.layerNormBackward(context.empty([0, 5], { dtype }), saved, { out: { dweight: tensor } });
        expect(await numbersOf(tensor), `${dtype} from ${offset}`).toEqual(new Float64Array(5));
        expect(await untouched()).toBe(true);
      }
    }
  });

  it.each(HALVES)('are written to a row of a tensor of %s, and to none beside it', async (dtype) => {
    for (const row of [0, 1, 2]) {
      const rows = context.tensor(new Float32Array(15).fill(7), [3, 5], { dtype });
      const weight = context.empty([5], { dtype });
      const { saved } = norm.layerNormForward(context.empty([0, 5], { dtype }), { weight });
      const dweight = rows.slice(0, row, row + 1).reshape([5]);
      const encoder = device.createCommandEncoder();
      norm.layerNormBackward(context.empty([0, 5], { dtype }), saved, { out: { dweight }, encoder });
      device.queue.submit([encoder.finish()]);
      const expected = new Float32Array(15).fill(7).fill(0, row * 5, row * 5 + 5);
      expect(await rows.read(), `row ${row}`).toEqual(expected);
    }
  });

  it('may share a buffer with an empty tensor anywhere in it', async () => {
    const buffer = device.createBuffer({ size: 1024, usage: 0x80 | 0x4 | 0x8 });
    const dweight = context.wrap(buffer, { shape: [5] });
    const dx = context.wrap(buffer, { shape: [0, 5], byteOffset: 8 });
    expect(norm.layerNormBackward(dy, forward().saved, { out: { dx, dweight } }).dx).toBe(dx);
    expect(await dweight.read()).toEqual(new Float32Array(5));
  });
});

describe('a part of a batch without elements', () => {
  it('adds nothing to the sums of the others', async () => {
    const x = context.tensor(new Random(2).normals(30), [10, 3]);
    const dy = context.tensor(new Random(3).normals(30), [10, 3]);
    const options = { training: true, moments: norm.moments(x, { axes: [0] }), weight: sevens(3) } as const;
    const [full, empty] = [norm.batchNormForward(x, options), norm.batchNormForward(none(0, 3), options)];
    const [of, ofNothing] = [norm.gradientSums(dy, full.saved), norm.gradientSums(none(0, 3), empty.saved)];
    expect([ofNothing.count, ofNothing.dy.shape]).toEqual([0, [3]]);
    for (const tensor of [ofNothing.dy, ofNothing.dyXhat]) expect(await tensor.read()).toEqual(new Float32Array(3));
    const sums = norm.mergeGradientSums([of, norm.loadGradientSums(context, await ofNothing.read())]);
    expect([sums.count, await sums.dy.read()]).toEqual([10, await of.dy.read()]);
    const { dx, dweight } = norm.batchNormBackward(none(0, 3), empty.saved, { sums });
    expect([dx.shape, await dweight!.read()]).toEqual([[0, 3], new Float32Array(3)]);
    const whole = norm.batchNormBackward(dy, full.saved, { sums }).dx;
    expect(await whole.read()).toEqual(await norm.batchNormBackward(dy, full.saved, { sums: of }).dx.read());
  });
});
