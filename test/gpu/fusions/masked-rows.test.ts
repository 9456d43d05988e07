import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { gradientFor, placing, rounded } from '../support/fused.ts';
import type { Format } from '../support/formats.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** Masks of LayerNorm, RMSNorm and GroupNorm, over one position and over several, against float64: (G17), (G18). */

const contexts = Object.entries(await openContexts());

/** A mode, the shape of x, its options, the shape of weight and bias and that of the mask. */
const CASES: [name: string, op: Operation, shape: number[], options: object, affine: number[], mask: number[]][] = [
  ['layerNorm over T,C', 'layerNorm', [3, 10, 8], { axes: [1, 2] }, [10, 8], [3, 10]],
  ['layerNorm over T,C of odd sizes', 'layerNorm', [3, 9, 7], { axes: [1, 2] }, [9, 7], [3, 9]],
  ['layerNorm over C,H,W', 'layerNorm', [2, 4, 5, 6], { axes: [1, 2, 3] }, [4, 5, 6], [2, 1, 5, 6]],
  ['layerNorm over H,W,C', 'layerNorm', [2, 5, 6, 4], { axes: [1, 2, 3] }, [5, 6, 4], [2, 5, 6]],
  ['layerNorm over T,C, by channel', 'layerNorm', [3, 10, 8], { axes: [1, 2] }, [10, 8], [3, 1, 8]],
  ['layerNorm over T,C, by element', 'layerNorm', [3, 10, 8], { axes: [1, 2] }, [10, 8], [3, 10, 8]],
  ['layerNorm over T,C, long', 'layerNorm', [2, 70, 96], { axes: [1, 2] }, [70, 96], [2, 70]],
  ['layerNorm of each token', 'layerNorm', [4, 7, 9], {}, [9], [4, 7]],
  ['layerNorm of each token, unbiased', 'layerNorm', [40, 16], { unbiased: true }, [16], [40]],
  ['rmsNorm over T,C', 'rmsNorm', [3, 10, 8], { axes: [1, 2] }, [10, 8], [3, 10]],
  ['rmsNorm of each token', 'rmsNorm', [4, 9, 33], {}, [33], [4, 9]],
  ['groupNorm NCHW', 'groupNorm', [2, 6, 5, 7], { numGroups: 2 }, [6], [2, 5, 7]],
  ['groupNorm NHWC', 'groupNorm', [2, 8, 9, 12], { numGroups: 3, layout: 'NHWC' }, [12], [2, 8, 9]],
  ['groupNorm NLC, long', 'groupNorm', [2, 700, 6], { numGroups: 3, layout: 'NLC' }, [6], [2, 700]],
];
const DTYPES: Format[] = ['f32', 'f16', 'bf16'];

const cases = CASES.flatMap((each, index) =>
  [false, true].map((maskOutput, turn) => [...each, maskOutput, DTYPES[(index + turn) % 3]!] as const),
);

function callOf(index: number): Filled {
  const [, op, shape, options, affine, maskShape, maskOutput] = cases[index]!;
  const random = new Random(500 + index);
  const array = (of: number[], mean = 0) => ({ data: random.normals(sizeOf(of), mean), shape: of });
  const mask = {
    data: Float32Array.from({ length: sizeOf(maskShape) }, () => (random.uniform() < 0.7 ? 1 : 0)),
    shape: maskShape,
  };
  return {
    op,
    x: array(shape, 3),
    options: { ...options, activation: 'silu', ...(maskOutput && { maskOutput }) },
    arrays: { weight: array(affine, 1), bias: array(affine), residual: array(shape), mask },
  };
}

describe.each(part(contexts, 2))('%s plans', (_, context) => {
  it.each(cases.map((each, index) => [each[0], each[6] ? 'the output' : 'statistics', each[7], index] as const))(
    '%s, a mask of %s, %s',
    async (__, ___, dtype, index) => {
      const fused = rounded(callOf(index), { dtype, like: false });
      if (fused.options['maskOutput']) poison(fused);
      const errors = await fusedErrors(context, fused, gradientFor(fused, new Random(7)), null, index % 2 === 0);
      for (const [name, units] of Object.entries(errors)) expect(units, name).toBeLessThanOrEqual(1);
    },
  );

  it('is no part of a call that it changes nothing of', () => {
    const fused = rounded(callOf(CASES.findIndex(([name]) => name === 'layerNorm of each token') * 2), {
      dtype: 'f32',
      like: false,
    });
    const [plan] = context.explain(() => callGpu(fused, placing(context, fused)));
    expect(plan!.passes.flatMap(({ bindings }) => bindings.map(({ name }) => name))).not.toContain('mask');
  });
});

/** NaN where an element is masked. */
function poison({ op, x, options, arrays }: Filled): void {
  const mask = arrays['mask']!;
  const channel = op !== 'groupNorm' || options['layout'] ? x.shape.length - 1 : 1;
  const strides = x.shape.map((__, axis) => sizeOf(x.shape.slice(axis + 1)));
  const sameRank = mask.shape.length === x.shape.length;
  x.data.forEach((___, element) => {
    const at = x.shape.map((size, axis) => Math.floor(element / strides[axis]!) % size);
    const own = sameRank ? at.map((each, axis) => (mask.shape[axis] === 1 ? 0 : each)) : at.toSpliced(channel, 1);
    const place = own.reduce((offset, each, axis) => offset * mask.shape[axis]! + each, 0);
    if (mask.data[place] === 0) x.data[element] = NaN;
  });
}
