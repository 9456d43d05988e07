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

export type CaseDtype = 'f32' | 'f16';

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
  /** What x, y, dy and dx are stored as; parameters are f32. Default: f32. */
  dtype?: CaseDtype;
  /** A residual is added to x first; x + residual is a result too, as the next block of a transformer needs it. */
  residual?: true;
  /** After the normalization a scale and a shift that every sample has its own of, instead of weight and bias: AdaLN. */
  modulated?: true;
  /** Then a factor, silu of an array as large as x: the gate of a gated RMSNorm. */
  multiplied?: true;
  /** Then an addend as large as x: what the end of a residual block adds. */
  added?: true;
  /** rmsNorm of the last axis only: the result is of 8 bits, with a scale a row. There is no gradient. */
  quantized?: true;
  /** x is [N, tokens, heads, size], and heads are rotated by their positions in the end, halves apart; rmsNorm only. */
  rotary?: true;
  /** What follows all that. */
  activation?: 'relu' | 'silu';
  /** batchNorm only: running statistics are updated. */
  tracked?: true;
  /** In a quick run too. */
  quick?: boolean;
}

/** Added to the variance or mean square, inside the root. */
export const EPS = 1e-5;
/** The share of a batch in running statistics. */
export const MOMENTUM = 0.1;

/** Arrays that a gradient may be asked for, constants of a call, and gradients that arrive. */
export type Trained = 'weight' | 'bias' | 'style' | 'scale' | 'shift' | 'by' | 'add';
type Constant = 'residual' | 'runningMean' | 'runningVar' | 'cos' | 'sin';
type Arriving = 'dy' | 'dresidualOut';

/** The arrays a call may take, and those it may give. */
export type InputName = 'x' | Trained | Constant | Arriving;
export type OutputName = 'y' | 'scales' | 'residualOut' | 'runningMean' | 'runningVar' | 'dx' | `d${Trained}`;

const TRAINED: readonly Trained[] = ['weight', 'bias', 'style', 'scale', 'shift', 'by', 'add'];

/**
 * The shape of every array that a forward call takes: x, what is trained, then constants. The residual is one of these: its
 * gradient is dx itself.
 */
export function inputShapes(of: Case): Partial<Record<InputName, readonly number[]>> {
  const { norm, shape, residual, tracked, rotary, multiplied, added } = of;
  return {
    ...ownShapes(of),
    ...(multiplied && { by: shape }),
    ...(added && { add: shape }),
    ...(residual && { residual: shape }),
    ...((tracked || norm === 'batchNormInference') && channelShapes(of, ['runningMean', 'runningVar'])),
    ...(rotary && { cos: tableShape(of), sin: tableShape(of) }),
  };
}

/** Of the tables of a rotation: a row for each token, a number for each pair. */
function tableShape({ shape }: Case): readonly number[] {
  return [shape[1]!, shape[3]! / 2];
}

function ownShapes(of: Case): Partial<Record<InputName, readonly number[]>> {
  const { norm, shape, modulated } = of;
  if (modulated) {
    const rows = [shape[0]!, shape[shape.length - 1]!];
    return { x: shape, scale: rows, shift: rows };
  }
  switch (norm) {
    case 'layerNorm':
      return { x: shape, weight: normalizedShape(of), bias: normalizedShape(of) };
    case 'rmsNorm':
      return { x: shape, weight: normalizedShape(of) };
    case 'adaptiveInstanceNorm':
      return { x: shape, style: shape };
    default:
      return { x: shape, ...channelShapes(of, ['weight', 'bias']) };
  }
}

/** What a pass of a case gives. */
export function outputNames(of: Case, pass: Pass): OutputName[] {
  const { residual, tracked, quantized } = of;
  const results: OutputName[] = [
    'y',
    ...(quantized ? (['scales'] as const) : []),
    ...(residual ? (['residualOut'] as const) : []),
    ...(tracked ? (['runningMean', 'runningVar'] as const) : []),
  ];
  const gradients: OutputName[] = ['dx', ...trainedOf(of).map((name) => `d${name}` as const)];
  if (pass === 'forward') return results;
  return pass === 'backward' ? gradients : [...results, ...gradients];
}

/** The arrays besides x that gradients are computed for, in the order in which a case has them. */
export function trainedOf(of: Case): Trained[] {
  const inputs = inputShapes(of);
  return TRAINED.filter((name) => inputs[name]);
}

/** The gradients that arrive, each of the shape of x: one at y, and one at residualOut, which goes its own way. */
export function arrivingOf({ residual }: Case): Arriving[] {
  return residual ? ['dy', 'dresidualOut'] : ['dy'];
}

/** Whether it is as large as x, and stored as x is. */
export function isLarge(name: InputName | OutputName): boolean {
  return LARGE.has(name);
}

/** Whether each call takes or gives another copy of it, as of x: so does what goes with x, while one style does for all calls. */
export function hasCopies(name: InputName): boolean {
  return isLarge(name) && name !== 'style';
}

const LARGE = new Set<InputName | OutputName>([
  'x',
  'y',
  'dy',
  'dx',
  'style',
  'dstyle',
  'by',
  'dby',
  'add',
  'dadd',
  'residual',
  'residualOut',
  'dresidualOut',
]);

export function normalizedShape({ shape, axes = 1 }: Case): readonly number[] {
  return shape.slice(shape.length - axes);
}

export function channelsOf({ shape, layout }: Case): number {
  return shape[layout === 'NCHW' ? 1 : shape.length - 1]!;
}

export function dtypeOf({ dtype = 'f32' }: Case): CaseDtype {
  return dtype;
}

/** Of x. */
export function bytesOf(of: Case): number {
  return sizeOf(of.shape) * (dtypeOf(of) === 'f16' ? 2 : 4);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function channelShapes<N extends InputName>(of: Case, names: readonly N[]): Partial<Record<InputName, number[]>> {
  return Object.fromEntries(names.map((name) => [name, [channelsOf(of)]]));
}
