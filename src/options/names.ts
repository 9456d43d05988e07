import { ACTIVATION_PARAMETERS } from './activation.ts';
import type { ActivationOptions } from './activation.ts';

/** Names of options, those of the GPU's calls and of the reference alike. */

export const AFFINE = ['weight', 'bias', 'eps', 'zeroCenteredWeight'] as const;
export const LAYOUT = ['layout', 'channelAxis'] as const;
export const MASKS = ['mask', 'maskOutput'] as const;
export const RUNNING = ['runningMean', 'runningVar', 'momentum', 'numBatchesTracked', 'unbiasedRunningVar'] as const;
export const SEGMENTS = ['segments'] as const;
export const MEAN_SCALE = ['meanScale'] as const;
export const QUANTIZATION = ['groupSize', 'scales'] as const;

type Fusion =
  | 'residual'
  | 'gate'
  | 'residualOut'
  | 'inputBias'
  | 'outputDtype'
  | 'modulation'
  | 'multiply'
  | 'add'
  | keyof ActivationOptions;

/** Options of all that every normalization may do besides normalizing. */
export const FUSIONS: readonly Fusion[] = [
  'residual',
  'gate',
  'residualOut',
  'inputBias',
  'outputDtype',
  'modulation',
  'multiply',
  'add',
  'activation',
  ...ACTIVATION_PARAMETERS,
];

/** Options that are true or false. */
export const FLAGS = [
  'training',
  'useInputStats',
  'zeroCenteredWeight',
  'maskOutput',
  'unbiased',
  'castBeforeWeight',
  'unbiasedRunningVar',
] as const;

/** Options that are arrays which are read; those that a training call writes too last. */
export const ARRAYS = [
  'weight',
  'bias',
  'style',
  'residual',
  'gate',
  'inputBias',
  'add',
  'mask',
  'meanScale',
  'scales',
  'segments',
  'runningMean',
  'runningVar',
  'numBatchesTracked',
] as const;

export const MODULATION = ['scale', 'shift'] as const;
export const MULTIPLY = ['by', 'activation', 'where'] as const;
export const ROTARY = ['cos', 'sin', 'positions', 'dims', 'interleaved', 'tokenAxis'] as const;
export const ROTARY_ARRAYS = ['cos', 'sin', 'positions'] as const;

/** Options of which parts are such arrays. */
export const ARRAY_PARTS: Readonly<Record<string, readonly string[]>> = {
  pointwise: ['alpha', 'inputShift'],
  modulation: MODULATION,
  multiply: ['by'],
  rotary: ROTARY_ARRAYS,
};
