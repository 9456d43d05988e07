import type { Context, Dtype, Tensor } from '../../../src/index.ts';
import { isSameShape } from '../../../src/problem/shape.ts';
import { roundTo } from '../support/formats.ts';
import { dtypeOf } from '../support/fused.ts';
import type { Destination } from '../support/gradients.ts';
import { elementsOf, placeAt } from '../support/placed.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import type { Place } from '../support/run.ts';
import { viewAs } from '../support/strided.ts';
import type { Lying } from '../support/strided.ts';
import type { Case } from './case.ts';
import type { Filled } from './fill-case.ts';

/** Arrays of the call that may be views. */
const VIEWED = new Set(['residual', 'gate', 'scale', 'shift', 'by', 'add', 'mask', 'dresidualOut']);
/** What is uploaded, rather than put in the middle of a buffer. */
export const PLAIN = new Set(['alpha', 'inputShift']);

/** What is where quantized numbers are to be: no result of theirs. */
const UNLIKELY = -128;

/** The tensors of a case, in memory of which all else is looked at afterwards. */
export interface CaseTensors {
  place: Place;
  destination: Destination;
  /** Whether a gradient is added to what its destination holds. */
  accumulates: (name: string) => boolean;
  /** The names of those around which something was written. */
  touched: () => Promise<string[]>;
}

export function tensorsOf(context: Context, { given, fused }: Filled): CaseTensors {
  const placed: { name: string; untouched: () => Promise<boolean> }[] = [];
  const put = (name: string, data: ArrayLike<number>, shape: readonly number[], dtype: Dtype, lying: Lying): Tensor => {
    const { tensor, untouched } =
      lying === 'contiguous' || dtype === 'u32' || dtype === 'i8'
        ? placeAt(context, data, shape, dtype, given.before)
        : viewAs(context, data, shape, dtype, lying);
    placed.push({ name, untouched });
    return tensor;
  };
  const place: Place = ({ data: numbers, shape }, name) => {
    const dtype = dtypeOf(fused, name);
    const data = name === 'positions' ? beyond(numbers, fused.arrays['cos']!.shape[0]!) : numbers;
    return PLAIN.has(name)
      ? context.tensor(elementsOf(dtype, data) as Float32Array<ArrayBuffer>, shape, { dtype })
      : put(name, data, shape, dtype, lyingOf(given.lying, name, isSameShape(shape, fused.x.shape)));
  };
  const accumulates = (name: string): boolean => ACCUMULATES[given.accumulate](name);
  const random = new Random(given.numbers + 1);
  const destination: Destination = (name, dtype, shape) => {
    // Halves share words with what lies between.
    const lying = dtype === 'f32' && (name === 'y' || name === 'dx') ? given.lying.results : 'contiguous';
    const held =
      accumulates(name) && dtype !== 'i8'
        ? random.normals(sizeOf(shape)).map((value) => roundTo(dtype, value))
        : new Float32Array(sizeOf(shape)).fill(dtype === 'i8' ? UNLIKELY : NaN);
    return put(name, held, shape, dtype, lying);
  };
  const touched = async (): Promise<string[]> => {
    const names = placed.map(async ({ name, untouched }) => ((await untouched()) ? [] : [name]));
    return (await Promise.all(names)).flat();
  };
  return { place, destination, accumulates, touched };
}

/** Positions, where every other one of the last row of the tables is beyond them: it takes that row. */
function beyond(positions: Float32Array, rows: number): Float64Array {
  const past = [rows, 2 ** 32 - 1];
  return Float64Array.from(positions, (row, token) =>
    row === rows - 1 && token % 2 === 0 ? past[(token / 2) % 2]! : row,
  );
}

const ACCUMULATES: Readonly<Record<Case['accumulate'], (name: string) => boolean>> = {
  none: () => false,
  dx: (name) => name === 'dx',
  parameters: (name) => name !== 'dx' && name !== 'y',
  all: (name) => name !== 'y',
};

/** How an array lies. Gradients that are sums are made in the order of the strides of what they are of. */
export function lyingOf({ x, dy, operands }: Case['lying'], name: string, isFull: boolean): Lying {
  if (name === 'x') return x;
  if (name === 'dy') return dy;
  if (!VIEWED.has(name)) return 'contiguous';
  return operands === 'permuted' && !(name === 'residual' && isFull) ? 'columns' : operands;
}
