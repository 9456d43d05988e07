import { describe, expect, it } from 'vitest';
import {
  createContext,
  globalResponseNorm,
  globalResponseNormBackward,
  globalResponseNormForward,
} from '../../../src/index.ts';
import { gradientsByAutodiff } from '../support/autodiff.ts';
import { boundOf, gradientBoundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { fuse, gradientFor } from '../support/fused.ts';
import { backwardOf, fillGradient, gradientErrors } from '../support/gradients.ts';
import { RESPONSE as mode } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, fill, normalizedByReference, relativeError, upload } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** GRN against float64: every pair of layout, dtype, fusion, shape and adapter (G24). */

const contexts = await openContexts();

const SIZES = {
  'multiples of four': { N: 2, C: 8, L: 36 },
  odd: { N: 3, C: 5, L: 49 },
  'odd channels': { N: 2, C: 9, L: 64 },
  long: { N: 1, C: 4, L: 4100 },
  'many channels': { N: 1, C: 70, L: 2 },
  'one position': { N: 4, C: 3, L: 1 },
} as const;

const FACTORS = {
  layout: ['NCHW', 'NHWC', 'NLC', 'NC', 'CN'],
  size: Object.keys(SIZES) as (keyof typeof SIZES)[],
  plans: PLANS,
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  affine: ['none', 'weight', 'bias', 'both'],
  residual: ['none', 'plain', 'gated'],
  modulation: ['none', 'channel', 'sample', 'shift'],
  activation: ['none', 'gelu', 'silu'],
  dresidualOut: [false, true],
} as const;

const designs = part(pairwise(FACTORS, new Random(79)).map((design, index) => ({ ...design, index })));

describe('fused calls', () => {
  it.each(designs)('$index', async ({ layout, size, plans, dresidualOut, index, ...fusing }) => {
    const random = new Random(3000 + index);
    const fused = fuse(mode, mode.call(SIZES[size], layout), layout, { ...fusing, mask: 'none' }, random);
    const given = dresidualOut && fused.arrays['residual'] ? gradientFor(fused, random, 0, 'dresidualOut') : null;
    const errors = await fusedErrors(contexts[plans], fused, gradientFor(fused, random), given, index % 3 === 0);
    const what = [layout, size, plans, ...Object.values(fusing)].join(', ');
    for (const [result, units] of Object.entries(errors)) expect(units, `${result} of ${what}`).toBeLessThanOrEqual(1);
  });
});

const SCHEDULES = [
  { name: 'split', chunk: 3, reduce: 'invocation', tile: 'memory', lanes: 1 },
  { name: 'whole', reduce: 'workgroup', tile: 'memory', lanes: 16 },
  { name: 'split', chunk: 40, reduce: 'workgroup', tile: 'registers', lanes: 16 },
] as const;

it.each(SCHEDULES)('schedule $name, $reduce, $tile', async (schedule) => {
  for (const layout of ['NCHW', 'NHWC']) {
    const profile = { software: false, parallel: 64, maxWorkgroup: 32, maxDispatch: 67 };
    using context = await createContext({ device: contexts.software.device, profile, schedule });
    const filled = fill(mode, mode.call({ N: 3, C: 37, L: 50 }, layout), 'both', new Random(5));
    const exact = normalizedByReference(filled);
    const { y, saved } = callGpuForward(filled, upload(context));
    const { weight, bias } = filled.arrays;
    expect(relativeError(await y.read(), exact.y.data, weight, bias), 'y').toBeLessThanOrEqual(boundOf(mode));
    expect(relativeError(await saved.rstd.read(), exact.rstd.data), 'n').toBeLessThanOrEqual(boundOf(mode));
    const dy = fillGradient(filled, new Random(6));
    const gradients = backwardOf(mode.op)(context.tensor(dy.data, dy.shape), saved);
    for (const [name, error] of Object.entries(await gradientErrors(filled, dy, gradients))) {
      expect(error, name).toBeLessThanOrEqual(gradientBoundOf(mode));
    }
  }
});

describe.each(Object.entries(contexts))('%s plans', (_, context) => {
  it.each(['NCHW', 'NHWC'])('%s has the gradients of automatic differentiation', async (layout) => {
    const random = new Random(21);
    const filled = fill(mode, mode.call({ N: 2, C: 5, L: 9 }, layout), 'both', random);
    const dy = fillGradient(filled, random);
    const theirs = gradientsByAutodiff(filled, dy);
    const { saved } = callGpuForward(filled, upload(context));
    const ours = backwardOf(mode.op)(context.tensor(dy.data, dy.shape), saved);
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    for (const [name, tensor] of Object.entries(ours)) {
      expect(relativeError(await tensor.read(), theirs[name as 'dx']!), name).toBeLessThanOrEqual(2 ** -17);
    }
  });

  it('passes channels of zeros on, and samples of them', async () => {
    const x = context.tensor([3, 4, 0, 0, 0, 0, 0, 0], [2, 2, 2]);
    const weight = context.tensor([2, 2], [2]);
    const { y, saved } = globalResponseNormForward(x, { layout: 'NCL', weight, eps: 0 });
    expect(await y.read()).toEqual(Float32Array.of(15, 20, 0, 0, 0, 0, 0, 0));
    const dy = context.tensor(new Float32Array(8).fill(1), [2, 2, 2]);
    const dx = await globalResponseNormBackward(dy, saved).dx.read();
    expect(dx.every(Number.isFinite)).toBe(true);
    expect(Array.from(dx).slice(2)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('a weight of 0, as a trained layer begins: y is x, and the weight has a gradient', async () => {
    const random = new Random(22);
    const x = random.normals(24);
    const weight = context.tensor(new Float32Array(3), [3]);
    const { y, saved } = globalResponseNormForward(context.tensor(x, [2, 3, 4]), { layout: 'NCL', weight });
    expect(await y.read()).toEqual(x);
    const dy = context.tensor(x, [2, 3, 4]);
    const { dx, dweight } = globalResponseNormBackward(dy, saved, { gradients: ['dx', 'dweight'] });
    expect(await dx.read()).toEqual(x);
    expect((await dweight.read()).every((value) => value > 0)).toBe(true);
    const alone = globalResponseNormBackward(dy, saved, { gradients: ['dweight'] });
    expect(await alone.dweight.read()).toEqual(await dweight.read());
  });

  it('over x itself', async () => {
    const data = new Random(23).normals(40);
    const x = context.tensor(data, [2, 5, 4]);
    const exact = await globalResponseNorm(x, { layout: 'NCL' }).read();
    globalResponseNorm(x, { layout: 'NCL', out: x });
    expect(await x.read()).toEqual(exact);
  });
});
