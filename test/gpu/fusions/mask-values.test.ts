import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { openContexts } from '../support/contexts.ts';
import type { Format } from '../support/formats.ts';
import { Random } from '../support/random.ts';

/** Masks of any numbers: 0 and -0 leave out, and nothing else does, NaN and the least number of a format included. */

const contexts = Object.entries(await openContexts());
const LEAST: Record<Format, number> = { f32: 2 ** -149, f16: 2 ** -24, bf16: 2 ** -133 };
const FORMATS = Object.keys(LEAST) as Format[];
const shape = [2, 10, 5];
const positions = [2, 10];
const valuesOf = (format: Format): number[] =>
  Array.from(
    { length: 20 },
    (_, index) => [NaN, 0, LEAST[format], -0, -1, 0.5, -LEAST[format], 0, Infinity, 1][index % 10]!,
  );
const ONES_AND_ZEROS = valuesOf('f32').map((value) => (value === 0 ? 0 : 1));
const x = new Random(3).normals(100);
const dy = new Random(4).normals(100);
const OPTIONS = [
  ['batchNorm', { layout: 'NLC', training: true }],
  ['instanceNorm', { layout: 'NLC' }],
  ['layerNorm', { axes: [1, 2] }],
  ['layerNorm', {}],
] as const;
const CALLS = OPTIONS.flatMap(([op, options]) =>
  [false, true].map((maskOutput) => ({ op, options: { ...options, maskOutput } })),
);

it.each(CALLS)('the CPU reference: $op, $options', ({ op, options }) => {
  const call = reference[op] as typeof reference.batchNorm;
  const resultOf = (data: number[]) =>
    call({ data: x, shape }, { ...options, mask: { data, shape: positions } } as never).y.data;
  for (const format of FORMATS) expect(resultOf(valuesOf(format)), format).toEqual(resultOf(ONES_AND_ZEROS));
});

describe.each(contexts)('%s plans', (_, context) => {
  it.each(CALLS)('$op, $options', async ({ op, options }) => {
    const forward = norm[`${op}Forward`] as unknown as typeof norm.batchNormForward;
    const backward = norm[`${op}Backward`] as unknown as typeof norm.batchNormBackward;
    const resultsOf = async (mask: Tensor, format: Format): Promise<Float32Array[]> => {
      const given = context.tensor(x, shape, { dtype: format });
      const { y, saved } = forward(given, { ...options, mask } as never);
      const { dx } = backward(context.tensor(dy, shape, { dtype: format }), saved);
      return [await y.read(), await dx.read()];
    };
    for (const format of FORMATS) {
      const mask = (values: number[]): Tensor => context.tensor(values, positions, { dtype: format });
      const plain = await resultsOf(mask(ONES_AND_ZEROS), format);
      expect(await resultsOf(mask(valuesOf(format)), format), format).toEqual(plain);
    }
  });
});
