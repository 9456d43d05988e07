import { describe, expect, it } from 'vitest';
import { layerNormBackward, layerNormForward } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { encode } from '../support/formats.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { fuse, gradientFor } from '../support/fused.ts';
import type { Destination } from '../support/gradients.ts';
import { PLACES } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import type { Place } from '../support/run.ts';
import { LYINGS, viewAs } from '../support/strided.ts';
import type { Lying, Viewed } from '../support/strided.ts';
import { part } from '../support/sweeps.ts';

/** Slices and axes in another order, in and out, forward and backward against float64; what lies between is left alone. */

const contexts = await openContexts();

const SIZES = {
  'multiples of four': { N: 2, C: 8, L: 36 },
  odd: { N: 3, C: 5, L: 49 },
  'odd channels': { N: 2, C: 9, L: 64 },
  long: { N: 2, C: 4, L: 4100 },
} as const;

const FACTORS = {
  place: PLACES,
  x: LYINGS,
  operands: LYINGS,
  dy: LYINGS,
  results: LYINGS,
  dtype: ['f32', 'f32', 'f16', 'bf16'],
  size: Object.keys(SIZES) as (keyof typeof SIZES)[],
  plans: PLANS,
  like: [false, true],
  affine: ['none', 'both'],
  residual: ['none', 'plain', 'gated'],
  modulation: ['none', 'sample', 'full'],
  activation: ['none', 'silu'],
  multiply: ['none', 'before', 'after, silu'],
  add: ['none', 'full'],
  mask: ['none', 'output'],
} as const;

/** Arrays of the call that may be views. */
const VIEWED = new Set(['residual', 'gate', 'scale', 'shift', 'by', 'add', 'dresidualOut']);

/** Results that may be views; other gradients are contiguous. */
const STRIDED = new Set(['y', 'dx']);

/** Gradients that are sums are made in the order of the strides of what they are of. */
const inOrder = (array: string, lying: Lying): Lying =>
  lying === 'permuted' && (array === 'gate' || array === 'scale' || array === 'shift') ? 'columns' : lying;

const designs = part(
  pairwise(FACTORS, new Random(80))
    .map((design, index) => ({ ...design, index }))
    .filter(({ place, size }) => !place.mode.refuses?.(SIZES[size]))
    .map((design) => (design.multiply === 'before' ? { ...design, residual: 'none' as const } : design)),
);

describe('strided tensors', () => {
  it.each(designs)('$index', async ({ place: { mode, layout, name }, index, ...design }) => {
    const { size, plans, x, operands, dy, results, ...fusing } = design;
    const random = new Random(4000 + index);
    const context = contexts[plans];
    const fused = fuse(mode, mode.call(SIZES[size], layout), layout, fusing, random);
    const views: Viewed[] = [];
    const lyingOf = (array: string): Lying =>
      array === 'x' ? x : array === 'dy' ? dy : VIEWED.has(array) ? inOrder(array, operands) : 'contiguous';
    const place: Place = ({ data, shape }, array) => {
      const dtype = fused.dtypes[array] ?? 'f32';
      const lying = lyingOf(array);
      if (lying === 'contiguous') return context.tensor(dtype === 'f32' ? data : encode(dtype, data), shape, { dtype });
      views.push(viewAs(context, data, shape, dtype, lying));
      return views.at(-1)!.tensor;
    };
    // Halves share words with what lies between, unless they come by fours.
    const destination: Destination = (result, dtype, shape) => {
      if (results === 'contiguous' || dtype !== 'f32' || !STRIDED.has(result)) return undefined;
      views.push(viewAs(context, new Float32Array(sizeOf(shape)), shape, dtype, results));
      return views.at(-1)!.tensor;
    };
    const given = fused.arrays['residual'] && index % 2 ? gradientFor(fused, random, 0, 'dresidualOut') : null;
    const arriving = gradientFor(fused, random);
    const errors = await fusedErrors(context, fused, arriving, given, false, { place, destination });
    const what = [name, ...Object.values(design)].join(', ');
    for (const [result, units] of Object.entries(errors)) expect(units, `${result} of ${what}`).toBeLessThanOrEqual(1);
    for (const { untouched } of views) expect(await untouched(), `what lies between: ${what}`).toBe(true);
    for (const { tensor } of views) tensor.buffer.destroy();
  });
});

const REPEATED = PLANS.flatMap((plans) => (['f32', 'f16', 'bf16'] as const).map((dtype) => ({ plans, dtype })));

it.each(REPEATED)('a factor and an addend that repeat by a stride of 0, $plans plans, $dtype', async (repeated) => {
  const context = contexts[repeated.plans];
  const { dtype } = repeated;
  const [random, shape, wide] = [new Random(81), [3, 5, 9], [0, 0, 1]];
  const [x, dy, row] = [random.normals(135), random.normals(135), random.normals(9)];
  const tensor = (data: ArrayLike<number>, of: readonly number[]): Tensor =>
    context.tensor(dtype === 'f32' ? Float32Array.from(data) : encode(dtype, data), of, { dtype });
  const gradients = (from: Tensor) => {
    const { saved } = layerNormForward(tensor(x, shape), { multiply: { by: from, activation: 'silu' }, add: from });
    return layerNormBackward(tensor(dy, shape), saved);
  };
  const { buffer, byteOffset } = tensor(row, [9]);
  const [repeats, exact] = [
    gradients(context.wrap(buffer, { shape, strides: wide, dtype, byteOffset })),
    gradients(
      tensor(
        Array.from(x, (_, index) => row[index % 9]!),
        shape,
      ),
    ),
  ];
  for (const name of ['dx', 'dby', 'dadd'] as const) {
    expect(await repeats[name]!.read(), name).toEqual(await exact[name]!.read());
  }
});
