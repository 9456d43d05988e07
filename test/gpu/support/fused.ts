import type { Context, GradientName, MultiplierActivation, Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { largestOutside } from './bounds.ts';
import { decode, encode, largestOf, roundTo, ulpOf } from './formats.ts';
import type { Format } from './formats.ts';
import { backwardOf, destinationsOf, gradientsByReference } from './gradients.ts';
import type { Destination } from './gradients.ts';
import type { Call, Mode } from './modes.ts';
import type { Random } from './random.ts';
import { callGpuForward, fill, normalizedByReference, sizeOf } from './run.ts';
import type { AFFINE, Filled, Place } from './run.ts';

/** Whether x is multiplied, or z. */
type Where = 'before' | 'after';

/** What a fused call is made of; a mode takes of it what makes sense there. */
export interface Fusing {
  dtype: Format;
  /** Whether parameters are stored as x is, rather than as f32. */
  like: boolean;
  affine: keyof typeof AFFINE | 'zero-centered';
  residual: 'none' | 'plain' | 'gated' | 'sample' | 'channel';
  /** Whether the residual holds f32, whatever x holds. */
  stream?: boolean;
  inputBias?: 'none' | 'channel' | 'sample' | 'full';
  modulation: 'none' | 'channel' | 'sample' | 'full' | 'scale' | 'shift';
  activation: string;
  /** A mask, or `partial`: of the statistics alone, or of the output too. */
  mask: 'none' | 'statistics' | 'output';
  /** What y and dy are stored as; left out: as x. */
  output?: Format | 'as x';
  /** A factor of x or of z, through an activation or not; what is added last. */
  multiply?: 'none' | Where | `${Where}, ${MultiplierActivation}`;
  add?: 'none' | 'full' | 'sample' | 'channel';
  /** The shape of the factor. */
  by?: 'full' | 'sample';
}

/** A call with its numbers rounded to what they are stored as. */
export interface Fused extends Filled {
  dtypes: Record<string, Format>;
}

export function fuse(mode: Mode, call: Call, layout: string, fusing: Fusing, random: Random): Fused {
  const zeroCentered = fusing.affine === 'zero-centered';
  const filled = fill(mode, call, fusing.affine === 'zero-centered' ? 'both' : fusing.affine, random);
  const { arrays } = filled;
  const options = { ...filled.options };
  const { shape } = filled.x;
  const add = (name: string, of: readonly number[]): void => {
    arrays[name] = { data: random.normals(sizeOf(of), 0, 0.5), shape: [...of] };
  };
  // Modes without a layout take the last axis for channels and the first for samples.
  const letters = 'layout' in options;
  const channel = letters ? layout.indexOf('C') : shape.length - 1;
  const channels = shape[channel]!;
  const samples = shape.length === 2 ? shape : [shape[letters ? layout.indexOf('N') : 0]!, channels];
  const shapes = { channel: [channels], sample: samples, full: shape, scale: [channels], shift: samples };
  const { residual, modulation, activation, mask, output = 'as x', multiply = 'none', by = 'full' } = fusing;
  const { add: addend = 'none', inputBias = 'none' } = fusing;
  if (output !== 'as x') options['outputDtype'] = output;
  if (residual !== 'none') add('residual', residual === 'sample' || residual === 'channel' ? shapes[residual] : shape);
  if (inputBias !== 'none') add('inputBias', shapes[inputBias]);
  if (residual === 'gated') add('gate', samples);
  if (modulation !== 'none' && modulation !== 'shift') add('scale', shapes[modulation]);
  if (modulation !== 'none' && modulation !== 'scale') add('shift', shapes[modulation]);
  if (multiply !== 'none') {
    add('by', shapes[by]);
    const [where, through] = multiply.split(', ');
    options['multiply'] = { where, ...(through && { activation: through }) };
  }
  if (addend !== 'none') add('add', shapes[addend]);
  if (activation !== 'none') options['activation'] = activation;
  if (zeroCentered && arrays['weight']) options['zeroCenteredWeight'] = true;
  if (mask !== 'none' && mode.op === 'rmsNorm') options['partial'] = 0.6;
  if (mask !== 'none' && MASKED.has(mode.op)) {
    const positions = shape.filter((_, axis) => axis !== channel);
    const data = Float32Array.from({ length: sizeOf(positions) }, () => (random.uniform() < 0.7 ? 1 : 0));
    arrays['mask'] = { data, shape: positions };
    if (mask === 'output') options['maskOutput'] = true;
  }
  return rounded({ ...filled, options }, fusing);
}

/** Modes with a mask, of the shape of x without its channels or its last axis. */
const MASKED: ReadonlySet<string> = new Set(['batchNorm', 'instanceNorm', 'layerNorm', 'groupNorm']);

/** Which arrays are stored as x is, whatever its parameters are stored as. */
const LIKE_X = new Set(['x', 'residual', 'style', 'dy', 'dresidualOut']);

/** The call with its numbers as they are stored. */
export function rounded(
  filled: Filled,
  { dtype, like, stream = false }: Pick<Fusing, 'dtype' | 'like' | 'stream'>,
): Fused {
  const dy = (filled.options['outputDtype'] as Format | undefined) ?? dtype;
  // A sum is stored as a residual as large as x is.
  const isLarge = filled.arrays['residual']?.data.length === filled.x.data.length;
  const dtypes: Record<string, Format> = { x: dtype, dy, dresidualOut: stream && isLarge ? 'f32' : dtype };
  const round = (array: NdArray<Float32Array<ArrayBuffer>>, format: Format) => ({
    data: array.data.map((value) => roundTo(format, value)),
    shape: array.shape,
  });
  const arrays = Object.fromEntries(
    Object.entries(filled.arrays).map(([name, array]) => {
      // Whole numbers, which f32 holds meanwhile.
      if (name === 'positions' || name === 'segments') return [name, array];
      const isLike = name === 'residual' ? !stream : LIKE_X.has(name) || (like && name !== 'mask');
      dtypes[name] = isLike ? dtype : 'f32';
      return [name, round(array, dtypes[name])];
    }),
  );
  return { ...filled, x: round(filled.x, dtype), arrays, dtypes };
}

/** The gradient that arrives at a result, as it is stored. */
export function gradientFor(
  { x, dtypes }: Fused,
  random: Random,
  mean = 0.3,
  name: 'dy' | 'dresidualOut' = 'dy',
): NdArray<Float32Array<ArrayBuffer>> {
  const data = random.normals(x.data.length, mean).map((value) => roundTo(dtypes[name]!, value));
  return { data, shape: x.shape };
}

export function placing(context: Context, { dtypes }: Fused) {
  return ({ data, shape }: NdArray<Float32Array<ArrayBuffer>>, name: string): Tensor => {
    if (name === 'positions' || name === 'segments')
      return context.tensor(Uint32Array.from(data), shape, { dtype: 'u32' });
    const dtype = dtypes[name] ?? 'f32';
    return context.tensor(dtype === 'f32' ? data : encode(dtype, data), shape, { dtype });
  };
}

export async function numbersOf(tensor: Tensor): Promise<ArrayLike<number>> {
  if (tensor.dtype === 'f32' || tensor.dtype === 'u32' || tensor.dtype === 'i8') return tensor.read(tensor.dtype);
  const bits = (await tensor.read(tensor.dtype)) as unknown as { buffer: ArrayBuffer };
  return decode(tensor.dtype, new Uint16Array(bits.buffer));
}

/**
 * How far results are off, in units of the last place of their format: from the exact value rounded to it, beyond what the sums
 * and roundings in f32 on the way may cost where results are small beside what they are made of.
 */
export async function unitsOff(tensor: Tensor, exact: ArrayLike<number>, magnitude: number): Promise<number> {
  return unitsBetween(tensor.dtype as Format, await numbersOf(tensor), exact, magnitude);
}

function unitsBetween(format: Format, actual: ArrayLike<number>, exact: ArrayLike<number>, magnitude: number): number {
  if (actual.length !== exact.length) return Infinity;
  let worst = 0;
  // What is rounded to infinity is as far from the largest number as the next would be.
  const next = largestOf(format) + ulpOf(format, largestOf(format));
  const finite = (value: number): number => Math.min(Math.max(value, -next), next);
  for (let index = 0; index < exact.length; index++) {
    const [a, e] = [finite(actual[index]!), finite(roundTo(format, exact[index]!))];
    if (Object.is(a, e) || a === e) continue;
    const off = (Math.abs(a - e) - ON_THE_WAY * magnitude) / ulpOf(format, e);
    if (!(off <= worst)) worst = Number.isNaN(off) ? Infinity : off;
  }
  return worst;
}

/** The x for which x + gate · residual is what was stored. */
async function stored(residualOut: Tensor, exact: ArrayLike<number>, { data, shape }: Fused['x']): Promise<Fused['x']> {
  const numbers = await numbersOf(residualOut);
  const shifted = Float64Array.from(data, (value, index) => value + (numbers[index]! - exact[index]!));
  return { data: shifted as unknown as Fused['x']['data'], shape };
}

/** The running statistics after a call that updates them. */
export function runningOf(results: object): Record<string, { data: ArrayLike<number> }> {
  const { runningMean, runningVar } = results as Record<string, { data: ArrayLike<number> }>;
  return { ...(runningMean && { runningMean }), ...(runningVar && { runningVar }) };
}

/** What f32 may cost: some tens of roundings. */
const ON_THE_WAY = 48 * 2 ** -24;

const largest = (array: { data: ArrayLike<number> } | undefined, least = 0): number =>
  Array.from(array?.data ?? []).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    least,
  );

/** What every result of a call is off, in units of its last place; `accumulates`: the gradients that are added to what their destinations hold. */
export async function fusedErrors(
  context: Context,
  fused: Fused,
  dy: NdArray<Float32Array<ArrayBuffer>>,
  dresidualOut: NdArray<Float32Array<ArrayBuffer>> | null,
  alone = false,
  place = placing(context, fused),
  destination: Destination = () => undefined,
  accumulates: (name: GradientName) => boolean = () => false,
): Promise<Record<string, number>> {
  const { dy: outputFormat } = fused.dtypes;
  const { shape } = fused.x;
  const out = destination('y', outputFormat!, shape);
  const tensors: Record<string, Tensor> = {};
  const keeping: Place = (array, name) => (tensors[name] = place(array, name));
  const { y, residualOut, saved } = callGpuForward(fused, keeping, { ...(out && { out }) });
  // What is normalized is x + gate · residual as it was stored.
  const exactOut = residualOut && normalizedByReference(fused).residualOut!.data;
  const summed = residualOut ? { ...fused, x: await stored(residualOut, exactOut!, fused.x) } : fused;
  const exact = normalizedByReference(summed);
  const { weight, bias, scale, shift, style, residual, gate, by, add, alpha = exact.rstd } = fused.arrays;
  const modulated = 1 + largest(scale);
  const factor = (1 + largest(weight, 1) + largest(style)) * modulated * (1 + largest(by));
  const result =
    largest(exact.y, 1) + factor + (largest(bias) * modulated + largest(shift)) * (1 + largest(by)) + largest(add);
  const errors: Record<string, number> = { y: await unitsOff(y, exact.y.data, result) };
  if (residualOut) errors['residualOut'] = await unitsOff(residualOut, exactOut!, largest(exact.residualOut));
  for (const [name, { data }] of Object.entries(runningOf(exact)))
    errors[name] = await unitsOff(
      tensors[name]!,
      data,
      largest({ data }) + (name === 'runningMean' ? largest(summed.x) : 0),
    );
  const backward = backwardOf(fused.op);
  const [placed, given] = [place(dy, 'dy'), dresidualOut ? { dresidualOut: place(dresidualOut, 'dresidualOut') } : {}];
  const into = destinationsOf(fused, destination, accumulates);
  const held = new Map(
    await Promise.all(Object.values(into.accumulate).map(async (tensor) => [tensor, await numbersOf(tensor)] as const)),
  );
  const gradients: [string, Tensor][] = Object.entries(backward(placed, saved, { ...given, ...into }));
  if (alone) {
    // Each by itself takes other passes than all together.
    const names = gradients.map(([name]) => name as GradientName);
    gradients.push(
      ...names.map((name): [string, Tensor] => [name, backward(placed, saved, { ...given, gradients: [name] })[name]]),
    );
  }
  // All are read at once, and while the reference computes.
  const reading = gradients.map(async ([name, tensor]) => [name, tensor, await numbersOf(tensor)] as const);
  const ofReference = { ...summed, arrays: { ...fused.arrays, ...(dresidualOut && { dresidualOut }) } };
  const exactGradients = gradientsByReference(ofReference, dy);
  const largestG = largest(dy) * factor;
  const largestXHat = Math.max(4, largestOutside(summed));
  const largestDx = largest(alpha) * largestG * 4 * (1 + largest(by)) + largest(dresidualOut ?? undefined);
  for (const [name, tensor, numbers] of await Promise.all(reading)) {
    const terms = fused.x.data.length / tensor.size;
    const ofSum = largestDx * (1 + largest(gate) + largest(residual) + (name === 'dby' ? largest(fused.x) : 0));
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
  for (const tensor of [y, ...gradients.map(([, gradient]) => gradient)]) tensor.destroy();
  saved.destroy();
  return errors;
}
