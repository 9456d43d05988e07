import * as reference from '../../src/reference/index.ts';
import type { BackwardOptions, Float64NdArray, FusionOptions, NdArray, Normalized } from '../../src/reference/index.ts';
import { array, randomArray } from './arrays.ts';

export type Arrays = Record<string, Float64NdArray>;

/** One way to call one function: the options, the arrays among them (and the style), and where samples and channels are. */
export interface Call {
  name: string;
  op: Op;
  shape: number[];
  options: Record<string, unknown>;
  arrays: Arrays;
  /** No axis: the layout has no samples. */
  sample: number | undefined;
  channel: number;
}

export type Op =
  | 'layerNorm'
  | 'rmsNorm'
  | 'batchNorm'
  | 'instanceNorm'
  | 'groupNorm'
  | 'adaptiveInstanceNorm'
  | 'normalize';

/** What can be given for every function, scale and shift by their names. */
export type Fused = Omit<FusionOptions, 'modulation' | 'multiply'> & {
  multiply?: Partial<FusionOptions['multiply']>;
  by?: NdArray;
} & FusionOptions['modulation'] & { zeroCenteredWeight?: boolean | undefined };

const affine = (shape: number[]): Arrays => ({ weight: randomArray(shape, 21), bias: randomArray(shape, 22) });

/** Running statistics of four channels. */
const running = { runningMean: array([4], [1, 0.5, 0, -0.5]), runningVar: array([4], [0.5, 1, 2, 3]) };

const first = { sample: 0, channel: 1 };
const last = { sample: 0, channel: 2 };

/** Positions of [3,4,5], four channels second: all, some, one and none of a sample's. */
const mask = array([3, 5], [1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

export const calls: Call[] = [
  { op: 'layerNorm', name: '', shape: [3, 4, 5], options: {}, arrays: affine([5]), ...last },
  {
    op: 'layerNorm',
    name: 'over two axes',
    shape: [3, 4, 5],
    options: { axes: [0, 2] },
    arrays: affine([3, 5]),
    ...last,
  },
  {
    op: 'layerNorm',
    name: 'with a weight for each head',
    shape: [2, 3, 2, 5],
    options: {},
    arrays: affine([2, 5]),
    sample: 0,
    channel: 3,
  },
  {
    op: 'layerNorm',
    name: 'unbiased',
    shape: [3, 5],
    options: { unbiased: true },
    arrays: affine([5]),
    sample: 0,
    channel: 1,
  },
  { op: 'rmsNorm', name: '', shape: [3, 7], options: {}, arrays: affine([7]), sample: 0, channel: 1 },
  {
    op: 'rmsNorm',
    name: 'of a part, with a weight for each head',
    shape: [2, 3, 2, 5],
    options: { partial: 0.5, axes: [1, 3] },
    arrays: affine([3, 2, 5]),
    sample: 0,
    channel: 3,
  },
  ...(['mean-variance', 'rms', 'l2', 'l1', 'linf', 'sum'] as const).map((statistic): Call => {
    const options = { axes: [0, 2], statistic };
    return { op: 'normalize', name: statistic, shape: [3, 2, 5], options, arrays: affine([2, 1]), ...last };
  }),
  {
    op: 'batchNorm',
    name: 'in training',
    shape: [3, 4, 5],
    options: { training: true, ...running },
    arrays: affine([4]),
    ...first,
  },
  {
    op: 'batchNorm',
    name: 'in training, channels before samples',
    shape: [4, 5, 3],
    options: { training: true, layout: 'CLN' },
    arrays: affine([4]),
    sample: 2,
    channel: 0,
  },
  { op: 'batchNorm', name: 'outside training', shape: [3, 4, 5], options: running, arrays: affine([4]), ...first },
  ...[false, true].flatMap((maskOutput): Call[] => [
    {
      op: 'batchNorm',
      name: `in training, masked, output too: ${maskOutput}`,
      shape: [3, 4, 5],
      options: { training: true, mask, maskOutput, ...running },
      arrays: affine([4]),
      ...first,
    },
    {
      op: 'instanceNorm',
      name: `masked, output too: ${maskOutput}`,
      shape: [3, 4, 5],
      options: { mask, maskOutput, eps: 0.1, ...running },
      arrays: affine([4]),
      ...first,
    },
  ]),
  {
    op: 'batchNorm',
    name: 'outside training, output masked',
    shape: [3, 4, 5],
    options: { ...running, mask, maskOutput: true },
    arrays: affine([4]),
    ...first,
  },
  {
    op: 'instanceNorm',
    name: 'channels last',
    shape: [3, 5, 4],
    options: { layout: 'NLC' },
    arrays: affine([4]),
    ...last,
  },
  {
    op: 'instanceNorm',
    name: 'without samples',
    shape: [4, 2, 3],
    options: { layout: 'CHW' },
    arrays: affine([4]),
    sample: undefined,
    channel: 0,
  },
  {
    op: 'instanceNorm',
    name: 'by running statistics',
    shape: [3, 4, 5],
    options: { useInputStats: false, ...running },
    arrays: affine([4]),
    ...first,
  },
  { op: 'groupNorm', name: '', shape: [3, 4, 5], options: { numGroups: 2 }, arrays: affine([4]), ...first },
  {
    op: 'groupNorm',
    name: 'channels before samples',
    shape: [4, 5, 3],
    options: { numGroups: 2, layout: 'CLN' },
    arrays: affine([4]),
    sample: 2,
    channel: 0,
  },
  {
    op: 'adaptiveInstanceNorm',
    name: 'unbiased',
    shape: [3, 2, 5],
    options: { unbiased: true },
    arrays: { style: randomArray([3, 2, 3], 23) },
    ...first,
  },
  {
    op: 'adaptiveInstanceNorm',
    name: '',
    shape: [3, 2, 5],
    options: {},
    arrays: { style: randomArray([3, 2, 3], 23) },
    ...first,
  },
  {
    op: 'adaptiveInstanceNorm',
    name: 'channels before samples',
    shape: [2, 5, 3],
    options: { layout: 'CLN' },
    arrays: { style: randomArray([2, 3, 3], 23) },
    sample: 2,
    channel: 0,
  },
];

/** The x of a call; positive, so that a sum of its elements is not close to 0. */
export function inputOf({ shape }: Call): Float64NdArray {
  const { data } = randomArray(shape, 24);
  return { data: data.map((value) => value + 1.2), shape };
}

type Forward = (x: NdArray, ...rest: unknown[]) => Normalized & reference.Running;
type Backward = (dy: NdArray, x: NdArray, ...rest: unknown[]) => Record<string, Float64NdArray>;

export function forward(call: Call, x: NdArray, fused: Fused = {}) {
  return (reference[call.op] as unknown as Forward)(x, ...restOf(call, fused));
}

export function backward(call: Call, dy: NdArray, x: NdArray, fused: Fused & BackwardOptions = {}) {
  return (reference[`${call.op}Backward`] as unknown as Backward)(dy, x, ...restOf(call, fused));
}

/** What follows x in a call: the style, if there is one, which brings the weight, and the options. */
function restOf(
  { options, arrays }: Call,
  { scale, shift, by, multiply, zeroCenteredWeight, ...others }: Fused,
): unknown[] {
  const { style, ...parameters } = arrays;
  const fused = { ...others, ...(!style && { zeroCenteredWeight }) };
  const all = {
    ...options,
    ...parameters,
    ...fused,
    ...((scale || shift) && { modulation: { scale, shift } }),
    ...(by && { multiply: { ...multiply, by } }),
  };
  return style ? [style, all] : [all];
}
