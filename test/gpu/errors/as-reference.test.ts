import { expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { loose } from '../support/wrong-call.ts';

/** What the GPU's calls refuse the reference refuses, by the same code, and nothing else: every option of each function, with whatever may be put there. */

const context = await norm.createContext({ gpu: await gpu() });

interface NdArray {
  data: Float64Array;
  shape: number[];
}

/** Numbers do not matter here, shapes do. */
const array = (...shape: number[]): NdArray => {
  return { data: new Float64Array(shape.reduce((size, next) => size * next, 1)).fill(0.5), shape };
};

const x = array(4, 6, 5);
const alpha = array(1);
/** Rows of several sequences. */
const packed = array(4, 6);

/** What each function is given when nothing is wrong. */
const CALLS: Record<string, { arrays: NdArray[]; options: object }> = {
  layerNorm: { arrays: [x], options: {} },
  rmsNorm: { arrays: [x], options: {} },
  layerNormQuantized: { arrays: [array(4, 8)], options: {} },
  rmsNormQuantized: { arrays: [array(4, 8)], options: {} },
  globalResponseNorm: { arrays: [x], options: {} },
  dynamicTanh: { arrays: [x], options: { alpha } },
  dynamicErf: { arrays: [x], options: { alpha } },
  scaleNorm: { arrays: [x], options: {} },
  batchNorm: { arrays: [x], options: { training: true } },
  instanceNorm: { arrays: [x], options: {} },
  groupNorm: { arrays: [x], options: { numGroups: 2 } },
  normalize: { arrays: [x], options: { axes: 1, statistic: 'l2' } },
  adaptiveInstanceNorm: { arrays: [x, x], options: {} },
  moments: { arrays: [x], options: { axes: 1 } },
};

/** Options of some function, and some of none. */
const NAMES = (
  'axes eps unbiased rotary weight bias zeroCenteredWeight mask maskOutput segments residual gate inputBias modulation multiply add activation ' +
  'negativeSlope alpha inputShift layout channelAxis training moments useInputStats meanScale runningMean runningVar momentum numBatchesTracked ' +
  'unbiasedRunningVar numGroups partial statistic groupSize scales keepDims style epsilon gamma mis_spelt'
).split(' ');

const [table, pairs] = [array(6, 2), { dims: 4 }];
const VALUES: Record<string, unknown> = {
  ...Object.fromEntries(
    [null, undefined, true, false, 0, 1, -1, 0.5, 1e9, NaN, Infinity].map((one) => [`${one}`, one]),
  ),
  ...Object.fromEntries(
    ['', 'no', 'relu', 'elu', 'rms', 'NCL', 'ncl', 'NCHW', 'NNC', 'NLX'].map((one) => [`'${one}'`, one]),
  ),
  'a BigInt': 1n,
  'a Symbol': Symbol('one'),
  'a function': () => 1,
  'a Date': new Date(0),
  'a Float32Array': new Float32Array(5),
  '[]': [],
  '[1,2]': [1, 2],
  'a list with holes': Array(2),
  'an object without a prototype': Object.create(null),
  '2^53': 2 ** 53,
  '[1,1]': [1, 1],
  "['1']": ['1'],
  '{}': {},
  '{ a: 1 }': { a: 1 },
  ...Object.fromEntries(
    [[5], [6], [7], [1], [0], [4, 5], [4, 6], [4, 6, 5], [1, 4, 6, 5]].map((shape) => [
      `array [${shape.join()}]`,
      array(...shape),
    ]),
  ),
  '{ scale }': { scale: array(5) },
  '{ scale } of each row': { scale: array(4, 6) },
  '{ scale } of another size': { scale: array(7) },
  '{ shift: null }': { shift: null },
  '{ scale, gamma }': { scale: array(5), gamma: 1 },
  '{ by }': { by: x },
  '{ by } through elu': { by: x, activation: 'elu' },
  '{ by } where there is no such place': { by: x, where: 'middle' },
  '{ by, of }': { by: x, of: 1 },
  '{ by: null }': { by: null },
  '{ by } through null': { by: x, activation: null },
  '{ by } before': { by: x, where: 'before' },
  '{ activation }': { activation: 'silu' },
  '{ cos, sin }': { cos: table, sin: table },
  '{ cos }': { cos: table, ...pairs },
  '{ cos, sin, dims }': { cos: table, sin: table, ...pairs },
  '{ cos, sin, dims: 3 }': { cos: table, sin: table, dims: 3 },
  '{ sin } of other rows': { cos: table, sin: array(5, 2), ...pairs },
  '{ interleaved } as text': { cos: table, sin: table, ...pairs, interleaved: 'yes' },
  '{ tokenAxis } beyond x': { cos: table, sin: table, ...pairs, tokenAxis: 9 },
  '{ rope }': { cos: table, sin: table, ...pairs, rope: 1 },
};

/** Options that go together, or do not. */
const TOGETHER: object[] = [
  { gate: x },
  { residual: array(5), gate: array(5) },
  { residual: array(5), inputBias: array(5) },
  { axes: [1, 2], weight: array(6, 5) },
  { axes: [1, 2], weight: array(30) },
  { maskOutput: true },
  { mask: array(4, 5), partial: 0.5 },
  { mask: array(4, 5), moments: { mean: array(6), variance: array(6), count: 20 } },
  { runningMean: array(6) },
  { runningVar: array(6) },
  { runningMean: array(6), runningVar: array(6), momentum: 2 },
  { runningMean: array(6), runningVar: array(6), useInputStats: false, meanScale: array(6) },
  { runningMean: array(6), runningVar: array(6), meanScale: array(6) },
  { meanScale: array(6), useInputStats: false },
  { zeroCenteredWeight: true, weight: array(6) },
  { zeroCenteredWeight: true, bias: array(6) },
  { multiply: { by: x, where: 'before' }, residual: x },
  { multiply: { by: x, where: 'before' }, inputBias: array(5) },
  { segments: [0, 2, 4], axes: [1] },
  { segments: [0, 2, 4], layout: 'NC' },
  { segments: [0, 2, 4], useInputStats: false },
  { segments: [0, 2, 4], unbiased: true },
  { activation: 'leaky-relu', negativeSlope: 0.1 },
  { activation: 'leaky-relu', negativeSlope: '0.1' },
  { activation: 'leaky-relu', alpha: 0.1 },
  { activation: 'relu', negativeSlope: 0.1 },
  { activation: 'elu', alpha: null },
  { layout: 'NCL', channelAxis: 1 },
];

/** Arrays as tensors, also within other options. */
function onGpu(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  if ('data' in value) return context.tensor(Float32Array.from((value as NdArray).data), (value as NdArray).shape);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, onGpu(one)]));
}

/** The code of the NormError, or what else came of it. */
function outcome(call: () => unknown): string {
  try {
    call();
    return 'works';
  } catch (error) {
    return error instanceof norm.NormError ? error.code : String(error);
  }
}

/** Moments of the GPU are what it made: given as arrays they are none. */
const isOfArrays = (options: object): boolean => !('moments' in options);

/** Packed sequences are rows of channels. */
const isOfRows = (options: object): boolean => 'segments' in options && Object.keys(options).length > 1;

/** Every value as every option. */
const EACH = NAMES.flatMap((name) =>
  Object.entries(VALUES).map(([is, value]) => [`${name}: ${is}`, { [name]: value }] as const),
);

/** Options that the two do not refuse alike, where they are given besides those of a right call. */
function differing(
  op: string,
  { arrays: usual, options }: { arrays: NdArray[]; options: object },
  given: readonly (readonly [says: string, options: object])[],
): string[] {
  return given.flatMap(([says, more]) => {
    const all = { ...options, ...more };
    const arrays = isOfRows(more) ? [packed] : usual;
    const onReference = outcome(() => loose(reference[op as never])(...arrays, all));
    const tensors = (): unknown[] => [...arrays.map(onGpu), isOfArrays(more) ? onGpu(all) : all];
    const found = outcome(() => context.explain(() => void loose(norm[op as never])(...tensors())));
    return found === onReference ? [] : [`${says}: ${found} on the GPU, ${onReference} in the reference`];
  });
}

it.each(Object.keys(CALLS))('%s', (op) => {
  const together = TOGETHER.map((options) => [Object.keys(options).join(), options] as const);
  expect(differing(op, CALLS[op]!, [...EACH, ...together])).toEqual([]);
});

it.each(['layerNorm', 'instanceNorm', 'groupNorm'])('%s of packed sequences', (op) => {
  const options = { ...CALLS[op]!.options, segments: [0, 2, 4] };
  const given = EACH.filter(([, more]) => !('segments' in more));
  expect(differing(op, { arrays: [packed], options }, given)).toEqual([]);
});

it.each(['instanceNorm', 'groupNorm'] as const)('%s by moments, in the order of x and in another', (op) => {
  const options = op === 'groupNorm' ? { numGroups: 2 } : {};
  const outcomesOf = (of: NdArray, axes: number): string[] => [
    outcome(() => loose(reference[op])(x, { ...options, moments: reference.moments(of, { axes }) })),
    outcome(() =>
      context.explain(
        () => void loose(norm[op])(onGpu(x), { ...options, moments: norm.moments(onGpu(of) as norm.Tensor, { axes }) }),
      ),
    ),
  ];
  const groups = op === 'groupNorm' ? 2 : 6;
  expect(outcomesOf(array(4, groups, 5), 2)).toEqual(['works', 'works']);
  expect(outcomesOf(array(5, groups, 4), 0)).toEqual(['parameter', 'parameter']);
  expect(outcomesOf(array(4, 7, 5), 2)).toEqual(['parameter', 'parameter']);
});
