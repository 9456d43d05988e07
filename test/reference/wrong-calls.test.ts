import { describe, expect, it } from 'vitest';
import { NormError } from '../../src/errors.ts';
import type { NormErrorCode } from '../../src/errors.ts';
import * as reference from '../../src/reference/index.ts';
import { array, randomArray } from './arrays.ts';

/** Wrong calls of the reference: each is refused as that of the GPU is. */

const x = randomArray([4, 6, 5]);
const weight = randomArray([5]);
const alpha = array([1], [0.5]);
const moments = reference.moments(x, { axes: [0, 2] });

type Loose = (...given: unknown[]) => unknown;
const loose = reference as unknown as Record<string, Loose>;

/** What each function is given when nothing is wrong. */
const CALLS: Record<string, { arrays: unknown[]; options: object }> = {
  layerNorm: { arrays: [x], options: {} },
  layerNormBackward: { arrays: [x, x], options: {} },
  rmsNorm: { arrays: [x], options: {} },
  rmsNormBackward: { arrays: [x, x], options: {} },
  layerNormQuantized: { arrays: [x], options: {} },
  rmsNormQuantized: { arrays: [x], options: {} },
  dequantize: { arrays: [x, array([1], [2])], options: {} },
  globalResponseNorm: { arrays: [x], options: {} },
  globalResponseNormBackward: { arrays: [x, x], options: {} },
  dynamicTanh: { arrays: [x], options: { alpha } },
  dynamicTanhBackward: { arrays: [x, x], options: { alpha } },
  dynamicErf: { arrays: [x], options: { alpha } },
  dynamicErfBackward: { arrays: [x, x], options: { alpha } },
  scaleNorm: { arrays: [x], options: {} },
  scaleNormBackward: { arrays: [x, x], options: {} },
  batchNorm: { arrays: [x], options: { training: true } },
  batchNormBackward: { arrays: [x, x], options: { training: true } },
  gradientSums: { arrays: [x, x], options: { training: true, moments } },
  instanceNorm: { arrays: [x], options: {} },
  instanceNormBackward: { arrays: [x, x], options: {} },
  groupNorm: { arrays: [x], options: { numGroups: 2 } },
  groupNormBackward: { arrays: [x, x], options: { numGroups: 2 } },
  normalize: { arrays: [x], options: { axes: 1, statistic: 'l2' } },
  normalizeBackward: { arrays: [x, x], options: { axes: 1, statistic: 'l2' } },
  adaptiveInstanceNorm: { arrays: [x, x], options: {} },
  adaptiveInstanceNormBackward: { arrays: [x, x, x], options: {} },
  moments: { arrays: [x], options: { axes: 1 } },
};

const call = (op: string, more: object): unknown => {
  const { arrays, options } = CALLS[op]!;
  return loose[op]!(...arrays, { ...options, ...more });
};

function expectRefused(of: () => unknown, code: NormErrorCode, says: string): void {
  let thrown: unknown;
  try {
    of();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(NormError);
  expect((thrown as NormError).message).toContain(says);
  expect((thrown as NormError).code).toBe(code);
}

it('has a row for every function', () => {
  expect(Object.keys(CALLS).toSorted()).toEqual(
    Object.keys(reference)
      .filter((name) => name !== 'mergeMoments')
      .toSorted(),
  );
});

describe.each(Object.keys(CALLS))('%s', (op) => {
  const { arrays, options } = CALLS[op]!;
  it('works as it is called here', () => {
    expect(() => call(op, {})).not.toThrow();
  });

  it.each([
    ['misspelt', "there is no option 'misspelt'; the options are "],
    ['save', "there is no option 'save'; the Forward function"],
    ['Weight', "there is no option 'Weight'; "],
  ])('takes no %s', (name, says) => {
    expectRefused(() => call(op, { [name]: weight }), 'option', `${op}: ${says}`);
  });

  it('takes nothing after its options, and plain options', () => {
    expectRefused(() => loose[op]!(...arrays, options, 1), 'option', `${op}: 1 follows the arguments`);
    expectRefused(() => loose[op]!(...arrays, null), 'option', `${op}: options are null`);
    expectRefused(() => loose[op]!(...arrays, [1]), 'option', `${op}: options are [1]`);
  });

  it.each(arrays.map((_, index) => index))('takes no numbers for argument %i', (index) => {
    const given = arrays.with(index, weight.data);
    expectRefused(() => loose[op]!(...given, options), 'option', 'is no array { data, shape } but a Float64Array of 5');
  });
});

describe('names and values', () => {
  it.each([
    ['text', ['1', 2], 'element 0 of x is the text "1"'],
    ['a hole', Array(1), 'element 0 of x is undefined'],
    ['a BigInt', [1, 2n], 'element 1 of x is 2n (a BigInt)'],
    ['BigInts', BigInt64Array.of(1n, 2n), 'element 0 of x is 1n (a BigInt)'],
  ])('%s among the numbers', (_, data, says) => {
    const given = { data, shape: [data.length] };
    expectRefused(() => loose['layerNorm']!(given), 'dtype', `layerNorm: ${says}; it must be a number`);
  });

  it.each<[op: string, option: object, code: NormErrorCode, says: string]>([
    ['layerNorm', { epsilon: 1 }, 'option', "layerNorm: there is no option 'epsilon'; here it is called eps"],
    ['rmsNormBackward', { gamma: weight }, 'option', 'here it is called weight'],
    ['scaleNorm', { mask: weight }, 'option', 'mask is an option of batchNorm, instanceNorm, layerNorm'],
    ['groupNorm', { num_groups: 2 }, 'option', 'here it is called numGroups'],
    ['adaptiveInstanceNorm', { scale: weight }, 'option', 'here it is called modulation: { scale }'],
    ['scaleNorm', { bias: weight }, 'option', 'every normalization takes a bias but scaleNorm'],
    ['moments', { keepdims: true }, 'option', 'here it is called keepDims'],
    ['batchNorm', { running_mean: weight }, 'option', 'here it is called runningMean'],
    ['instanceNorm', { training: true }, 'option', 'training is an option of batchNorm'],
    ['layerNorm', { dresidualOut: x }, 'option', "there is no option 'dresidualOut'"],
    ['layerNormBackward', { sums: x }, 'option', "there is no option 'sums'"],
    ['layerNorm', { modulation: { gamma: weight } }, 'option', "modulation has no 'gamma'; it may have scale, shift"],
    ['layerNorm', { modulation: {} }, 'option', 'modulation has neither scale nor shift'],
    ['layerNorm', { modulation: weight.data }, 'option', 'modulation is a Float64Array of 5'],
    ['layerNorm', { modulation: { scale: 1 } }, 'option', 'scale is no array { data, shape } but 1'],
    ['layerNorm', { weight: [1, 2, 3, 4, 5] }, 'option', 'weight is no array { data, shape } but [1,2,3,4,5]'],
    ['layerNorm', { eps: '1e-5' }, 'eps', 'layerNorm: eps is the text "1e-5"; it must be a finite number'],
    ['normalize', { eps: null }, 'eps', 'eps is null'],
    ['batchNorm', { training: 'false' }, 'option', 'training is the text "false"; it must be true or false'],
    ['batchNorm', { momentum: '0.1' }, 'option', 'momentum is the text "0.1"; it must be between 0 and 1'],
    ['batchNorm', { momentum: 10 }, 'option', 'momentum is 10; it must be between 0 and 1'],
    ['batchNorm', { maskOutput: true }, 'option', 'maskOutput is given without mask'],
    ['layerNorm', { unbiased: 1 }, 'option', 'unbiased is 1; it must be true or false'],
    ['layerNorm', { castBeforeWeight: true }, 'option', 'castBeforeWeight is true; it must be one of f16, bf16'],
    ['rmsNorm', { partial: '0.5' }, 'option', 'partial is the text "0.5"'],
    ['layerNorm', { axes: '1' }, 'axes', 'axes is the text "1"; it must be an axis or an Array of axes'],
    ['instanceNorm', { layout: ['N', 'C', 'L'] }, 'layout', 'layout is ["N","C","L"]; it must be text'],
    ['instanceNorm', { channelAxis: null }, 'layout', 'channelAxis is null; it must be a whole number'],
    ['groupNorm', { numGroups: '2' }, 'groups', 'cannot be divided into the text "2" groups'],
    [
      'layerNorm',
      { activation: 'swish' },
      'option',
      "activation is 'swish'; it must be one of relu, relu6, leaky-relu",
    ],
    ['layerNorm', { alpha: 1 }, 'option', "alpha is given without activation 'elu'"],
    ['layerNorm', { activation: 'elu', alpha: '1' }, 'option', 'alpha is the text "1"; it must be a finite number'],
    ['normalize', { statistic: 2 }, 'option', 'statistic is 2; it must be one of mean-variance, rms'],
    ['layerNormQuantized', { outputDtype: 'i8' }, 'option', "layerNormQuantized: there is no option 'outputDtype'"],
    ['rmsNormQuantized', { axes: [0] }, 'axes', 'axes [0] are not the last of [4,6,5]'],
    ['rmsNormQuantized', { groupSize: 6 }, 'option', 'groupSize is 6; it must be a power of two of at least 4'],
    ['rmsNormQuantized', { scales: 0.5 }, 'option', 'scales is no array { data, shape } but 0.5'],
    ['rmsNormQuantized', { scales: weight }, 'parameter', 'scales have shape [5]; there may be one, [1] or [4,6,1]'],
    ['dequantize', { groupSize: '4' }, 'option', 'groupSize is the text "4"; it must be a power of two'],
    ['gradientSums', { moments: undefined }, 'option', 'gradientSums: moments are missing'],
  ])('%s of %o', (op, option, code, says) => {
    expectRefused(() => call(op, option), code, says);
  });

  it.each<[name: string, given: unknown[], says: string]>([
    ['two parts', [moments, moments], 'mergeMoments: an object follows the arguments'],
    ['one part', [moments], 'mergeMoments: parts is an object; it must be an Array of moments'],
    [
      'nothing among parts',
      [[moments, null]],
      'mergeMoments: part 1 is null; give what moments or mergeMoments returns',
    ],
    [
      'a count as text',
      [[{ ...moments, count: '20' }]],
      'count of part 0 is the text "20"; it must be a positive number',
    ],
  ])('mergeMoments of %s', (_, given, says) => {
    expectRefused(() => loose['mergeMoments']!(...given), 'option', says);
  });

  it('a scalar has no axes', () => {
    expectRefused(() => reference.layerNorm(array([], [1])), 'axes', 'axes [-1] are not all axes of x []');
  });
});
