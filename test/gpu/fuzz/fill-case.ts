import { isSameShape } from '../../../src/problem/shape.ts';
import { roundTo } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';
import { fuse, gradientFor } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import type { Making } from '../support/fused-errors.ts';
import type { Call, Size } from '../support/modes.ts';
import { scalesShape } from '../support/quantized.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import { MODES } from './case.ts';
import type { Case, Data } from './case.ts';

/** From a case to its call with all numbers. */

/** How a call is made: those of cases, of which the last is two. */
export const WAYS = ['training', 'inference', 'in place', 'all in place', 'quantized', 'in parts'] as const;

/** A case with its numbers, and what of it is compared. */
export interface Filled {
  /** The case as far as there is such a call. */
  given: Case;
  fused: Fused;
  dy: Fused['x'];
  dresidualOut: Fused['x'] | null;
  way: (typeof WAYS)[number];
  /** Operands that results go over. */
  over: Making['over'];
  /** Whether gradients are: those of an infinity are not numbers, and which ones depends on the order of operations. */
  gradients: boolean;
}

/** A case with its numbers; null where there is no such call, or no bound that holds for it. */
export function fillCase(drawn: Case): Filled | null {
  const given = sensible(drawn);
  const { size, numbers } = given;
  const mode = MODES.find(({ name }) => name === given.mode)!;
  const layout = mode.layouts[given.layout % mode.layouts.length]!;
  if (size.N * size.C * size.L > 16_000 || mode.refuses?.(size)) return null;
  const random = new Random(numbers);
  const call = tracking(mode.call(size, layout), given.tracking);
  const { eps, parameter, activation } = given;
  const slope = parameter !== 'own' && SLOPES[activation];
  call.options = { ...call.options, ...(eps !== 'own' && { eps }), ...(slope && { [slope]: parameter }) };
  const fused = fuse(mode, call, layout, given, random);
  const dtype = fused.dtypes['x']!;
  fused.x.data.set(
    dressed(fused.x.data, given.data, dtype).map((value) => roundTo(dtype, mode.positive ? Math.abs(value) : value)),
  );
  const dy = gradientFor(fused, random);
  const hasSum = fused.arrays['residual'] ?? fused.arrays['inputBias'];
  const way = wayOf(given);
  if (way === 'quantized') addScales(fused, given, random);
  return {
    given,
    fused,
    dy,
    dresidualOut: given.dresidualOut && hasSum ? gradientFor(fused, random, 0, 'dresidualOut') : null,
    way,
    over: overOf(fused, way),
    gradients: given.data !== 'NaN' && given.data !== 'infinite',
  };
}

/** A call of running statistics that are updated in some way. */
function tracking(call: Call, how: Case['tracking']): Call {
  if (call.options['momentum'] === undefined) return call;
  const isAverage = how.endsWith('average');
  return {
    ...call,
    options: {
      ...call.options,
      ...(isAverage && { momentum: null }),
      ...(how.startsWith('biased') && { unbiasedRunningVar: false }),
    },
    tensors: { ...call.tensors, ...((isAverage || how === 'counted') && { numBatchesTracked: [1] }) },
  };
}

/** How a quantized result is scaled. */
function addScales({ x, options, arrays, dtypes }: Fused, { scales, numbers }: Case, random: Random): void {
  if (scales !== 'of rows' && scales !== 'one given') options['groupSize'] = 4 << (numbers % 5);
  if (!scales.endsWith('given')) return;
  const all = scalesShape(x.shape, options);
  const shape = scales === 'one given' ? [1] : scales === 'spans given' ? all.slice(-1) : all;
  // Some are less than the largest magnitude takes, which saturates then, and some are none.
  const data = random.normals(sizeOf(shape), 0.03, 0.004).map((scale, at) => (at % 5 === 4 ? 0 : scale));
  arrays['scales'] = { data, shape };
  dtypes['scales'] = 'f32';
}

/** Operands that hold what results do. */
function overOf({ x, arrays, dtypes }: Fused, way: Filled['way']): Making['over'] {
  if (!way.endsWith('in place')) return {};
  const [add, residual] = ['add', 'residual'].map((name) => isSameShape(arrays[name]?.shape ?? [], x.shape));
  const y = add && dtypes['add'] === dtypes['dy'] ? 'add' : dtypes['x'] === dtypes['dy'] ? 'x' : null;
  return { ...(y && { y }), ...(residual && way === 'all in place' && { residualOut: 'residual' }) };
}

/** The case as far as it is a call with a bound of its own, or null. */
function sensible(given: Case): Case {
  const { pieces } = given;
  const way = wayOf(given);
  const [isQuantized, inParts] = [way === 'quantized', way === 'in parts'];
  const size = pieces > 1 ? enlarged(given) : isQuantized ? lengthened(given) : given.size;
  const { op, positive } = MODES.find(({ name }) => name === given.mode)!;
  const isPacked = given.mode.includes('packed');
  // A factor before a sum may be of both signs; moments of parts are of x itself, without a factor, and nothing is added to it.
  const multiply =
    positive || inParts ? (given.multiply.replace('before', 'after') as Case['multiply']) : given.multiply;
  const isPointwise = op === 'dynamicTanh' || op === 'dynamicErf';
  // What running statistics are far from is as large as it is far, as what GRN gives is as large as x; and so are the sums over it.
  const data = isKnown(given.mode) && FAR.has(given.data) ? 'normal' : given.data;
  // What comes first, the product or the sum, is not said; of a broadcast residual there is neither gate nor inputBias.
  const multiplied = multiply.startsWith('before');
  const residual = multiplied || inParts ? 'none' : given.residual;
  const isSmall = residual === 'sample' || residual === 'channel';
  const affine = op === 'globalResponseNorm' && given.affine === 'zero-centered' ? 'both' : given.affine;
  const all: Case = {
    ...given,
    size,
    // Their lanes look for a peak, which no other call does, and few calls are quantized.
    watched: given.watched || isQuantized,
    data,
    // What does not spread is divided by eps alone, as a sequence of one row.
    eps: isPointwise || (given.eps === 0 && (isPacked || Math.min(size.N, size.C, size.L) < 3)) ? 'own' : given.eps,
    // The alpha of a call is its own, not that of 'elu'.
    parameter: isPointwise ? 'own' : given.parameter,
    // Views are not bound in pieces, nor are channels of a view taken for groups; packed rows are none.
    lying: pieces > 1 || isPacked || (inParts && op === 'groupNorm') ? CONTIGUOUS : given.lying,
    // Several parts would round the sum of a gradient several times.
    like: given.like && !inParts,
    affine,
    output: isQuantized ? 'as x' : given.output,
    multiply,
    residual,
    inputBias: multiplied || isSmall || inParts ? 'none' : given.inputBias,
    modulation: isPacked
      ? PACKED[given.modulation]
      : inParts && given.modulation === 'full'
        ? 'sample'
        : given.modulation,
    mask: isPointwise || isPacked || inParts ? 'none' : given.mask,
    maskOver: takesRowsAlone(given) ? 'positions' : given.maskOver,
  };
  if (data === 'normal' || data === 'sparse') return data === 'sparse' ? { ...all, eps: 'own' } : all;
  // Of numbers that are out of the ordinary what is measured is x itself.
  return {
    ...all,
    eps: data === 'constant' || data === 'large mean' ? 'own' : all.eps,
    residual: 'none',
    inputBias: 'none',
    multiply: multiplied ? 'none' : multiply,
  };
}

/** Whether a mask may not tell apart what shares statistics: of an unbiased variance, nor the two of a pair where the output is masked. */
function takesRowsAlone({ mode, mask }: Case): boolean {
  return mode.includes('unbiased') || (mode.includes('rotated') && mask === 'output');
}

/** Modes whose statistics may be those of several parts. */
const PARTS = /^(BatchNorm, t|InstanceNorm$|InstanceNorm, t|GroupNorm$)/;

/** How the mode of a case is called: what it does not take is made forward and backward. */
function wayOf({ mode, layout, way }: Case): Filled['way'] {
  if (way !== 'quantized or in parts') return way;
  const { op, layouts } = MODES.find(({ name }) => name === mode)!;
  if (PARTS.test(mode) && layouts[layout % layouts.length] !== 'CN') return 'in parts';
  return (op === 'layerNorm' || op === 'rmsNorm') && !mode.includes('packed') ? 'quantized' : 'training';
}

/** A modulation of packed rows, a number a channel. */
const PACKED: Readonly<Record<Case['modulation'], Case['modulation']>> = {
  none: 'none',
  channel: 'channel',
  sample: 'channel',
  full: 'channel',
  scale: 'scale',
  shift: 'channel',
};

/** Some rows that take more lanes to look for their peak than take part in it at a time. */
function lengthened({ size, numbers }: Case): Size {
  return numbers % 2 === 0 ? { ...size, L: size.L + 256 } : size;
}

/** A size of which it takes pieces to be small: more samples, an odd number, so that pieces leave a rest of every kind, or longer ones. */
function enlarged({ size: { N, C, L }, numbers }: Case): Size {
  const times = Math.max(1, Math.floor(8000 / (N * C * L)));
  return numbers % 2 === 0 ? { N: (N * times) | 1, C, L } : { N, C, L: L * times };
}

const FAR: ReadonlySet<Data> = new Set<Data>(['large mean', 'tiny', 'huge', 'tiniest', 'largest']);
const isKnown = (mode: string): boolean => /inference|running|GRN|mean scaled/.test(mode);

const SLOPES: Readonly<Record<string, string>> = { 'leaky-relu': 'negativeSlope', elu: 'alpha' };
export const CONTIGUOUS: Case['lying'] = {
  x: 'contiguous',
  operands: 'contiguous',
  dy: 'contiguous',
  results: 'contiguous',
};

/** As far from 1 as a format has numbers that differ. */
const FAR_OFF: Readonly<Record<Format, Readonly<Record<'mean' | 'tiny' | 'huge' | 'tiniest' | 'largest', number>>>> = {
  f32: { mean: 1e4, tiny: 1e-18, huge: 1e18, tiniest: 1e-30, largest: 1e30 },
  f16: { mean: 100, tiny: 1e-3, huge: 100, tiniest: 1e-5, largest: 8e3 },
  bf16: { mean: 30, tiny: 1e-18, huge: 1e18, tiniest: 1e-30, largest: 1e30 },
};

function dressed(normal: Float32Array, data: Data, format: Format): Float32Array {
  const far = FAR_OFF[format];
  switch (data) {
    case 'large mean':
      return normal.map((value) => far.mean + value);
    case 'constant':
      return normal.map(() => 1.7);
    case 'tiny':
    case 'huge':
    case 'tiniest':
    case 'largest':
      return normal.map((value) => value * far[data]);
    case 'sparse':
      return normal.map((value, index) => (index % 7 === 3 ? value : 0));
    case 'NaN':
    case 'infinite':
      return normal.map((value, index) => (index === normal.length >> 1 ? (data === 'NaN' ? NaN : Infinity) : value));
    default:
      return normal;
  }
}
