import * as norm from '../../../../src/index.ts';
import { context, dy, encoder, moments, saved, sums, weight, x } from './stage.ts';
import { loose, untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

/** Each function with one option more than it needs. */
const CALLS: Record<string, (option: object) => unknown> = {
  layerNorm: (option) => norm.layerNorm(x, untyped(option)),
  rmsNorm: (option) => norm.rmsNorm(x, untyped(option)),
  scaleNorm: (option) => norm.scaleNorm(x, untyped(option)),
  batchNorm: (option) => norm.batchNorm(x, untyped({ training: true, ...option })),
  instanceNorm: (option) => norm.instanceNorm(x, untyped(option)),
  groupNorm: (option) => norm.groupNorm(x, untyped({ numGroups: 2, ...option })),
  normalize: (option) => norm.normalize(x, untyped({ axes: 1, statistic: 'l2', ...option })),
  adaptiveInstanceNorm: (option) => norm.adaptiveInstanceNorm(x, x, untyped(option)),
  layerNormBackward: (option) => norm.layerNormBackward(dy, saved, untyped(option)),
  moments: (option) => norm.moments(x, untyped({ axes: 1, ...option })),
  mergeMoments: (option) => norm.mergeMoments([moments], untyped(option)),
  mergeGradientSums: (option) => norm.mergeGradientSums([sums], untyped(option)),
  tensor: (option) => context.tensor([1], [1], untyped(option)),
  wrap: (option) => context.wrap(x.buffer, untyped({ shape: [1], ...option })),
};

const learnt = 'takes a weight but adaptiveInstanceNorm, where the style gives it';
const unlearnt = 'takes a bias but scaleNorm, and adaptiveInstanceNorm, where the style gives it';
const affine = 'weight and bias are used where they are given: leave out both for none';
const scaled = 'here it is called weight; a modulation · (1 + scale) is modulation: { scale }';

/** Options by the names that other libraries give them, or in the wrong place: the function, the name, what the message ends in. */
const ROWS: [op: string, name: string, says: string][] = [
  ['rmsNorm', 'scale', scaled],
  ['scaleNorm', 'scale', scaled],
  ['adaptiveInstanceNorm', 'scale', 'here it is called modulation: { scale }'],
  ['adaptiveInstanceNorm', 'shift', 'here it is called modulation: { shift }'],
  ['adaptiveInstanceNorm', 'gamma', `every normalization ${learnt}`],
  ['adaptiveInstanceNorm', 'weight', `every normalization ${learnt}`],
  ['scaleNorm', 'beta', `every normalization ${unlearnt}`],
  ['groupNorm', 'gamma', 'here it is called weight'],
  ['groupNorm', 'beta', 'here it is called bias'],
  ['normalize', 'offset', 'here it is called bias'],
  ['layerNorm', 'B', 'here it is called bias'],
  ['layerNorm', 'epsilon', 'here it is called eps'],
  ['batchNorm', 'variance_epsilon', 'here it is called eps'],
  ['batchNorm', 'varianceEpsilon', 'here it is called eps'],
  ['rmsNorm', 'rms_norm_eps', 'here it is called eps'],
  ['layerNorm', 'axis', 'here it is called axes'],
  ['moments', 'axis', 'here it is called axes'],
  ['moments', 'keepdims', 'here it is called keepDims'],
  ['moments', 'keep_dims', 'here it is called keepDims'],
  ['instanceNorm', 'axis', 'here it is called channelAxis'],
  [
    'instanceNorm',
    'axes',
    'axes is an option of layerNorm, rmsNorm, scaleNorm, normalize, dynamicTanh, dynamicErf, moments; the options are useInputStats, moments, ' +
      'meanScale, layout, channelAxis, weight, bias, eps, zeroCenteredWeight, runningMean, runningVar, momentum, numBatchesTracked, ' +
      'unbiasedRunningVar, mask, maskOutput, segments, residual, gate, residualOut, inputBias, outputDtype, modulation, multiply, add, activation, ' +
      'negativeSlope, alpha, out, encoder',
  ],
  ['groupNorm', 'num_groups', 'here it is called numGroups'],
  ['groupNorm', 'groups', 'here it is called numGroups'],
  ['groupNorm', 'group_size', 'here it is called numGroups, how many there are: C / group_size'],
  ['layerNorm', 'cu_seqlens', 'here it is called segments'],
  ['layerNorm', 'num_groups', 'numGroups is an option of groupNorm; the options are axes, unbiased, …'],
  ['layerNorm', 'normalized_shape', 'here it is called axes, the axes themselves: [-1] for the last'],
  ['layerNorm', 'affine', affine],
  ['rmsNorm', 'elementwise_affine', affine],
  ['layerNorm', 'elementwiseAffine', affine],
  ['groupNorm', 'center', affine],
  ['rmsNorm', 'unbiased', 'unbiased is an option of layerNorm, adaptiveInstanceNorm; the options are axes, partial, …'],
  ['batchNorm', 'unbiased', 'unbiased is an option of layerNorm, adaptiveInstanceNorm; the options are training, …'],
  ['layerNorm', 'correction', 'here it is called unbiased: true for 1'],
  ['instanceNorm', 'training', 'training is an option of batchNorm; the options are useInputStats, …'],
  ['batchNorm', 'use_input_stats', 'useInputStats is an option of instanceNorm; the options are training, …'],
  ['batchNorm', 'use_running_average', 'here it is called training, which is its opposite'],
  ['batchNorm', 'track_running_stats', 'running statistics are tracked where they are given: leave them out for none'],
  ['batchNorm', 'running_mean', 'here it is called runningMean'],
  ['batchNorm', 'moving_variance', 'here it is called runningVar'],
  ['batchNorm', 'input_mean', 'here it is called runningMean'],
  ['batchNorm', 'input_var', 'here it is called runningVar'],
  ['groupNorm', 'running_var', 'runningVar is an option of batchNorm, instanceNorm; the options are numGroups, …'],
  ['groupNorm', 'data_format', 'here it is called layout'],
  [
    'layerNorm',
    'layout',
    'layout is an option of batchNorm, instanceNorm, groupNorm, adaptiveInstanceNorm, globalResponseNorm; the options are axes, …',
  ],
  ['instanceNorm', 'channels_last', "here it is called layout: 'NHWC' for example"],
  ['batchNorm', 'decay', 'here it is called momentum, the share of the new batch: 1 - decay'],
  ['batchNorm', 'where', 'here it is called mask'],
  ['rmsNorm', 'prenorm', 'here it is called residualOut, the tensor that takes x + residual'],
  ['rmsNorm', 'out_dtype', 'here it is called outputDtype'],
  ['layerNorm', 'dtype', 'here it is called outputDtype'],
  ['normalize', 'p', "here it is called statistic: 'l2' for p = 2, 'l1', 'linf'"],
  ['layerNormBackward', 'output_mask', 'here it is called gradients'],
  ['layerNormBackward', 'dresidual_out', 'here it is called dresidualOut'],
  ['layerNormBackward', 'eps', 'the options are gradients, dresidualOut, out, accumulate, encoder'],
  ['mergeMoments', 'out', 'the options are encoder'],
  ['mergeGradientSums', 'out', 'the options are encoder'],
  ['tensor', 'type', 'the options are dtype, label'],
  ['wrap', 'offset', 'here it is called byteOffset'],
  ['wrap', 'byte_offset', 'here it is called byteOffset'],
];

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
/** The message, of which … is the rest of a list. */
const messageOf = (op: string, name: string, says: string): string | RegExp => {
  const message = `${op}: there is no option '${name}'; ${says}`;
  return says.endsWith('…') ? new RegExp(`^${escaped(message.slice(0, -1))}`) : message;
};

export const FOREIGN: WrongCall[] = ROWS.map(([op, name, says]) => [
  `${name} of ${op}`,
  () => CALLS[op]!({ [name]: weight }),
  'option',
  messageOf(op, name, says),
]);

/** Encoders in other places than the option. */
export const MISPLACED: WrongCall[] = [
  [
    'an encoder as x',
    () => loose(norm.layerNorm)(encoder, x),
    'option',
    'layerNorm: options are a Tensor; give a plain object, { axes } for example',
  ],
  [
    'an encoder as x, without options',
    () => norm.rmsNorm(untyped(encoder)),
    'option',
    'rmsNorm: x is no Tensor but a GPUCommandEncoder; make one with ctx.tensor() or ctx.wrap()',
  ],
  [
    'an encoder as dy',
    () => norm.layerNormBackward(untyped(encoder), saved),
    'option',
    'layerNormBackward: dy is no Tensor but a GPUCommandEncoder; make one with ctx.tensor() or ctx.wrap()',
  ],
  [
    'an encoder as a style',
    () => norm.adaptiveInstanceNorm(x, untyped(encoder)),
    'option',
    'adaptiveInstanceNorm: style is no Tensor but a GPUCommandEncoder; make one with ctx.tensor() or ctx.wrap()',
  ],
  [
    'an encoder among parts',
    () => norm.mergeMoments([moments, untyped(encoder)]),
    'option',
    'mergeMoments: part 1 is no Moments but a GPUCommandEncoder; make it with moments() or loadMoments()',
  ],
  [
    'an encoder as out',
    () => norm.layerNorm(x, { out: untyped(encoder) }),
    'option',
    'layerNorm: out is no Tensor but a GPUCommandEncoder; make one with ctx.tensor() or ctx.wrap()',
  ],
];
