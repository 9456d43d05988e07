import * as norm from '../../../src/index.ts';
import type { BackwardOptions, GradientName, Saved, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { Float64NdArray, NdArray } from '../../../src/reference/index.ts';
import { slopesOf } from '../../reference/differences.ts';
import type { Format } from './formats.ts';
import type { Operation } from './modes.ts';
import type { Random } from './random.ts';
import { callReference, normalizedByReference, exactOptionsWith, relativeError } from './run.ts';
import type { Filled } from './run.ts';

/** What each gradient is with respect to. */
export const GRADIENT_OF = {
  dx: 'x',
  dresidual: 'residual',
  dgate: 'gate',
  dinputBias: 'inputBias',
  dweight: 'weight',
  dbias: 'bias',
  dscale: 'scale',
  dshift: 'shift',
  dby: 'by',
  dadd: 'add',
  dmeanScale: 'meanScale',
  dalpha: 'alpha',
  dinputShift: 'inputShift',
  dstyle: 'style',
} as const;

/** Where a result goes: by its name, as what and in which shape. Undefined: the call makes it. */
export type Destination = (name: string, dtype: Format | 'i8', shape: readonly number[]) => Tensor | undefined;

/** The tensors that gradients go to, as a call takes them. */
export function destinationsOf(
  { x, arrays, dtypes }: Filled & { dtypes: Record<string, Format> },
  destination: Destination,
  accumulates: (name: GradientName) => boolean,
): Record<'out' | 'accumulate', Partial<Record<GradientName, Tensor>>> {
  const into: ReturnType<typeof destinationsOf> = { out: {}, accumulate: {} };
  for (const [name, of] of Object.entries(GRADIENT_OF) as [GradientName, string][]) {
    const array = of === 'x' ? x : arrays[of];
    const tensor = array && destination(name, dtypes[of]!, array.shape);
    if (tensor) into[accumulates(name) ? 'accumulate' : 'out'][name] = tensor;
  }
  return into;
}

type Backward = (
  dy: Tensor,
  saved: Saved,
  options?: BackwardOptions<readonly GradientName[]>,
) => Record<GradientName, Tensor>;
type ReferenceBackward = (dy: NdArray, x: NdArray, ...rest: unknown[]) => Record<GradientName, Float64NdArray>;

/** The gradient function of a mode. */
export function backwardOf(op: Operation): Backward {
  return norm[`${op}Backward`] as unknown as Backward;
}

export function gradientsByReference(
  { op, x, options, arrays }: Filled,
  dy: NdArray,
): Record<GradientName, Float64NdArray> {
  const { style, ...others } = arrays;
  const call = reference[`${op}Backward`] as unknown as ReferenceBackward;
  const all = exactOptionsWith(options, others);
  return style ? call(dy, x, style, all) : call(dy, x, all);
}

/** Central differences of fourth order of sum(dy · y) in float64, element by element of x, a parameter or the style. */
export function differences(filled: Filled, name: string, dy: NdArray, step = 3e-6): Float64Array {
  const array = name === 'x' ? filled.x : filled.arrays[name]!;
  const data = Float64Array.from(array.data);
  const probe = { data: data as unknown as Float32Array<ArrayBuffer>, shape: array.shape };
  const call: Filled =
    name === 'x' ? { ...filled, x: probe } : { ...filled, arrays: { ...filled.arrays, [name]: probe } };
  const loss = (): number => callReference(call).reduce((sum, y, index) => sum + y * dy.data[index]!, 0);
  return slopesOf(loss, data, step);
}

/** A dy for a call, of mean 0.3 so that sums of it grow. */
export function fillGradient(filled: Filled, random: Random): NdArray<Float32Array<ArrayBuffer>> {
  return { data: random.normals(filled.x.data.length, 0.3), shape: filled.x.shape };
}

/**
 * The error of each gradient against the reference: of dx and dstyle relative to the largest of |exact| and of what they are
 * made of, rstd · |dy · weight|; of dweight and dbias relative to the largest of |exact| and of what as many terms of random
 * sign add up to.
 */
export async function gradientErrors(
  filled: Filled,
  dy: NdArray,
  gradients: Partial<Record<GradientName, Tensor>>,
): Promise<Partial<Record<GradientName, number>>> {
  // All are read at once, and while the reference computes.
  const reading = Object.entries(gradients).map(async ([name, tensor]) => [name, await tensor.read()] as const);
  const exact = gradientsByReference(filled, dy);
  const { rstd } = normalizedByReference(filled);
  const { weight, style, alpha = rstd } = filled.arrays;
  const largest = (array: NdArray): number =>
    Array.from(array.data).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const made = largest(alpha) * largest(dy) * (weight ? largest(weight) : style ? largest(style) : 1);
  const errors: Partial<Record<GradientName, number>> = {};
  for (const [name, numbers] of (await Promise.all(reading)) as [GradientName, Float32Array][]) {
    const terms = filled.x.data.length / numbers.length;
    const magnitude = name === 'dx' ? made : name === 'dstyle' ? largest(dy) * terms : Math.sqrt(terms);
    errors[name] = relativeError(numbers, exact[name].data, { data: [magnitude], shape: [1] });
  }
  return errors;
}
