import { afterEach, describe, expect, it, vi } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { eventually } from '../support/eventually.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { gradientFor, placing } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { backwardOf } from '../support/gradients.ts';
import type { Destination } from '../support/gradients.ts';
import { isInPieces, plansOf, smallContextFor } from '../support/pieces.ts';
import { bytesOf, placeAt } from '../support/placed.ts';
import type { Placed } from '../support/placed.ts';
import { Random } from '../support/random.ts';
import { LAYOUTS, rotating } from '../support/rotary.ts';
import type { Rotating } from '../support/rotary.ts';
import { callGpu, callGpuForward, sizeOf } from '../support/run.ts';
import type { Place } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { LYINGS, viewAs } from '../support/strided.ts';
import type { Viewed } from '../support/strided.ts';

/** `rotary` where plans differ: how many dispatches it takes, tensors anywhere in their buffers, results over operands, pieces, programs for a shape. */

const contexts = await openContexts({ specialize: true });

const PLAIN: Rotating = {
  op: 'rmsNorm',
  layout: LAYOUTS[0]!,
  sizes: { samples: 3, tokens: 6, heads: 4, size: 64 },
  dims: 64,
  interleaved: false,
  kind: 'positions',
  dtype: 'f32',
  like: true,
  affine: 'weight',
  residual: 'none',
  modulation: 'none',
  multiply: 'none',
  add: 'none',
  activation: 'none',
  partial: false,
  output: 'as x',
};

/** Pairs within loads of four, of two, and of single elements. */
const PAIRS: Record<string, Partial<Rotating>> = {
  halves: {},
  neighbours: { interleaved: true },
  'some halves': { dims: 24 },
  'some neighbours': { interleaved: true, dims: 22 },
  'halves one by one': { dims: 36 },
  'odd pairs': { sizes: { ...PLAIN.sizes, size: 30 }, dims: 30 },
  'odd neighbours': { sizes: { ...PLAIN.sizes, size: 30 }, dims: 30, interleaved: true },
};
const names = Object.keys(PAIRS);

afterEach(() => void vi.restoreAllMocks());

const places = PLANS.flatMap((plans) => names.map((name) => ({ plans, name })));

describe.each(part(places))('$plans plans, $name', ({ plans, name }) => {
  const context = contexts[plans];
  const pairs = PAIRS[name]!;

  it('is one dispatch, and reads x once', () => {
    const fused = rotating({ ...PLAIN, ...pairs, affine: 'of heads' }, new Random(5));
    const [forward] = plansOf(context, fused, false);
    expect(forward!.passes.map(({ kernel }) => kernel)).toEqual(['normalize']);
    expect(forward!.passes[0]!.bindings.filter(({ resource }) => resource === 'x')).toHaveLength(1);
  });

  it.each(['f32', 'f16', 'bf16'] as const)(
    '%s: tensors anywhere in their buffers, and results over operands',
    async (dtype) => {
      for (const residual of ['none', 'plain'] as const) {
        const fused = rotating({ ...PLAIN, ...pairs, dtype, residual, kind: 'rows of samples' }, new Random(6));
        const apart = await resultsOf(context, fused, 0, false);
        for (const elementOffset of [0, 1, 4, 6]) {
          expect(await resultsOf(context, fused, elementOffset, false), `at ${elementOffset}`).toEqual(apart);
          expect(await resultsOf(context, fused, elementOffset, true), `in place at ${elementOffset}`).toEqual(apart);
        }
      }
    },
  );

  it.each(['rows', 'positions of samples', 'rows of samples'] as const)('in pieces: %s', async (kind) => {
    const fused = rotating({ ...PLAIN, ...pairs, kind, residual: 'plain' }, new Random(7));
    const random = new Random(8);
    const small = (await smallContextFor(contexts, plans, fused, { withGradient: true }))!;
    expect(isInPieces(plansOf(small, fused, true), 'dx')).toBe(true);
    const errors = await fusedErrors(
      small,
      fused,
      gradientFor(fused, random),
      gradientFor(fused, random, 0, 'dresidualOut'),
    );
    for (const [result, units] of Object.entries(errors)) expect(units, result).toBeLessThanOrEqual(1);
  });

  it.each(LYINGS.slice(1))('views: %s', async (lying) => {
    for (const affine of ['weight', 'of heads'] as const) {
      const random = new Random(12);
      const fused = rotating({ ...PLAIN, ...pairs, affine, kind: 'positions of samples' }, random);
      const views: Viewed[] = [];
      const view = (data: ArrayLike<number>, shape: readonly number[]): Tensor => {
        views.push(viewAs(context, data, shape, 'f32', lying));
        return views.at(-1)!.tensor;
      };
      const place: Place = (array, of) =>
        of === 'x' || of === 'dy' ? view(array.data, array.shape) : placing(context, fused)(array, of);
      const destination: Destination = (of, __, shape) =>
        of === 'y' || of === 'dx' ? view(new Float32Array(sizeOf(shape)), shape) : undefined;
      const errors = await fusedErrors(context, fused, gradientFor(fused, random), null, false, { place, destination });
      for (const [result, units] of Object.entries(errors)) expect(units, result).toBeLessThanOrEqual(1);
      for (const { untouched } of views) expect(await untouched()).toBe(true);
      for (const { tensor } of views) tensor.buffer.destroy();
    }
  });

  it('a shape that comes back gets the same bits from programs of its own', async () => {
    const fused = rotating({ ...PLAIN, ...pairs }, new Random(9));
    const run = runner(context, fused);
    const compile = vi.spyOn(context.device, 'createComputePipelineAsync');
    const first = await run();
    for (let time = 1; time < 16; time++) await run();
    await eventually(() => expect(compile).toHaveBeenCalled());
    await Promise.all(compile.mock.results.map(({ value }) => value as Promise<unknown>));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await run()).toEqual(first);
  });
});

describe.each(PLANS)('%s plans', (plans) => {
  const context = contexts[plans];

  it('a position beyond the tables takes their last row', async () => {
    const table = (of: (angle: number) => number): Tensor => context.tensor([0, 1, 2].map(of), [3, 1]);
    const rotary = { cos: table(Math.cos), sin: table(Math.sin) };
    const positions = (...at: number[]): Tensor => context.tensor(Uint32Array.from(at), [at.length], { dtype: 'u32' });
    const x = context.tensor([1, 2, 3, 4, 5, 6], [3, 2]);
    const y = norm.rmsNorm(x, { rotary: { ...rotary, positions: positions(3, 2 ** 32 - 1, 0) } });
    const last = norm.rmsNorm(x, { rotary: { ...rotary, positions: positions(2, 2, 0) } });
    expect(await y.read()).toEqual(await last.read());
  });

  it('q and k beside each other, each with a weight of its own, are one dispatch', async () => {
    const [tokens, size] = [5, 8];
    const random = new Random(10);
    const part = (heads: number) => random.normals(tokens * heads * size);
    const [q, k] = [part(4), part(2)];
    const joined = Float32Array.from({ length: tokens * 6 * size }, (_, at) => {
      const [token, head, e] = [Math.floor(at / (6 * size)), Math.floor(at / size) % 6, at % size];
      return head < 4 ? q[(token * 4 + head) * size + e]! : k[(token * 2 + head - 4) * size + e]!;
    });
    const [ofQ, ofK] = [random.normals(size, 1), random.normals(size, 1)];
    const weight = context.tensor(
      [...Array.from({ length: 4 }, () => [...ofQ]), ...Array.from({ length: 2 }, () => [...ofK])].flat(),
      [6, size],
    );
    const angles = random.normals(tokens * (size / 2));
    const rotary = {
      cos: context.tensor(angles.map(Math.cos), [tokens, size / 2]),
      sin: context.tensor(angles.map(Math.sin), [tokens, size / 2]),
      tokenAxis: 0,
    };
    const y = await norm.rmsNorm(context.tensor(joined, [tokens, 6, size]), { weight, rotary }).read();
    const apart = async (x: Float32Array<ArrayBuffer>, heads: number, own: Float32Array<ArrayBuffer>) =>
      norm.rmsNorm(context.tensor(x, [tokens, heads, size]), { weight: context.tensor(own, [size]), rotary }).read();
    const [yq, yk] = [await apart(q, 4, ofQ), await apart(k, 2, ofK)];
    const heads = (from: number, count: number) =>
      Array.from({ length: tokens }, (_, token) => [
        ...y.subarray((token * 6 + from) * size, (token * 6 + from + count) * size),
      ]).flat();
    expect(heads(0, 4)).toEqual([...yq]);
    expect(heads(4, 2)).toEqual([...yk]);
  });
});

/** The bits of y, and of residualOut, of tensors that begin so many elements into their buffers. */
async function resultsOf(context: Context, fused: Fused, elementOffset: number, inPlace: boolean): Promise<number[][]> {
  const placed: Record<string, Placed> = {};
  const place: Place = ({ data, shape }, name) => {
    placed[name] = placeAt(context, data, shape, fused.dtypes[name] ?? 'f32', elementOffset);
    return placed[name].tensor;
  };
  const over: norm.CallOptions & { residualOut?: Tensor } = {};
  const { x, residual } = { x: place(fused.x, 'x'), residual: fused.arrays['residual'] };
  over.out = inPlace ? x : context.empty(fused.x.shape, { dtype: x.dtype });
  const kept: Tensor[] = [over.out];
  const reuse: Place = (array, name) => (name === 'x' ? x : name === 'residual' ? kept[1]! : place(array, name));
  if (residual) {
    kept.push(place(residual, 'residual'));
    over.residualOut = inPlace ? kept[1]! : context.empty(fused.x.shape, { dtype: x.dtype });
  }
  callGpu(fused, reuse, over);
  return Promise.all([over.out, ...(over.residualOut ? [over.residualOut] : [])].map(bytesOf));
}

/** Every result of a call and its gradient, as bits. */
function runner(context: Context, fused: Fused): () => Promise<Uint32Array[]> {
  const placed = new Map<string, Tensor>();
  const place: Place = ({ data, shape }, name) => {
    const isPositions = name === 'positions';
    const made =
      placed.get(name) ??
      (isPositions ? context.tensor(Uint32Array.from(data), shape, { dtype: 'u32' }) : context.tensor(data, shape));
    placed.set(name, made);
    return made;
  };
  const dy = gradientFor(fused, new Random(11));
  return async () => {
    const { y, saved } = callGpuForward(fused, place);
    const results = [y, ...Object.values(backwardOf(fused.op)(place(dy, 'dy'), saved))];
    const bits = await Promise.all(results.map(async (tensor) => new Uint32Array((await tensor.read()).buffer)));
    for (const tensor of results) tensor.destroy();
    return bits;
  };
}
