import { describe, expect, it } from 'vitest';
import { rmsNorm } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, callReference, relativeError, sizeOf, upload } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** Data on which the usual kernels lose their digits. */

const contexts = part(Object.entries(await openContexts()), 2, 1);

type Case = [name: string, op: Operation, shape: number[], options: Record<string, unknown>];

const CASES: Case[] = [
  ['LayerNorm, rows of 512', 'layerNorm', [64, 512], {}],
  ['LayerNorm, rows of 4095', 'layerNorm', [9, 4095], {}],
  ['LayerNorm, rows of 30000', 'layerNorm', [6, 30_000], {}],
  ['BatchNorm NCHW', 'batchNorm', [8, 6, 24, 24], { training: true }],
  ['BatchNorm NHWC', 'batchNorm', [8, 24, 24, 8], { training: true, layout: 'NHWC' }],
  ['BatchNorm tabular', 'batchNorm', [30_000, 3], { training: true, layout: 'NC' }],
  ['GroupNorm', 'groupNorm', [2, 8, 30, 30], { numGroups: 2 }],
  ['GroupNorm NHWC', 'groupNorm', [2, 30, 30, 8], { numGroups: 2, layout: 'NHWC' }],
  ['InstanceNorm NHWC', 'instanceNorm', [2, 100, 100, 6], { layout: 'NHWC' }],
];

const SCALES: Case[] = [...CASES, ['RMSNorm', 'rmsNorm', [3, 4097], {}]];

/** Here the norm itself must stay below 2^126. */
const NORMS: Case[] = [
  ['l2', 'normalize', [3, 512], { axes: [1], statistic: 'l2' }],
  ['l1', 'normalize', [3, 512], { axes: [1], statistic: 'l1' }],
];

/** Those whose groups are rows of x, so that one knows which group an element is in. */
const ROWS: Case[] = [
  ['LayerNorm, rows of 516', 'layerNorm', [5, 516], {}],
  ['LayerNorm, rows of 515', 'layerNorm', [5, 515], {}],
  ['LayerNorm, rows of 100003', 'layerNorm', [2, 100_003], {}],
  ['BatchNorm features first', 'batchNorm', [4, 300], { training: true, layout: 'CN' }],
  ['InstanceNorm', 'instanceNorm', [1, 4, 9, 9], {}],
  ['RMSNorm', 'rmsNorm', [3, 516], {}],
  ['RMSNorm, rows of 3', 'rmsNorm', [300, 3], {}],
  ['l2', 'normalize', [3, 512], { axes: [1], statistic: 'l2' }],
  ['l1', 'normalize', [3, 512], { axes: [1], statistic: 'l1' }],
  ['sum', 'normalize', [3, 512], { axes: [1], statistic: 'sum' }],
];

const filled = ([, op, shape, options]: Case, data: Float32Array<ArrayBuffer>): Filled => ({
  op,
  x: { data, shape },
  options,
  arrays: {},
});

const absoluteError = (actual: ArrayLike<number>, exact: ArrayLike<number>): number => {
  let worst = 0;
  for (let index = 0; index < exact.length; index++) {
    const error = Math.abs(actual[index]! - exact[index]!);
    if (!(error <= worst)) worst = error;
  }
  return worst;
};

describe.each(contexts)('%s plans', (_, context) => {
  describe.each([
    [0, 4e-6],
    [1e4, 4e-6],
    [1e6, 2e-5],
  ])('deviation 1 about mean %d: within %d of float64', (mean, bound) => {
    it.each(CASES)('%s', async (...one) => {
      const call = filled(one, new Random(11).normals(sizeOf(one[2]), mean));
      expect(absoluteError(await callGpu(call, upload(context)).read(), callReference(call))).toBeLessThanOrEqual(
        bound,
      );
    });
  });

  /** The provisional mean then comes from an element far away from all others. */
  describe.each([0, 1e4, 1e6])('mean %d, and the first element an outlier', (mean) => {
    it.each(CASES)('%s', async (...one) => {
      const data = new Random(12).normals(sizeOf(one[2]), mean);
      data[0] = mean === 0 ? -1e5 : 0;
      const call = filled(one, data);
      const error = relativeError(await callGpu(call, upload(context)).read(), callReference(call));
      expect(error).toBeLessThanOrEqual(3e-6);
    });
  });

  describe.each([0.1, 1e4 + 1 / 3, 1e6, 3e-8, 1e19, -7e36, 0])('all elements %d give the bias exactly', (value) => {
    it.each(CASES)('%s', async (...one) => {
      const [, , shape, options] = one;
      const channels = options['layout'] === 'NHWC' ? shape[3]! : one[1] === 'layerNorm' ? shape[1]! : shape[1]!;
      const bias = { data: new Random(13).normals(channels), shape: [channels] };
      const call = { ...filled(one, new Float32Array(sizeOf(shape)).fill(value)), arrays: { bias } };
      expect(absoluteError(await callGpu(call, upload(context)).read(), callReference(call))).toBe(0);
    });
  });

  describe.each([1e37, 1e19, 1e-19, 1e-30])('values near %d', (scale) => {
    it.each(scale > 1e30 ? SCALES : [...SCALES, ...NORMS])('%s', async (...one) => {
      for (const eps of [undefined, 0]) {
        const [name, op, shape, options] = one;
        const call = filled(
          [name, op, shape, eps === undefined ? options : { ...options, eps }],
          new Random(14).normals(sizeOf(shape), 0, scale),
        );
        const exact = callReference(call);
        const y = await callGpu(call, upload(context)).read();
        const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(absoluteError(y, exact) / largest, `eps ${eps}`).toBeLessThanOrEqual(1e-5);
      }
    });
  });

  describe.each([NaN, Infinity, -Infinity])('one %d spoils its own group as float64 says, and no other', (value) => {
    it.each(ROWS)('%s', async (...one) => {
      const [, , shape] = one;
      const clean = new Random(15).normals(sizeOf(shape));
      const untouched = await callGpu(filled(one, clean), upload(context)).read();
      const rows = one[1] === 'instanceNorm' ? shape[0]! * shape[1]! : shape[0]!;
      const length = clean.length / rows;
      for (const at of [0, 1, length + 2, clean.length - 1]) {
        const data = clean.slice();
        data[at] = value;
        const call = filled(one, data);
        const y = await callGpu(call, upload(context)).read();
        const exact = callReference(call);
        expect(relativeError(y, exact)).toBeLessThanOrEqual(3e-6);
        const row = Math.floor(at / length);
        for (let index = 0; index < y.length; index++) {
          if (Math.floor(index / length) !== row && y[index] !== untouched[index])
            expect(y[index]).toBe(untouched[index]);
        }
      }
    });
  });

  it('the last of so many elements that f32 cannot count them is one of those that partial takes', async () => {
    const length = 2 ** 24 + 8;
    for (const count of [2 ** 24 + 1, 2 ** 24 + 3]) {
      const data = new Float32Array(length);
      data[count - 1] = 1;
      using x = context.tensor(data, [1, length]);
      using y = rmsNorm(x, { partial: count / length, eps: 0 });
      const last = await y.slice(1, count - 1, count).read();
      expect(last[0]! / Math.sqrt(count)).toBeCloseTo(1, 5);
    }
  });
});
