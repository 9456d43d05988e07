import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { encode, roundTo } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';
import { publishedOf, PYTORCH, pytorchArrays } from '../../reference/pytorch-rotary.ts';
import { numbersOf, rounded } from '../support/fused.ts';
import { resultsOf } from '../support/results.ts';
import { pairwise } from '../support/pairwise.ts';
import type { Design } from '../support/pairwise.ts';
import { Random } from '../support/random.ts';
import { TABLES, tablesFor } from '../support/rotary-tables.ts';
import { LAYOUTS, rotaryByHand, rotaryOption } from '../support/rotary.ts';
import type { RotaryCall } from '../support/rotary.ts';
import { relativeError, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** `rotary`: heads that are normalized and rotated, forward and backward, against float64 loops from the definition (G25). */

const contexts = await openContexts();

/** A head's elements, and how many of them are rotated. Pairs of loads of four, of single elements, of both; rows of one lane and of many. */
const HEADS = [
  [8, 8],
  [64, 64],
  [64, 16],
  [64, 36],
  [128, 128],
  [256, 64],
  [80, 20],
  [2, 2],
  [6, 4],
  [10, 10],
  [12, 6],
  [48, 2],
  [1100, 1096],
] as const;

const FACTORS = {
  layout: LAYOUTS,
  head: HEADS,
  interleaved: [false, true],
  kind: TABLES,
  plans: PLANS,
  op: ['rmsNorm', 'layerNorm'],
  dtype: ['f32', 'f16', 'bf16'],
  tables: ['f32', 'as x'],
  affine: ['none', 'weight', 'both', 'weight of heads', 'both of heads'],
  rows: ['few', 'many'],
} as const;

/** A few units of the format, of the largest result. */
const BOUNDS: Record<Format, number> = { f32: 2 ** -19, f16: 2 ** -10, bf16: 2 ** -7 };

interface Numbers {
  data: Float32Array<ArrayBuffer>;
  shape: number[];
}

function placeWith(context: Context, { data, shape }: Numbers, dtype: Format): Tensor {
  return context.tensor(dtype === 'f32' ? data : encode(dtype, data), shape, { dtype });
}

async function expectRotated(design: Design<typeof FACTORS>, index: number): Promise<void> {
  const { layout, head, interleaved, kind, plans, op, dtype, tables: stored, affine, rows } = design;
  const context = contexts[plans];
  const random = new Random(4000 + index);
  const [size, dims] = head;
  const long = size > 1000;
  const sizes = {
    samples: 3,
    tokens: rows === 'many' && !long ? 37 : 5,
    heads: layout.name.includes('H') ? 4 : 1,
    size,
  };
  const shape = layout.shape(sizes);
  const round = (format: Format, array: Numbers): Numbers => ({
    ...array,
    data: array.data.map((value) => roundTo(format, value)),
  });
  const normals = (of: number[], mean = 0): Numbers => ({ data: random.normals(sizeOf(of), mean), shape: of });
  const tableDtype = stored === 'f32' ? 'f32' : dtype;
  const exactTables = tablesFor({ shape, tokenAxis: layout.tokenAxis, dims }, kind, random);
  const tables = { ...exactTables, cos: round(tableDtype, exactTables.cos), sin: round(tableDtype, exactTables.sin) };
  const call: RotaryCall = { shape, tokenAxis: layout.tokenAxis, dims, interleaved, tables };
  // Weights of heads are those of the last two axes, whatever the first of them counts.
  const parameter = affine.endsWith('heads') ? shape.slice(-2) : [size];
  const x = round(dtype, normals(shape, 0.3));
  const dy = round(dtype, normals(shape, 0.2));
  const weight = affine === 'none' ? undefined : normals(parameter, 1);
  const bias = affine.startsWith('both') ? normals(parameter) : undefined;

  const options = {
    eps: 1e-5,
    ...(weight && { weight: placeWith(context, weight, 'f32') }),
    ...(bias && { bias: placeWith(context, bias, 'f32') }),
    rotary: rotaryOption(
      call,
      (array) => placeWith(context, array, tableDtype),
      ({ data, shape: of }) => context.tensor(data, of, { dtype: 'u32' }),
    ),
  };
  const placed = placeWith(context, x, dtype);
  const { y, saved }: norm.ForwardResult = norm[`${op}Forward`](placed, options);
  const alone = norm[op](placed, options);
  const over = placeWith(context, x, dtype);
  norm[op](over, { ...options, out: over });
  const gradients = norm[`${op}Backward`](placeWith(context, dy, dtype), saved);
  const dx = norm[`${op}Backward`](placeWith(context, dy, dtype), saved, { gradients: ['dx'] }).dx;

  const statistic = op === 'rmsNorm' ? 'rms' : 'mean-variance';
  const exact = rotaryByHand(call, x.data, { statistic, eps: 1e-5, weight: weight?.data, bias: bias?.data }, dy.data);
  const results: [string, Tensor, keyof typeof exact][] = [
    ['y', y, 'y'],
    ['y where nothing is saved', alone, 'y'],
    ['y over x', over, 'y'],
    ['dx', gradients.dx, 'dx'],
    ['dx alone', dx, 'dx'],
    ...(weight ? [['dweight', gradients.dweight!, 'dweight'] as [string, Tensor, 'dweight']] : []),
    ...(bias ? [['dbias', gradients.dbias!, 'dbias'] as [string, Tensor, 'dbias']] : []),
  ];
  const what = `${layout.name} [${shape.join()}] ${Object.values({ dims, interleaved, kind, plans, op, dtype, stored, affine }).join()}`;
  for (const [name, tensor, of] of results) {
    const bound = BOUNDS[tensor.dtype as Format];
    expect(relativeError(await numbersOf(tensor), exact[of]), `${name} of ${what}`).toBeLessThanOrEqual(bound);
  }
  for (const tensor of [y, alone, over, placed, ...Object.values(gradients), dx]) (tensor as Tensor).destroy();
  saved.destroy();
}

const designs = part(pairwise(FACTORS, new Random(78)).map((design, index) => ({ ...design, index })));

describe('normalized and rotated', () => {
  it.each(designs)('$index', async ({ index, ...design }) => expectRotated(design, index));
});

describe.each(Object.entries(contexts))('%s plans', (_, context) => {
  it.each(PYTORCH)('as PyTorch has it: $op, interleaved $interleaved, $dims of 8', async (published) => {
    const { op, interleaved, dims, y, dx, dweight, dbias } = published;
    const { dy, x, ...arrays } = Object.fromEntries(
      Object.entries(pytorchArrays(published)).map(([name, { data, shape }]) => [
        name,
        { data: Float32Array.from(data), shape },
      ]),
    );
    const options = { eps: 1e-5, rotary: { interleaved, dims, tokenAxis: 1 } };
    const fused = rounded({ op, x: x!, options, arrays }, { dtype: 'f32', like: true });
    const results = await resultsOf(context, fused, dy!);
    const all = Object.entries(results).map(([name, data]) => [name, { data }] as const);
    const actual = publishedOf(Object.fromEntries(all));
    for (const [name, exact] of Object.entries({ y, dx, dweight, ...(dbias && { dbias }) })) {
      expect(relativeError(actual[name]!, exact), name).toBeLessThanOrEqual(BOUNDS.f32);
    }
  });
});
