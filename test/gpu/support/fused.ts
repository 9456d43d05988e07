import type { Context, Dtype, MultiplierActivation, Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { isSameShape } from '../../../src/problem/shape.ts';
import { decode, roundTo } from './formats.ts';
import type { Format } from './formats.ts';
import type { Call, Mode } from './modes.ts';
import { elementsOf } from './placed.ts';
import type { Random } from './random.ts';
import { tablesFor } from './rotary-tables.ts';
import type { ALL_TABLES } from './rotary-tables.ts';
import { fill, sizeOf } from './run.ts';
import type { AFFINE, Filled } from './run.ts';

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
  /** What a mask is stored as: f32 unless told. */
  maskDtype?: 'f32' | 'u32' | 'as x';
  /** Along which axes of x a mask lies: all but the channels, or of modes without a layout some or all of them. Left out: the first, and RMSNorm has `partial`. */
  maskOver?: 'positions' | 'some axes' | 'all axes';
  /** What y and dy are stored as; left out: as x. */
  output?: Format | 'as x';
  /** A factor of x or of z, through an activation or not; what is added last. */
  multiply?: 'none' | Where | `${Where}, ${MultiplierActivation}`;
  add?: 'none' | 'full' | 'sample' | 'channel';
  /** The shape of the factor. */
  by?: 'full' | 'sample';
  /** Whether the normalized values are rounded to what x holds, as far as a mode may. */
  castBeforeWeight?: boolean;
  /** Of a mode that rotates: which elements are turned together, and whether that is all of them; of what kind its tables are. */
  pairs?: (typeof PAIRS)[number];
  tables?: (typeof ALL_TABLES)[number];
}

export const PAIRS = ['halves', 'neighbours', 'halves of some', 'neighbours of some'] as const;

/** A call with its numbers rounded to what they are stored as. */
export interface Fused extends Filled {
  dtypes: Record<string, Format>;
  /** Whether a mask is stored as u32. */
  wholeMask?: boolean;
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
  const { maskDtype = 'f32', maskOver } = fusing;
  // Both say which elements count.
  const isPartial = mode.op === 'rmsNorm' && (!maskOver || (maskOver === 'positions' && mask === 'statistics'));
  if (mask !== 'none' && isPartial) options['partial'] = 0.6;
  if (mask !== 'none' && MASKED.has(mode.op) && !isPartial) {
    const along = letters ? 'positions' : (maskOver ?? 'positions');
    const of = maskShape(shape, channel, along, random);
    const [kept, none] = maskOver ? VALUES[maskDtype] : [[1], [0]];
    const data = Float32Array.from({ length: sizeOf(of) }, (_, at) => {
      const values = random.uniform() < 0.7 ? kept : none;
      return values[at % values.length]!;
    });
    arrays['mask'] = { data, shape: of };
    if (mask === 'output') options['maskOutput'] = true;
  }
  if (fusing.castBeforeWeight && ROUNDING.has(mode.op) && fusing.dtype !== 'f32') {
    options['castBeforeWeight'] = fusing.dtype;
  }
  if (options['rotary']) rotate({ ...filled, options }, fusing, random);
  if (arrays['segments'] && layout === 'numbers') {
    options['segments'] = [...arrays['segments'].data];
    delete arrays['segments'];
  }
  const fused = rounded({ ...filled, options }, fusing);
  return maskDtype === 'u32' ? { ...fused, wholeMask: true } : fused;
}

/** Numbers that keep a position, and those that leave it out. */
const VALUES: Readonly<Record<NonNullable<Fusing['maskDtype']>, readonly [readonly number[], readonly number[]]>> = {
  f32: [
    [1, NaN, 2 ** -149, -0.5, Infinity],
    [0, -0],
  ],
  u32: [[1, 256, 2 ** 16, 2 ** 31], [0]],
  // The least number of f16.
  'as x': [
    [1, NaN, 2 ** -24, -0.5, Infinity],
    [0, -0],
  ],
};

/** The shape of a mask: that of x without its channels; or of as many axes, each 1 or that of x. */
function maskShape(
  shape: readonly number[],
  channel: number,
  along: NonNullable<Fusing['maskOver']>,
  random: Random,
): number[] {
  if (along === 'positions') return shape.filter((_, axis) => axis !== channel);
  return shape.map((size) => (along === 'all axes' || random.uniform() < 0.6 ? size : 1));
}

/** Adds how a call rotates, of which its mode has said the axis of tokens. */
function rotate({ x: { shape }, options, arrays }: Filled, fusing: Fusing, random: Random): void {
  const { pairs = 'halves', tables = 'rows' } = fusing;
  const { tokenAxis } = options['rotary'] as { tokenAxis: number };
  const size = shape.at(-1)!;
  const dims = pairs.endsWith('some') ? 2 * Math.ceil(size / 4) : size;
  options['rotary'] = { tokenAxis, dims, interleaved: pairs.startsWith('neighbours') };
  const { positions, ...angles } = tablesFor({ shape, tokenAxis, dims }, tables, random);
  Object.assign(arrays, angles);
  if (positions) arrays['positions'] = { data: Float32Array.from(positions.data), shape: positions.shape };
}

/** Modes with a mask, of the shape of x without its channels or its last axis. */
const MASKED: ReadonlySet<string> = new Set(['batchNorm', 'instanceNorm', 'layerNorm', 'groupNorm', 'rmsNorm']);

/** Those that may round the normalized values. */
const ROUNDING: ReadonlySet<string> = new Set(['layerNorm', 'rmsNorm']);

/** Arrays of whole numbers, u32, which f32 holds meanwhile. */
const WHOLE: ReadonlySet<string> = new Set(['positions', 'segments', 'numBatchesTracked']);

/** Which arrays are stored as x is, whatever its parameters are stored as. */
const LIKE_X = new Set(['x', 'residual', 'style', 'dy', 'dresidualOut']);

/** The call with its numbers as they are stored. */
export function rounded(
  filled: Filled,
  { dtype, like, stream = false, maskDtype }: Pick<Fusing, 'dtype' | 'like' | 'stream' | 'maskDtype'>,
): Fused {
  const dy = (filled.options['outputDtype'] as Format | undefined) ?? dtype;
  // A sum is stored as a residual of the shape of x is.
  const isLarge = isSameShape(filled.arrays['residual']?.shape ?? [], filled.x.shape);
  const dtypes: Record<string, Format> = { x: dtype, dy, dresidualOut: stream && isLarge ? 'f32' : dtype };
  const round = (array: NdArray<Float32Array<ArrayBuffer>>, format: Format) => ({
    data: array.data.map((value) => roundTo(format, value)),
    shape: array.shape,
  });
  const arrays = Object.fromEntries(
    Object.entries(filled.arrays).map(([name, array]) => {
      if (WHOLE.has(name)) return [name, array];
      const isLike =
        name === 'residual' ? !stream : LIKE_X.has(name) || (name === 'mask' ? maskDtype === 'as x' : like);
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

/** What an array of a call is stored as. */
export function dtypeOf({ dtypes, wholeMask = false }: Fused, name: string): Dtype {
  return WHOLE.has(name) || (wholeMask && name === 'mask') ? 'u32' : (dtypes[name] ?? 'f32');
}

export function placing(context: Context, fused: Fused) {
  return ({ data, shape }: NdArray<Float32Array<ArrayBuffer>>, name: string): Tensor => {
    const dtype = dtypeOf(fused, name);
    return context.tensor(dtype === 'f32' ? data : elementsOf(dtype, data), shape, { dtype });
  };
}

export async function numbersOf(tensor: Tensor): Promise<ArrayLike<number>> {
  if (tensor.dtype === 'f32' || tensor.dtype === 'u32' || tensor.dtype === 'i8') return tensor.read(tensor.dtype);
  const bits = (await tensor.read(tensor.dtype)) as unknown as { buffer: ArrayBuffer };
  return decode(tensor.dtype, new Uint16Array(bits.buffer));
}
