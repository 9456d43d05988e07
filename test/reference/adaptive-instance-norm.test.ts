import { describe, expect, it } from 'vitest';
import { adaptiveInstanceNorm, instanceNorm, moments } from '../../src/reference/index.ts';
import { array, expectClose, randomArray, transpose } from './arrays.ts';

describe('adaptiveInstanceNorm', () => {
  it('gives the content the mean and deviation of the style, by hand', () => {
    const content = array([1, 2, 2], [1, 3, 0, 8]);
    const style = array([1, 2, 4], [10, 10, 20, 20, 7, 7, 7, 7]);
    const { y, mean, rstd } = adaptiveInstanceNorm(content, style, { eps: 0 });
    expectClose(y, array([1, 2, 2], [10, 20, 7, 7]));
    expectClose(mean, array([1, 2, 1], [2, 4]));
    expectClose(rstd, array([1, 2, 1], [1, 0.25]));
  });

  it('adds eps to both variances', () => {
    const { y } = adaptiveInstanceNorm(array([1, 1, 2], [-1, 1]), array([1, 1, 1], [5]), { eps: 3 });
    expectClose(y, array([1, 1, 2], [5 - Math.sqrt(3) / 2, 5 + Math.sqrt(3) / 2]));
  });

  const content = randomArray([2, 3, 4, 5]);
  const style = randomArray([2, 3, 6, 2], 2);

  it('with a style of its own gives the content back', () => {
    expectClose(adaptiveInstanceNorm(content, content).y, content);
  });

  it('leaves the mean and variance of the style', () => {
    const { y } = adaptiveInstanceNorm(content, style, { eps: 0 });
    const [ours, wanted] = [y, style].map((one) => moments(one, { axes: [2, 3] }));
    expectClose(ours!.mean, wanted!.mean);
    expectClose(ours!.variance, wanted!.variance);
    expectClose(instanceNorm(y, { eps: 0 }).y, instanceNorm(content, { eps: 0 }).y);
  });

  it('means the same in every layout', () => {
    const { y } = adaptiveInstanceNorm(content, style);
    for (const [layout, order] of [
      ['NHWC', [0, 2, 3, 1]],
      ['CNHW', [1, 0, 2, 3]],
    ] as const) {
      expectClose(
        adaptiveInstanceNorm(transpose(content, order), transpose(style, order), { layout }).y,
        transpose(y, order),
      );
    }
  });

  it('refuses a style of other samples or channels', () => {
    expect(() => adaptiveInstanceNorm(content, randomArray([1, 3, 4, 5]))).toThrow('differ in samples or channels');
    expect(() => adaptiveInstanceNorm(content, randomArray([2, 4, 4, 5]))).toThrow('differ in samples or channels');
  });
});
