import type { CallOptions, Context, GradientName, Saved, Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { largestOutside } from './bounds.ts';
import { roundTo, ulpOf } from './formats.ts';
import type { Format } from './formats.ts';
import { numbersOf, placing } from './fused.ts';
import type { Fused } from './fused.ts';
import { backwardOf, destinationsOf, gradientsByReference } from './gradients.ts';
import type { Destination } from './gradients.ts';
import { callGpu, callGpuForward, normalizedByReference } from './run.ts';
import type { Place } from './run.ts';
import { largest, ON_THE_WAY, unitsBetween, unitsOff } from './units.ts';
import { isUnsure } from './unsure.ts';

/** Calls beside the float64 reference: how far results and gradients are off. */

/** How a call is made. */
export interface Making {
  place: Place;
  /** Left out: the call makes its results. */
  destination: Destination;
  /** Operands that results go over. */
  over: { y?: 'x' | 'add'; residualOut?: 'residual' };
  /** Whether x + gate · residual has a place of its own too. */
  writesResidualOut: boolean;
  /** Whether gradients follow. */
  saves: boolean;
  /** The gradients that are added to what their destinations hold. */
  accumulates: (name: GradientName) => boolean;
}

/** What a call updates in place. */
const UPDATED = ['runningMean', 'runningVar', 'numBatchesTracked'] as const;

/** What every result of a call is off, in units of its last place; `alone`: each gradient is also asked for by itself. */
export async function fusedErrors(
  context: Context,
  fused: Fused,
  dy: NdArray<Float32Array<ArrayBuffer>>,
  dresidualOut: NdArray<Float32Array<ArrayBuffer>> | null,
  alone = false,
  given: Partial<Making> = {},
): Promise<Record<string, number>> {
  const { place = placing(context, fused), destination = () => undefined, accumulates = () => false } = given;
  const { y, residualOut, saved, tensors } = made(fused, place, destination, given);
  const { errors, summed } = await resultErrors(fused, { y, residualOut, tensors });
  if (!saved) {
    y.destroy();
    return errors;
  }
  const backward = backwardOf(fused.op);
  const [placed, arriving] = [
    place(dy, 'dy'),
    dresidualOut ? { dresidualOut: place(dresidualOut, 'dresidualOut') } : {},
  ];
  const into = destinationsOf(fused, destination, accumulates);
  const held = new Map(
    await Promise.all(Object.values(into.accumulate).map(async (tensor) => [tensor, await numbersOf(tensor)] as const)),
  );
  const gradients: [string, Tensor][] = Object.entries(backward(placed, saved, { ...arriving, ...into }));
  if (alone) {
    // Each by itself takes other passes than all together.
    const names = gradients.map(([name]) => name as GradientName);
    gradients.push(
      ...names.map((name): [string, Tensor] => [
        name,
        backward(placed, saved, { ...arriving, gradients: [name] })[name],
      ]),
    );
  }
  Object.assign(errors, await gradientErrors({ fused, summed, dy, dresidualOut }, gradients, held));
  for (const tensor of [y, ...gradients.map(([, gradient]) => gradient)]) tensor.destroy();
  saved.destroy();
  return errors;
}

/** Results of a call, and its operands by name. */
interface Called {
  y: Tensor;
  residualOut: Tensor | undefined;
  tensors: Readonly<Record<string, Tensor>>;
}

function made(
  fused: Fused,
  place: Place,
  destination: Destination,
  { over = {}, writesResidualOut = false, saves = true }: Partial<Making>,
): Called & { saved: Saved | null } {
  const { dtypes, x, arrays } = fused;
  const tensors: Record<string, Tensor> = {};
  for (const [name, array] of Object.entries({ x, ...arrays })) tensors[name] = place(array, name);
  const placed: Place = (_, name) => tensors[name]!;
  const out = over.y ? tensors[over.y] : destination('y', dtypes['dy']!, x.shape);
  const residualOut = over.residualOut
    ? tensors[over.residualOut]
    : writesResidualOut && destination('residualOut', dtypes['dresidualOut']!, x.shape);
  const options: CallOptions = { ...(out && { out }), ...(residualOut && { residualOut }) };
  if (saves) return { ...callGpuForward(fused, placed, options), tensors } as Called & { saved: Saved };
  return { y: callGpu(fused, placed, options), residualOut: residualOut || undefined, tensors, saved: null };
}

/** What the results of a call are off, all but gradients; and the call with what is normalized as it was stored. */
export async function resultErrors(
  fused: Fused,
  { y, residualOut, tensors }: Called,
): Promise<{ errors: Record<string, number>; summed: Fused }> {
  const exactOut = residualOut && normalizedByReference(fused).residualOut!.data;
  const summed = residualOut ? { ...fused, x: await stored(residualOut, exactOut!, fused.x) } : fused;
  const exact = normalizedByReference(summed);
  const errors = { y: await resultOff(y, exact.y.data, summed) } as Record<string, number>;
  if (residualOut) errors['residualOut'] = await unitsOff(residualOut, exactOut!, largest({ data: exactOut! }));
  // What was not updated is what it was.
  const after: Record<string, { data: ArrayLike<number> } | undefined> = { ...exact };
  for (const name of UPDATED) {
    const before = fused.arrays[name];
    if (!before) continue;
    const { data } = after[name] ?? before;
    const magnitude = largest({ data }) + (name === 'runningMean' ? largest(summed.x) : 0);
    errors[name] =
      name === 'numBatchesTracked'
        ? Math.abs((await numbersOf(tensors[name]!))[0]! - data[0]!) * 2
        : await unitsOff(tensors[name]!, data, magnitude);
  }
  return { errors, summed };
}

/** What y is off, of numbers that were rounded on the way those of which it is sure to what: they leave half a unit for the last rounding. */
async function resultOff(y: Tensor, exact: Float64Array, summed: Fused): Promise<number> {
  const magnitude = magnitudeOf(summed, exact);
  const unsure = isUnsure(summed);
  if (!unsure) return unitsOff(y, exact, magnitude);
  const [numbers, format] = [await numbersOf(y), y.dtype as Format];
  let worst = 0;
  for (const [index, value] of exact.entries()) {
    const found = numbers[index]!;
    if (unsure(index) || Object.is(found, value) || found === roundTo(format, value)) continue;
    const off = (Math.abs(found - value) - ON_THE_WAY * magnitude) / ulpOf(format, value) + 0.5;
    if (!(off <= worst)) worst = Number.isNaN(off) ? Infinity : off;
  }
  return worst;
}

/** How large what y is a sum of may be. */
export function magnitudeOf({ arrays }: Fused, exact: Float64Array): number {
  const { by, add } = arrays;
  return largest({ data: exact }, 1) + factorOf(arrays) + addedOf(arrays) * (1 + largest(by)) + largest(add);
}

/** How large what is added to the normalized values times their weight may be. */
function addedOf({ bias, scale, shift }: Fused['arrays']): number {
  return largest(bias) * (1 + largest(scale)) + largest(shift);
}

/** How large what the normalized values are multiplied by may be. */
function factorOf({ weight, style, scale, by }: Fused['arrays']): number {
  return (1 + largest(weight, 1) + largest(style)) * (1 + largest(scale)) * (1 + largest(by));
}

interface Backwards {
  fused: Fused;
  summed: Fused;
  dy: Fused['x'];
  dresidualOut: Fused['x'] | null;
}

/** What gradients are off; `held`: what was there before of those that were added to it. */
export async function gradientErrors(
  { fused, summed, dy, dresidualOut }: Backwards,
  gradients: readonly [string, Tensor][],
  held: ReadonlyMap<Tensor, ArrayLike<number>>,
): Promise<Record<string, number>> {
  // All are read at once, and while the reference computes.
  const reading = gradients.map(async ([name, tensor]) => [name, tensor, await numbersOf(tensor)] as const);
  const { residual, gate, by, alpha = normalizedByReference(summed).rstd } = fused.arrays;
  const ofReference = { ...summed, arrays: { ...fused.arrays, ...(dresidualOut && { dresidualOut }) } };
  const exactGradients = gradientsByReference(ofReference, dy);
  const largestG = largest(dy) * factorOf(fused.arrays);
  const largestXHat = Math.max(4, largestOutside(summed));
  const largestDx = largest(alpha) * largestG * 4 * (1 + largest(by)) + largest(dresidualOut ?? undefined);
  // What dby is a product with: x, or what is multiplied afterwards.
  const { where } = (fused.options['multiply'] ?? {}) as { where?: 'before' | 'after' };
  const ofFactor =
    where === 'before' ? largestDx * largest(fused.x) : largestG * largestXHat + largest(dy) * addedOf(fused.arrays);
  const errors: Record<string, number> = {};
  for (const [name, tensor, numbers] of await Promise.all(reading)) {
    const terms = fused.x.data.length / tensor.size;
    const ofSum = name === 'dby' ? ofFactor : largestDx * (1 + largest(gate) + largest(residual));
    const magnitude =
      name === 'dx' || name === 'dresidual' || name === 'dgate' || name === 'dinputBias' || name === 'dby'
        ? ofSum * Math.sqrt(terms)
        : largestG * largestXHat * terms ** 0.75;
    // dgate is made of the gradient of residualOut as that was stored.
    const stored = name === 'dgate' ? ulpOf(fused.dtypes['x']!, 0.5) / ON_THE_WAY : 0;
    const before = held.get(tensor);
    const after = exactGradients[name as GradientName].data.map((value, index) => value + (before?.[index] ?? 0));
    const bound = magnitude * (1 + stored) + (before ? largest({ data: before }) : 0);
    errors[name] = Math.max(errors[name] ?? 0, unitsBetween(tensor.dtype as Format, numbers, after, bound));
  }
  return errors;
}

/** The x for which x + gate · residual is what was stored. */
export async function stored(
  residualOut: Tensor,
  exact: ArrayLike<number>,
  { data, shape }: Fused['x'],
): Promise<Fused['x']> {
  const numbers = await numbersOf(residualOut);
  const shifted = Float64Array.from(data, (value, index) => value + (numbers[index]! - exact[index]!));
  return { data: shifted as unknown as Fused['x']['data'], shape };
}
