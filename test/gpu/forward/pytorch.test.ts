import { describe, expect, it } from 'vitest';
import type { NdArray } from '../../../src/reference/index.ts';
import published from '../../conformance/pytorch.json';
import { openContexts } from '../support/contexts.ts';
import { roundTo } from '../support/formats.ts';
import { rounded } from '../support/fused.ts';
import { gradientsByReference } from '../support/gradients.ts';
import { resultsOf } from '../support/results.ts';
import { normalizedByReference, relativeError } from '../support/run.ts';
import type { Filled } from '../support/run.ts';

/** What PyTorch computes (test/conformance/pytorch.py), of the GPU and of the CPU reference. */

const contexts = Object.entries(await openContexts());

/** Relative to the largest result: PyTorch's are of float64, written with nine digits. */
const BOUNDS = { gpu: 2 ** -17, reference: 2 ** -27 };

interface Case {
  name: string;
  op: Filled['op'];
  options: Record<string, unknown>;
  dtype?: 'bf16';
  x: NdArray;
  arrays: Record<string, NdArray>;
  /** Where there are gradients. */
  dy?: NdArray;
  results: Record<string, NdArray>;
}
const cases = published.cases as unknown as Case[];

const floats = ({ data, shape }: NdArray): Filled['x'] => ({ data: Float32Array.from(data), shape });

function filledOf({ op, options, x, arrays }: Case): Filled {
  const given = Object.entries(arrays).map(([name, array]) => [name, floats(array)] as const);
  return { op, x: floats(x), options, arrays: Object.fromEntries(given) };
}

it('there are 30 cases', () => {
  expect(cases).toHaveLength(30);
});

// The reference rounds to no format.
it.each(cases.filter(({ dtype }) => !dtype))('the CPU reference: $name', (one) => {
  const filled = filledOf(one);
  const actual: Record<string, NdArray> = { y: normalizedByReference(filled).y };
  if (one.dy) Object.assign(actual, gradientsByReference(filled, floats(one.dy)));
  for (const [name, { data }] of Object.entries(one.results)) {
    expect(relativeError(actual[name]!.data, data), name).toBeLessThanOrEqual(BOUNDS.reference);
  }
});

describe.each(contexts)('%s plans', (_, context) => {
  it.each(cases)('$name', async (one) => {
    const { dtype = 'f32', dy = one.x, results } = one;
    const fused = rounded(filledOf(one), { dtype, like: true });
    const actual = await resultsOf(context, fused, floats(dy));
    // dx is a difference, of rows of two almost nothing: its error is that of what it is the difference of.
    const largest = (array: ArrayLike<number>): number => Math.max(...Array.from(array, Math.abs));
    const made = largest(actual['rstd']!) * largest(dy.data) * largest(one.arrays['weight']?.data ?? [1]);
    const madeOf = (name: string): NdArray | undefined => (name === 'dx' ? { data: [made], shape: [1] } : undefined);
    for (const [name, { data }] of Object.entries(results)) {
      if (dtype === 'bf16')
        expect([...actual[name]!], name).toEqual(Array.from(data, (value) => roundTo(dtype, value)));
      else expect(relativeError(actual[name]!, data, madeOf(name)), name).toBeLessThanOrEqual(BOUNDS.gpu);
    }
  });
});
