import { describe, expect, it } from 'vitest';
import {
  batchNorm,
  batchNormBackward,
  gradientSums,
  layerNorm,
  mergeMoments,
  moments,
} from '../../src/reference/index.ts';
import { array, expectClose, randomArray, transpose } from './arrays.ts';

describe('batchNorm in training', () => {
  it('normalizes each channel over all else, by hand', () => {
    const x = array([2, 2, 2], [1, 1, 0, 0, 3, 3, 8, 8]);
    const { y, mean, rstd } = batchNorm(x, {
      training: true,
      eps: 0,
      weight: array([2], [5, 6]),
      bias: array([2], [10, 20]),
    });
    expectClose(y, array([2, 2, 2], [5, 5, 14, 14, 15, 15, 26, 26]));
    expectClose(mean, array([1, 2, 1], [2, 4]));
    expectClose(rstd, array([1, 2, 1], [1, 0.25]));
  });

  it('gives the input back where weight and bias undo it', () => {
    const x = randomArray([4, 3, 5, 2]);
    const { mean, variance } = moments(x, { axes: [0, 2, 3] });
    const weight = { ...variance, data: variance.data.map((value) => Math.sqrt(value + 1e-5)) };
    expectClose(batchNorm(x, { training: true, weight, bias: mean }).y, x);
  });

  it('means the same in every layout', () => {
    const x = randomArray([4, 3, 5, 2]);
    const options = { training: true, weight: randomArray([3], 2), bias: randomArray([3], 3) };
    const { y } = batchNorm(x, options);
    const toNhwc = [0, 2, 3, 1];
    expectClose(batchNorm(transpose(x, toNhwc), { ...options, layout: 'NHWC' }).y, transpose(y, toNhwc));
    expectClose(batchNorm(transpose(x, toNhwc), { ...options, channelAxis: -1 }).y, transpose(y, toNhwc));
    const toChwn = [1, 2, 3, 0];
    expectClose(batchNorm(transpose(x, toChwn), { ...options, layout: 'CHWN' }).y, transpose(y, toChwn));
  });

  it('features first is layerNorm over the rest', () => {
    const x = randomArray([3, 8]);
    expectClose(batchNorm(x, { training: true, layout: 'CN' }).y, layerNorm(x).y);
    expectClose(batchNorm(x, { training: true, channelAxis: 0 }).y, layerNorm(x).y);
  });

  it('with the merged moments of its parts equals the whole batch', () => {
    const whole = randomArray([6, 3, 4]);
    const part = (from: number, to: number) => array([to - from, 3, 4], whole.data.slice(from * 12, to * 12));
    const running = { runningMean: array([3], [1, 2, 3]), runningVar: array([3], [1, 1, 1]) };
    const merged = mergeMoments([part(0, 2), part(2, 6)].map((one) => moments(one, { axes: [0, 2] })));
    const all = batchNorm(whole, { training: true, ...running });
    const first = batchNorm(part(0, 2), { training: true, moments: merged, ...running });
    expectClose(first.y, array([2, 3, 4], all.y.data.slice(0, 24)));
    expectClose(first.runningMean, all.runningMean!);
    expectClose(first.runningVar, all.runningVar!);
  });

  it('in parts with all that comes before and after equals the whole batch, and so do the gradients', () => {
    const shape = [6, 3, 4];
    const whole = {
      x: randomArray(shape),
      dy: randomArray(shape, 2),
      residual: randomArray(shape, 3),
      scale: randomArray(shape, 4),
      shift: randomArray(shape, 5),
      dresidualOut: randomArray(shape, 6),
    };
    const shared = {
      training: true,
      weight: randomArray([3], 7),
      bias: randomArray([3], 8),
      zeroCenteredWeight: true,
      gate: randomArray([3], 9),
      activation: 'silu',
    } as const;
    const parts = [
      [0, 2],
      [2, 6],
    ].map(([from, to]) => {
      const cut = ({ data }: { data: Float64Array }) => array([to! - from!, 3, 4], data.slice(from! * 12, to! * 12));
      return Object.fromEntries(Object.entries(whole).map(([name, of]) => [name, cut(of)])) as typeof whole;
    });
    const gathered = (of: (part: typeof whole) => ArrayLike<number>) =>
      array(
        shape,
        parts.flatMap((part) => Array.from(of(part))),
      );
    const added = (all: ArrayLike<number>[]) => Float64Array.from(all[0]!, (value, c) => value + all[1]![c]!);

    const { x, dy, residual, scale, shift, dresidualOut } = whole;
    const fused = { ...shared, residual, modulation: { scale, shift } };
    const all = batchNorm(x, fused);
    const merged = mergeMoments(
      parts.map((part) =>
        moments(batchNorm(part.x, { ...shared, residual: part.residual }).residualOut!, { axes: [0, 2] }),
      ),
    );
    const optionsOf = (part: typeof whole) => {
      const { residual, scale, shift } = part;
      return { ...shared, residual, modulation: { scale, shift }, moments: merged };
    };
    expectClose(
      gathered((part) => batchNorm(part.x, optionsOf(part)).y.data),
      all.y,
    );

    for (const bare of [{}, { weight: undefined, bias: undefined, zeroCenteredWeight: undefined }]) {
      const exact = batchNormBackward(dy, x, { ...fused, ...bare, dresidualOut });
      const local = parts.map((part) => gradientSums(part.dy, part.x, { ...optionsOf(part), ...bare }));
      const sums = {
        dy: array([3], added(local.map((one) => one.dy.data as Float64Array))),
        dyXhat: array([3], added(local.map((one) => one.dyXhat.data as Float64Array))),
        count: 24,
      };
      const back = new Map(
        parts.map((part) => [
          part,
          batchNormBackward(part.dy, part.x, { ...optionsOf(part), ...bare, dresidualOut: part.dresidualOut, sums }),
        ]),
      );
      for (const name of ['dx', 'dresidual', 'dscale', 'dshift'] as const) {
        expectClose(
          gathered((part) => back.get(part)![name]!.data),
          exact[name]!,
        );
      }
      for (const name of ['dgate', 'dweight', 'dbias'] as const) {
        if (!exact[name]) continue;
        expectClose(array([3], added([...back.values()].map((one) => one[name]!.data))), exact[name]);
      }
      expect('dweight' in exact).toBe(!('weight' in bare));
    }
  });

  it('refuses one value per channel, however many channels', () => {
    expect(() => batchNorm(array([1, 2], [1, 2]), { training: true })).toThrow('more than 1 value per channel');
    expect(() => batchNorm(array([1, 2, 1], [1, 2]), { training: true, unbiasedRunningVar: true })).toThrow(
      'more than 1 value',
    );
  });

  it('gives the bias of one value per channel, where the tracked variance is biased', () => {
    const options = { training: true, unbiasedRunningVar: false, eps: 0, bias: array([2], [5, 6]) } as const;
    const running = { runningMean: array([2], [0, 0]), runningVar: array([2], [1, 1]), momentum: 0.5 };
    const { y, runningMean, runningVar } = batchNorm(array([1, 2], [1, 2]), { ...options, ...running });
    expectClose(y, array([1, 2], [5, 6]));
    expectClose(runningMean, array([2], [0.5, 1]));
    expectClose(runningVar, array([2], [0.5, 0.5]));
  });
});

describe('batchNorm outside training', () => {
  const x = array([2, 2], [1, 10, 3, 14]);
  const running = { runningMean: array([2], [1, 10]), runningVar: array([2], [4, 16]) };

  it('uses the running statistics and leaves them alone', () => {
    const result = batchNorm(x, { ...running, eps: 0, numBatchesTracked: array([1], [3]) });
    expectClose(result.y, array([2, 2], [0, 0, 1, 1]));
    expectClose(result.mean, array([1, 2], [1, 10]));
    expectClose(result.rstd, array([1, 2], [0.5, 0.25]));
    expect(Object.keys(result).sort()).toEqual(['mean', 'rstd', 'y']);
  });

  it('works on one value per channel', () => {
    expectClose(batchNorm(array([1, 2], [3, 14]), { ...running, eps: 0 }).y, array([1, 2], [1, 1]));
  });

  it('refuses to go without them, or with half, or with other statistics besides', () => {
    expect(() => batchNorm(x)).toThrow('runningMean and runningVar are missing');
    expect(() => batchNorm(x, { runningMean: running.runningMean })).toThrow('or neither');
    expect(() => batchNorm(x, { ...running, moments: moments(x, { axes: 0 }) })).toThrow('moments are given');
    expect(() => batchNorm(x, { ...running, runningMean: array([3], [1, 2, 3]) })).toThrow(
      'runningMean has shape [3], but [2] is needed',
    );
  });
});
