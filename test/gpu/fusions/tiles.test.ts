import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { GradientSums, Moments, Saved, Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { encode, roundTo } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';
import { gradientsByReference } from '../support/gradients.ts';
import { numbersOf } from '../support/fused.ts';
import { Random } from '../support/random.ts';
import { normalizedByReference, relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** An image in tiles, each normalized by the moments of all, against the float64 reference of the whole. */

const contexts = Object.entries(await openContexts());
const [N, C, H, W] = [2, 12, 9, 10];
/** Rows and columns of each tile: of unequal size, one of a single position. */
const TILES = [
  [0, 5, 0, 10],
  [5, 9, 0, 3],
  [5, 8, 3, 10],
  [8, 9, 3, 4],
  [8, 9, 4, 10],
] as const;
const ERRORS: Record<Format, number> = { f32: 4e-6, f16: 2 ** -10, bf16: 2 ** -7 };

const sizes: Record<string, number> = { N, C, H, W };

/** The elements of a tile, by their indices in the whole. */
function indicesOf(layout: string, [top, bottom, left, right]: (typeof TILES)[number]): number[] {
  const all = Array.from({ length: N * C * H * W }, (_, index) => index);
  return all.filter((index) => {
    const at: Record<string, number> = {};
    let rest = index;
    for (const letter of [...layout].reverse()) {
      at[letter] = rest % sizes[letter]!;
      rest = Math.floor(rest / sizes[letter]!);
    }
    return at['H']! >= top && at['H']! < bottom && at['W']! >= left && at['W']! < right;
  });
}

function shapeOf(layout: string, [top, bottom, left, right]: (typeof TILES)[number]): number[] {
  const tile: Record<string, number> = { N, C, H: bottom - top, W: right - left };
  return [...layout].map((letter) => tile[letter]!);
}

const instances = (x: Tensor, layout: string): Moments =>
  norm.moments(x, { axes: ['H', 'W'].map((letter) => layout.indexOf(letter)) });

const groups = (x: Tensor, layout: string): Moments => {
  const channel = layout.indexOf('C');
  const seen = x.reshape(x.shape.toSpliced(channel, 1, 3, C / 3));
  const axes = [...seen.shape.keys()].filter((axis) => axis !== layout.indexOf('N') && axis !== channel);
  return norm.moments(seen, { axes });
};

const MODES = [
  { op: 'instanceNorm', options: {}, momentsOf: instances },
  { op: 'groupNorm', options: { numGroups: 3 }, momentsOf: groups },
] as const;

describe.each(part(contexts, 2))('%s plans', (_, context) => {
  const cases = MODES.flatMap((mode) =>
    ['NCHW', 'NHWC'].flatMap((layout) =>
      (['f32', 'f16', 'bf16'] as const).map((dtype) => ({ ...mode, layout, dtype, name: mode.op })),
    ),
  );

  it.each(cases)(
    '$name $layout $dtype: y, dx, dweight and dbias',
    async ({ op, options, momentsOf, layout, dtype }) => {
      const random = new Random(311);
      const whole = [...layout].map((letter) => sizes[letter]!);
      const numbers = (mean: number): Float32Array<ArrayBuffer> =>
        random.normals(sizeOf(whole), mean, 2).map((value) => roundTo(dtype, value));
      const [x, dy] = [numbers(3), numbers(0.3)];
      const weight = { data: random.normals(C, 1, 0.3), shape: [C] };
      const bias = { data: random.normals(C), shape: [C] };
      const filled: Filled = {
        op,
        x: { data: x, shape: whole },
        options: { ...options, layout, activation: 'silu' },
        arrays: { weight, bias },
      };
      const exact = normalizedByReference(filled);
      const gradients = gradientsByReference(filled, { data: dy, shape: whole });

      const upload = (data: Float32Array<ArrayBuffer>, shape: number[]): Tensor =>
        context.tensor(dtype === 'f32' ? data : encode(dtype, data), shape, { dtype });
      const tiles = TILES.map((tile) => {
        const at = indicesOf(layout, tile);
        const take = (data: Float32Array): Tensor =>
          upload(
            Float32Array.from(at, (index) => data[index]!),
            shapeOf(layout, tile),
          );
        return { at, x: take(x), dy: take(dy) };
      });
      const parameters = { weight: context.tensor(weight.data, [C]), bias: context.tensor(bias.data, [C]) };
      const moments = norm.mergeMoments(tiles.map((tile) => momentsOf(tile.x, layout)));
      expect(moments.count).toBe((H * W * C) / (op === 'groupNorm' ? 3 : C));

      const forward = norm[`${op}Forward`] as (x: Tensor, options: object) => { y: Tensor; saved: Saved };
      const backward = norm[`${op}Backward`] as (dy: Tensor, saved: Saved, options: object) => Record<string, Tensor>;
      const calls = tiles.map((tile) => forward(tile.x, { ...filled.options, ...parameters, moments }));
      const own = calls.map(({ saved }, index): GradientSums => norm.gradientSums(tiles[index]!.dy, saved));
      const sent = await Promise.all(own.map(async (each) => norm.loadGradientSums(context, await each.read())));
      const sums = norm.mergeGradientSums(sent);
      expect(sums.dy.shape).toEqual(op === 'groupNorm' ? [N, 3] : [N, C]);

      const results: Record<string, Float64Array> = {
        y: new Float64Array(x.length),
        dx: new Float64Array(x.length),
        dweight: new Float64Array(C),
        dbias: new Float64Array(C),
      };
      for (const [index, { y, saved }] of calls.entries()) {
        const { at, dy: arriving } = tiles[index]!;
        const { dx, dweight, dbias } = backward(arriving, saved, { sums });
        for (const [name, tensor] of Object.entries({ y, dx: dx! })) {
          const data = await numbersOf(tensor);
          at.forEach((element, place) => (results[name]![element] = data[place]!));
        }
        for (const [name, tensor] of Object.entries({ dweight: dweight!, dbias: dbias! })) {
          const data = await numbersOf(tensor);
          results[name]!.forEach((sum, channel, all) => (all[channel] = sum + data[channel]!));
        }
      }
      expect(relativeError(results['y']!, exact.y.data), 'y').toBeLessThanOrEqual(ERRORS[dtype]);
      for (const name of ['dx', 'dweight', 'dbias'] as const) {
        const most = name === 'dx' ? ERRORS[dtype] : ERRORS.f32;
        expect(relativeError(results[name]!, gradients[name].data), name).toBeLessThanOrEqual(most);
      }
    },
  );

  it('a tile without positions: nothing, and sums of zeros', async () => {
    const shape = [N, C, 3];
    const moments = norm.moments(context.tensor(new Random(5).normals(sizeOf(shape)), shape), { axes: [2] });
    const { y, saved } = norm.instanceNormForward(context.empty([N, C, 0]), { moments });
    expect(y.size).toBe(0);
    const sums = norm.gradientSums(context.empty([N, C, 0]), saved);
    expect(sums.count).toBe(0);
    expect([...(await sums.dy.read())]).toEqual(Array.from({ length: N * C }, () => 0));
  });
});
