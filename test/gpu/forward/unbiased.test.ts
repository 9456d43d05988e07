import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import { roundTo } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';
import { gradientFor, placing, rounded } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { plain } from '../support/plain.ts';
import { Random } from '../support/random.ts';
import { resultsOf } from '../support/results.ts';
import { callGpu, relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { rowGradients } from '../support/rows.ts';
import { part } from '../support/sweeps.ts';

/** `unbiased: true`: the variance is divided by n - 1, as that of torch.var and of the published AdaIN is. */

const contexts = part(Object.entries(await openContexts()), 2);
const BOUNDS: Record<Format, number> = { f32: 2 ** -17, f16: 2 ** -8, bf16: 2 ** -5 };
const DTYPES = ['f32', 'f16', 'bf16'] as const;

const array = (numbers: ArrayLike<number>, shape: number[]): Filled['x'] => ({
  data: Float32Array.from(numbers),
  shape,
});

function layerNormOf(x: Filled['x'], options: object, dtype: Format = 'f32', arrays: Filled['arrays'] = {}): Fused {
  return rounded({ op: 'layerNorm', x, options: { unbiased: true, ...options }, arrays }, { dtype, like: false });
}

function adaptiveOf(x: Filled['x'], style: Filled['x'], options: object, dtype: Format = 'f32'): Fused {
  const filled: Filled = { op: 'adaptiveInstanceNorm', x, options: { unbiased: true, ...options }, arrays: { style } };
  return rounded(filled, { dtype, like: false });
}

describe.each(contexts)('%s plans', (_, context) => {
  it('layerNorm by hand (G8)', async () => {
    // Mean 3, squares of differences 4 + 4 + 0 over 2: variance 4. For dy 1, 0, 0: mean 1/3, sum(dy · y) -1.
    const { alone, y, rstd, dx } = await resultsOf(
      context,
      layerNormOf(array([1, 5, 3], [1, 3]), { eps: 0 }),
      array([1, 0, 0], [1, 3]),
    );
    for (const each of [alone, y]) expect(relativeError(each!, [-1, 1, 0])).toBeLessThanOrEqual(2 ** -20);
    expect(relativeError(rstd!, [0.5])).toBeLessThanOrEqual(2 ** -20);
    // (1 - 1/3 - 1/2) / 2, (-1/3 + 1/2) / 2, (-1/3) / 2.
    expect(relativeError(dx!, [1 / 12, 1 / 12, -1 / 6])).toBeLessThanOrEqual(2 ** -19);
  });

  it('adaptiveInstanceNorm by hand (G16)', async () => {
    // The style has mean 10 and variance (4 + 4) / 1 = 8; the content is that of layerNorm, of deviation 2.
    const call = adaptiveOf(array([1, 5, 3], [1, 1, 3]), array([8, 12], [1, 1, 2]), { layout: 'NCL', eps: 0 });
    const { alone, y, dx, dstyle } = await resultsOf(context, call, array([1, 0, 0], [1, 1, 3]));
    const deviation = Math.sqrt(8);
    for (const each of [alone, y]) {
      expect(relativeError(each!, [10 - deviation, 10 + deviation, 10])).toBeLessThanOrEqual(2 ** -20);
    }
    expect(relativeError(dx!, [deviation / 12, deviation / 12, -deviation / 6])).toBeLessThanOrEqual(2 ** -19);
    // 1/2 of the mean, and ∓2 / deviation of the deviation, of which the gradient is -1.
    expect(relativeError(dstyle!, [0.5 + 2 / deviation, 0.5 - 2 / deviation])).toBeLessThanOrEqual(2 ** -19);
  });

  describe.each(DTYPES)('%s', (dtype) => {
    it.each([
      ['rows', [6, 64], [-1]],
      ['rows of 2', [9, 2], [-1]],
      ['odd rows', [5, 77], [-1]],
      ['long rows', [2, 20_011], [-1]],
      ['more axes', [3, 4, 5, 6], [1, 2, 3]],
    ])('layerNorm: %s %j', async (__, shape, axes) => {
      const random = new Random(261);
      const own = axes.map((axis) => shape.at(axis)!);
      const length = sizeOf(own);
      const arrays = { weight: array(random.normals(length, 1), own), bias: array(random.normals(length), own) };
      const call = layerNormOf(array(random.normals(sizeOf(shape), 0.5), shape), { axes, eps: 0.01 }, dtype, arrays);
      const dy = gradientFor(call, random);
      const [weight, bias] = [call.arrays['weight']!.data, call.arrays['bias']!.data];
      const options = { statistic: 'mean-variance', unbiased: true, eps: 0.01, weight, bias } as const;
      const exact = rowGradients(call.x.data, length, options, dy.data);
      const actual = await resultsOf(context, call, dy);
      for (const [name, numbers] of Object.entries(exact)) {
        expect(relativeError(actual[name]!, numbers), name).toBeLessThanOrEqual(BOUNDS[dtype]);
      }
      expect(relativeError(actual['alone']!, exact.y), 'y where nothing is saved').toBeLessThanOrEqual(BOUNDS[dtype]);
    });

    it.each(['NCHW', 'NHWC', 'NCL', 'NLC'])('adaptiveInstanceNorm: %s', async (layout) => {
      const random = new Random(262);
      const sizes: Record<string, number> = { N: 2, C: 5, H: 3, W: 4, L: 9 };
      const shape = [...layout].map((letter) => sizes[letter]!);
      // The style has more positions than the content.
      const ofStyle = [...layout].map((letter) => sizes[letter]! + ('NC'.includes(letter) ? 0 : 2));
      const style = array(random.normals(sizeOf(ofStyle), 1), ofStyle);
      const call = adaptiveOf(array(random.normals(sizeOf(shape)), shape), style, { layout, eps: 0.01 }, dtype);
      const dy = gradientFor(call, random);
      const exact = plain(call, dy.data, (value) => roundTo(dtype, value));
      const actual = await resultsOf(context, call, dy);
      for (const name of ['y', 'dx', 'dstyle']) {
        expect(relativeError(actual[name]!, exact[name]!), name).toBeLessThanOrEqual(BOUNDS[dtype]);
      }
    });
  });

  const one = array([1, 2, 3], [3, 1]);
  const three = array([1, 2, 3], [1, 1, 3]);
  it.each([
    ['layerNorm', layerNormOf(one, {})],
    ['the content', adaptiveOf(array([1], [1, 1, 1]), three, { layout: 'NCL' })],
    ['the style', adaptiveOf(three, array([1], [1, 1, 1]), { layout: 'NCL' })],
  ])('one element has no unbiased variance: %s', (__, call) => {
    const run = (): unknown => callGpu(call, placing(context, call));
    expect(run).toThrow(expect.objectContaining({ name: 'NormError', code: 'option' }));
    // It is not the option that is unknown.
    expect(run).toThrow(/^(?!.*there is no option).*unbiased/);
  });

  it('of false changes nothing', async () => {
    const x = array(new Random(263).normals(6 * 64), [6, 64]);
    const dy = array(new Random(264).normals(6 * 64), [6, 64]);
    const [biased, untold] = [layerNormOf(x, { unbiased: false }), layerNormOf(x, { unbiased: undefined })];
    expect(await resultsOf(context, biased, dy)).toEqual(await resultsOf(context, untold, dy));
  });
});
