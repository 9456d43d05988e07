import { roundTo } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';
import { fuse, gradientFor } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import type { Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { MODES } from './case.ts';
import type { Case, Data } from './case.ts';

/** From a case to its call with all numbers. */

/** A case with its numbers, and what of it is compared. */
export interface Filled {
  /** The case as far as there is such a call. */
  given: Case;
  fused: Fused;
  dy: Fused['x'];
  dresidualOut: Fused['x'] | null;
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
  const call = mode.call(size, layout);
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
  return {
    given,
    fused,
    dy,
    dresidualOut: given.dresidualOut && hasSum ? gradientFor(fused, random, 0, 'dresidualOut') : null,
    gradients: given.data !== 'NaN' && given.data !== 'infinite',
  };
}

/** The case as far as it is a call with a bound of its own, or null. */
function sensible(given: Case): Case {
  const { pieces } = given;
  const size = pieces > 1 ? enlarged(given) : given.size;
  const { op, positive } = MODES.find(({ name }) => name === given.mode)!;
  // A factor before a sum may be of both signs.
  const multiply = positive ? (given.multiply.replace('before', 'after') as Case['multiply']) : given.multiply;
  const isPointwise = op === 'dynamicTanh' || op === 'dynamicErf';
  // What running statistics are far from is as large as it is far, as what GRN gives is as large as x; and so are the sums over it.
  const data = isKnown(given.mode) && FAR.has(given.data) ? 'normal' : given.data;
  // What comes first, the product or the sum, is not said; of a broadcast residual there is neither gate nor inputBias.
  const multiplied = multiply.startsWith('before');
  const residual = multiplied ? 'none' : given.residual;
  const isSmall = residual === 'sample' || residual === 'channel';
  const affine = op === 'globalResponseNorm' && given.affine === 'zero-centered' ? 'both' : given.affine;
  const all: Case = {
    ...given,
    size,
    data,
    // What does not spread is divided by eps alone.
    eps: isPointwise || (given.eps === 0 && Math.min(size.N, size.C, size.L) < 3) ? 'own' : given.eps,
    // The alpha of a call is its own, not that of 'elu'.
    parameter: isPointwise ? 'own' : given.parameter,
    // Views are not bound in pieces.
    lying: pieces > 1 ? CONTIGUOUS : given.lying,
    affine,
    multiply,
    residual,
    inputBias: multiplied || isSmall ? 'none' : given.inputBias,
    mask: isPointwise ? 'none' : given.mask,
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

/** A size of which it takes pieces to be small: more samples, or longer ones. */
function enlarged({ size: { N, C, L }, numbers }: Case): Size {
  const times = Math.max(1, Math.floor(8000 / (N * C * L)));
  return numbers % 2 === 0 ? { N: N * times, C, L } : { N, C, L: L * times };
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
