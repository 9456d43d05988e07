import { createContext, NormError } from '../../../src/index.ts';
import type { ContextOptions, Tensor } from '../../../src/index.ts';
import { isSameShape } from '../../../src/problem/shape.ts';
import { encode, roundTo } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';
import { fuse, fusedErrors, gradientFor } from '../support/fused.ts';
import type { Destination, Fused } from '../support/fused.ts';
import { placeAt } from '../support/placed.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import type { Place } from '../support/run.ts';
import { viewAs } from '../support/strided.ts';
import type { Lying } from '../support/strided.ts';
import { MODES } from './case.ts';
import type { Case, Data } from './case.ts';
import { guard } from './guard.ts';

/** Arrays of the call that may be views. */
const VIEWED = new Set(['residual', 'gate', 'scale', 'shift', 'by', 'add', 'dresidualOut']);
/** What is held as whole numbers, or counts. */
const PLAIN = new Set(['mask', 'alpha', 'inputShift']);

/** A case with its numbers, and what of it is compared. */
export interface Filled {
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
  if (mode.op !== 'dynamicTanh' && mode.op !== 'dynamicErf' && given.eps === 0)
    call.options = { ...call.options, eps: 0 };
  const fused = fuse(mode, call, layout, given, random);
  const dtype = fused.dtypes['x']!;
  fused.x.data.set(
    dressed(fused.x.data, given.data).map((value) => roundTo(dtype, mode.positive ? Math.abs(value) : value)),
  );
  const dy = gradientFor(fused, random);
  const hasSum = fused.arrays['residual'] ?? fused.arrays['inputBias'];
  return {
    fused,
    dy,
    dresidualOut: given.dresidualOut && hasSum ? gradientFor(fused, random, 0, 'dresidualOut') : null,
    gradients: given.data !== 'NaN' && given.data !== 'infinite',
  };
}

/** The case as far as it is a call with a bound of its own, or null. */
function sensible(given: Case): Case {
  const { multiply, size } = given;
  const op = MODES.find(({ name }) => name === given.mode)!.op;
  // What running statistics are far from is as large as it is far, as what GRN gives is as large as x; and so are the sums over it.
  const data = isKnown(given.mode) && FAR.has(given.data) ? 'normal' : given.data;
  // What comes first, the product or the sum, is not said; of a broadcast residual there is neither gate nor inputBias.
  const multiplied = multiply.startsWith('before');
  const residual = multiplied ? 'none' : given.residual;
  const isSmall = residual === 'sample' || residual === 'channel';
  const affine = op === 'globalResponseNorm' && given.affine === 'zero-centered' ? 'both' : given.affine;
  const all: Case = {
    ...given,
    data,
    // What does not spread is divided by eps alone.
    eps: Math.min(size.N, size.C, size.L) < 3 ? 'own' : given.eps,
    affine,
    residual,
    inputBias: multiplied || isSmall ? 'none' : given.inputBias,
    mask: op === 'dynamicTanh' || op === 'dynamicErf' ? 'none' : given.mask,
  };
  if (data === 'normal' || data === 'sparse') return data === 'sparse' ? { ...all, eps: 'own' } : all;
  // Numbers that are out of the ordinary are f32, and what is measured is x itself.
  return {
    ...all,
    eps: data === 'constant' || data === 'large mean' ? 'own' : all.eps,
    dtype: 'f32',
    output: 'f32',
    residual: 'none',
    inputBias: 'none',
    multiply: multiplied ? 'none' : multiply,
  };
}

const FAR: ReadonlySet<Data> = new Set<Data>(['large mean', 'tiny', 'huge']);
const isKnown = (mode: string): boolean => /inference|running|GRN/.test(mode);

function dressed(normal: Float32Array, data: Data): Float32Array {
  switch (data) {
    case 'large mean':
      return normal.map((value) => 1e4 + value);
    case 'constant':
      return normal.map(() => 1.7);
    case 'tiny':
      return normal.map((value) => value * 1e-18);
    case 'huge':
      return normal.map((value) => value * 1e18);
    case 'sparse':
      return normal.map((value, index) => (index % 7 === 3 ? value : 0));
    case 'NaN':
    case 'infinite':
      return normal.map((value, index) => (index === normal.length >> 1 ? (data === 'NaN' ? NaN : Infinity) : value));
    default:
      return normal;
  }
}

/** What is wrong with the results of a case, by name; empty where nothing is. Null: there is no such call. */
export async function faultsOf(device: GPUDevice, subgroup: number, given: Case): Promise<string[] | null> {
  const filled = fillCase(given);
  if (!filled) return null;
  using context = await createContext({ device, ...adapterOf(given, subgroup) });
  const spills = guard(context);
  const { fused, dy, dresidualOut, gradients } = filled;
  const placed: { name: string; untouched: () => Promise<boolean> }[] = [];
  const put = (
    name: string,
    data: ArrayLike<number>,
    shape: readonly number[],
    dtype: Format,
    lying: Lying,
  ): Tensor => {
    const { tensor, untouched } =
      lying === 'contiguous'
        ? placeAt(context, data, shape, dtype, given.before)
        : viewAs(context, data, shape, dtype, lying);
    placed.push({ name, untouched });
    return tensor;
  };
  const place: Place = ({ data, shape }, name) => {
    const dtype = fused.dtypes[name] ?? 'f32';
    if (PLAIN.has(name)) return context.tensor(dtype === 'f32' ? data : encode(dtype, data), shape, { dtype });
    const lying = lyingOf(given.lying, name, isSameShape(shape, fused.x.shape));
    return put(name, data, shape, dtype, lying);
  };
  const destination: Destination = (name, dtype, shape) => {
    // Halves share words with what lies between.
    const lying = dtype === 'f32' && (name === 'y' || name === 'dx') ? given.lying.results : 'contiguous';
    return put(name, new Float32Array(sizeOf(shape)).fill(NaN), shape, dtype, lying);
  };
  const errors = await fusedErrors(context, fused, dy, dresidualOut, given.alone, place, destination).catch(refused);
  if (!errors) return null;
  const wrong = Object.entries(errors).filter(([name, units]) => (gradients || name === 'y') && !(units <= 1));
  const touched = await Promise.all(placed.map(async ({ name, untouched }) => ((await untouched()) ? [] : [name])));
  const spilt = await spills();
  return [
    ...wrong.map(([name, units]) => `${name} is ${units} units of the last place off`),
    ...touched.flat().map((name) => `what lies around ${name} was written to`),
    ...spilt.map((label) => `what lies behind '${label}' was written to`),
  ];
}

/** What the device or the way that halves lie does not allow, as documented, is no call. */
function refused(error: unknown): null {
  if (error instanceof NormError && error.code === 'limit') return null;
  throw error;
}

/** How an array lies. Gradients that are sums are made in the order of the strides of what they are of. */
function lyingOf({ x, dy, operands }: Case['lying'], name: string, isFull: boolean): Lying {
  if (name === 'x') return x;
  if (name === 'dy') return dy;
  if (!VIEWED.has(name)) return 'contiguous';
  return operands === 'permuted' && !(name === 'residual' && isFull) ? 'columns' : operands;
}

function adapterOf({ profile, schedule }: Case, subgroup: number): ContextOptions {
  const { subgroups, ...rest } = profile;
  const lanes = schedule.lanes === undefined ? {} : { lanes: Math.min(schedule.lanes, profile.maxWorkgroup) };
  return {
    calibrate: false,
    specialize: false,
    // What lies behind memory is looked at afterwards, however long a program takes to compile.
    memory: { idleSeconds: 3600 },
    profile: { ...rest, subgroup: subgroups ? subgroup : 0, subgroupSize: 0 },
    schedule: { ...schedule, ...lanes },
  };
}
