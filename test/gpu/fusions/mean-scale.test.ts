import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import type { Plans } from '../support/contexts.ts';
import type { Format } from '../support/formats.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { gradientFor, rounded } from '../support/fused.ts';
import { differences, gradientsByReference } from '../support/gradients.ts';
import { contextBinding, isInPieces, plansOf } from '../support/pieces.ts';
import { Random } from '../support/random.ts';
import { resultsOf } from '../support/results.ts';
import { relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** A share of the mean taken off, forward and backward, against float64: of graphs packed one after the other, of samples in any layout. */

const opened = await openContexts();
const contexts = Object.entries(opened);

interface Case {
  name: string;
  x: number[];
  C: number;
  options?: Record<string, unknown>;
  arrays?: Record<string, number[]>;
  starts?: number[];
  mask?: boolean;
}

const LENGTHS = { several: [3, 1, 17, 0, 40, 2], alone: [23], long: [2, 3000, 1, 4] };
const startsOf = (lengths: readonly number[]): number[] =>
  lengths.reduce((all, length) => [...all, all.at(-1)! + length], [0]);

const PACKED = Object.entries(LENGTHS).flatMap(([name, lengths]) =>
  [12, 9].map((C): Case => {
    const starts = startsOf(lengths);
    return { name: `packed, ${name}, ${C} channels`, x: [starts.at(-1)!, C], C, starts };
  }),
);
const CASES: Case[] = [
  ...PACKED,
  {
    name: 'packed, with all around it',
    x: [63, 8],
    C: 8,
    starts: startsOf(LENGTHS.several),
    options: { activation: 'silu', multiply: { activation: 'sigmoid' } },
    arrays: { residual: [63, 8], gate: [8], scale: [8], shift: [8], by: [63, 8], add: [63, 8] },
  },
  { name: 'rows on chip', x: [3, 5, 16, 16], C: 5 },
  { name: 'long rows', x: [2, 3, 70, 71], C: 3 },
  { name: 'channels last', x: [2, 9, 13, 8], C: 8, options: { layout: 'NHWC' } },
  { name: 'one graph', x: [1, 37, 6], C: 6, options: { layout: 'NLC' } },
  { name: 'channels only', x: [40, 9], C: 9, options: { layout: 'LC' } },
  { name: 'masked', x: [3, 4, 21], C: 4, options: { layout: 'NCL', maskOutput: true }, mask: true },
  {
    name: 'modulated by a map',
    x: [2, 4, 6, 8],
    C: 4,
    options: { activation: 'gelu-tanh' },
    arrays: { scale: [2, 4, 6, 8], shift: [2, 4], residual: [2, 4, 6, 8], gate: [2, 4] },
  },
];
const DTYPES: Format[] = ['f32', 'f16', 'bf16'];

function filledOf({ x, C, options = {}, arrays = {}, starts, mask }: Case, random: Random): Filled {
  const array = (shape: number[], mean = 0) => ({ data: random.normals(sizeOf(shape), mean), shape });
  const positions = [x[0]!, x[2]!];
  return {
    op: 'instanceNorm',
    x: array(x, 3),
    options,
    arrays: {
      weight: array([C], 1),
      bias: array([C]),
      meanScale: array([C], 0.5),
      ...Object.fromEntries(Object.entries(arrays).map(([name, shape]) => [name, array(shape)])),
      ...(starts && { segments: { data: Float32Array.from(starts), shape: [starts.length] } }),
      ...(mask && {
        mask: {
          data: Float32Array.from({ length: sizeOf(positions) }, (_, index) => (index % 3 === 1 ? 0 : 1)),
          shape: positions,
        },
      }),
    },
  };
}

describe.each(part(contexts, 2, 1))('%s plans', (plans, context) => {
  it.each(CASES.map((of, index) => ({ ...of, dtype: DTYPES[index % 3]!, index })))('$name, $dtype', async (of) => {
    const random = new Random(500 + of.index);
    const fused = rounded(filledOf(of, random), { dtype: of.dtype, like: of.index % 2 === 1 });
    const errors = await fusedErrors(context, fused, gradientFor(fused, random), null, true);
    expect(Object.keys(errors)).toContain('dmeanScale');
    for (const [name, units] of Object.entries(errors)) expect(units, name).toBeLessThanOrEqual(1);
  });

  it('in pieces of whole groups, dmeanScale added up over them, or refused where groups would be cut', async () => {
    const random = new Random(78);
    const place = { name: 'pieces', x: [6, 4, 300], C: 4, options: { layout: 'NCL' } };
    const fused = rounded(filledOf(place, random), { dtype: 'f32', like: false });
    const small = await contextBinding(opened, plans as Plans, 4 * 4 * 300);
    expect(isInPieces(plansOf(small, fused, true), 'dx')).toBe(true);
    const errors = await fusedErrors(small, fused, gradientFor(fused, random), null, true);
    for (const [name, units] of Object.entries(errors)) expect(units, name).toBeLessThanOrEqual(1);
    const tiny = await contextBinding(opened, plans as Plans, 512);
    expect(() => plansOf(tiny, fused, false)).toThrow(/in pieces it cannot be, since meanScale is of whole groups/);
  });

  it('keeps its digits where nearly all of a large mean is taken off, and where none of it', async () => {
    const random = new Random(77);
    const x = { data: random.normals(4 * 3 * 500, 1e4), shape: [4, 3, 500] };
    const filled: Filled = {
      op: 'instanceNorm',
      x,
      options: { layout: 'NCL' },
      arrays: { meanScale: { data: Float32Array.of(1, 0.9999, 0), shape: [3] } },
    };
    const dy = { data: random.normals(x.data.length, 0.3), shape: x.shape };
    const results = await resultsOf(context, rounded(filled, { dtype: 'f32', like: false }), dy);
    const exact = gradientsByReference(filled, dy);
    const slopes = differences(filled, 'meanScale', dy, 1e-7);
    expect(relativeError(results['dmeanScale']!, exact.dmeanScale.data)).toBeLessThan(4e-6);
    expect(relativeError(exact.dmeanScale.data, slopes)).toBeLessThan(1e-5);
    expect(relativeError(results['dx']!, exact.dx.data)).toBeLessThan(4e-6);
  });
});
