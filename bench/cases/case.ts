/** What is timed: a forward call, the gradient of one that was made before, or both together. */
export type Pass = 'forward' | 'backward' | 'step';

export const PASSES: readonly Pass[] = ['forward', 'backward', 'step'];

export type Norm =
  | 'layerNorm'
  | 'rmsNorm'
  | 'batchNorm'
  | 'batchNormInference'
  | 'instanceNorm'
  | 'groupNorm'
  | 'adaptiveInstanceNorm';

/** One call on one shape, the same for every library. */
export interface Case {
  /** Names it on the command line, in results and in plots. */
  name: string;
  norm: Norm;
  /** Of x, y, dy and dx, in the order of the layout. */
  shape: readonly number[];
  /** `rows`: the last axes are normalized, there are no channels. */
  layout: 'rows' | 'NCHW' | 'NHWC';
  /** How many of the last axes are normalized; layerNorm and rmsNorm only. */
  axes?: number;
  /** groupNorm only. */
  groups?: number;
  /** In a quick run too. */
  quick?: boolean;
}

/** Added to the variance or mean square, inside the root. */
export const EPS = 1e-5;

/** The arrays a call may take, and those it may give. */
export type InputName = 'x' | 'weight' | 'bias' | 'runningMean' | 'runningVar' | 'style' | 'dy';
export type OutputName = 'y' | 'dx' | 'dweight' | 'dbias' | 'dstyle';

/** The shape of every array that a case has besides dy, which is one of x. */
export function inputShapes(of: Case): Partial<Record<InputName, readonly number[]>> {
  const { norm, shape } = of;
  switch (norm) {
    case 'layerNorm':
      return { x: shape, weight: normalizedShape(of), bias: normalizedShape(of) };
    case 'rmsNorm':
      return { x: shape, weight: normalizedShape(of) };
    case 'adaptiveInstanceNorm':
      return { x: shape, style: shape };
    case 'batchNormInference':
      return { x: shape, ...channelShapes(of, ['weight', 'bias', 'runningMean', 'runningVar']) };
    default:
      return { x: shape, ...channelShapes(of, ['weight', 'bias']) };
  }
}

/** What a pass of a case gives. */
export function outputNames(of: Case, pass: Pass): OutputName[] {
  if (pass === 'forward') return ['y'];
  const inputs = inputShapes(of);
  const trained = (['weight', 'bias', 'style'] as const).filter((name) => inputs[name]);
  return [...(pass === 'step' ? (['y'] as const) : []), 'dx', ...trained.map((name): OutputName => `d${name}`)];
}

export function normalizedShape({ shape, axes = 1 }: Case): readonly number[] {
  return shape.slice(shape.length - axes);
}

export function channelsOf({ shape, layout }: Case): number {
  return shape[layout === 'NCHW' ? 1 : shape.length - 1]!;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function channelShapes<N extends InputName>(of: Case, names: readonly N[]): Partial<Record<InputName, number[]>> {
  return Object.fromEntries(names.map((name) => [name, [channelsOf(of)]]));
}
