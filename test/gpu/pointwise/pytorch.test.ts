import { describe, expect, it } from 'vitest';
import published from '../../conformance/pytorch-pointwise.json';
import { openContexts } from '../support/contexts.ts';
import { rounded } from '../support/fused.ts';
import { gradientsByReference } from '../support/gradients.ts';
import { resultsOf } from '../support/results.ts';
import { normalizedByReference, relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';

/** What PyTorch computes of DyT, Derf and GRN (test/conformance/pytorch-pointwise.py), of the GPU and of the CPU reference. */

const contexts = Object.entries(await openContexts());
const BOUNDS = { gpu: 2 ** -18, reference: 2 ** -27 };

/** Multiples of 1/16, as the script has them. */
const grid = (shape: number[], seed: number): Filled['x'] => ({
  data: Float32Array.from({ length: sizeOf(shape) }, (_, index) => (((index * 37 + seed * 11) % 41) - 20) / 16),
  shape,
});

const affine = (size: number) => ({ weight: grid([size], 4), bias: grid([size], 5) });
const x = grid([2, 3, 4], 1);
const cases: Filled[] = [
  { op: 'dynamicTanh', x, options: {}, arrays: { alpha: grid([1], 3), ...affine(4) } },
  { op: 'dynamicErf', x, options: {}, arrays: { alpha: grid([1], 3), inputShift: grid([1], 7), ...affine(4) } },
  { op: 'globalResponseNorm', x, options: { layout: 'NCL' }, arrays: affine(3) },
];
const dy = grid([2, 3, 4], 6);
const resultsFor = ({ op }: Filled): [string, number[]][] =>
  Object.entries(published[op as 'dynamicTanh'] as Record<string, number[]>);

it.each(cases)('the CPU reference: $op', (one) => {
  const actual = { y: normalizedByReference(one).y, ...gradientsByReference(one, dy) };
  for (const [name, data] of resultsFor(one)) {
    expect(relativeError(actual[name as 'dx'].data, data), name).toBeLessThanOrEqual(BOUNDS.reference);
  }
});

describe.each(contexts)('%s plans', (_, context) => {
  it.each(cases)('$op', async (one) => {
    const actual = await resultsOf(context, rounded(one, { dtype: 'f32', like: true }), dy);
    for (const [name, data] of resultsFor(one)) {
      expect(relativeError(actual[name]!, data), name).toBeLessThanOrEqual(BOUNDS.gpu);
    }
  });
});
