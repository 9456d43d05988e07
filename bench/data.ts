import { f16round } from '@petamoriken/float16';
import { arrivingOf, bytesOf, dtypeOf, inputShapes, isLarge, sizeOf } from './cases/case.ts';
import type { Case, InputName } from './cases/case.ts';
import type { Data } from './libraries/library.ts';

/** Numbers beyond these repeat: at 10^8 elements, making them would take longer than all calls. */
const MOST_DRAWN = 2 ** 22;

/** The mean and the deviation of each array; the running variance has to stay positive. */
const SPREADS: Partial<Record<InputName, readonly [mean: number, deviation: number]>> = {
  weight: [1, 0.1],
  bias: [0, 0.1],
  scale: [0, 0.3],
  shift: [0, 0.3],
  cos: [0.8, 0.1],
  sin: [0.5, 0.1],
  runningMean: [0, 0.1],
  runningVar: [1, 0.05],
};

/** The numbers of a case, the same on every machine, and such as can be stored as the case wants it. */
export function arraysOf(of: Case): Data['arrays'] {
  const arriving = arrivingOf(of).map((name) => [name, of.shape] as const);
  const shapes: Partial<Record<string, readonly number[]>> = { ...inputShapes(of), ...Object.fromEntries(arriving) };
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape], index) => {
      const [mean, deviation] = SPREADS[name as InputName] ?? [0, 1];
      const rounded = dtypeOf(of) === 'f16' && isLarge(name as InputName);
      return [name, normals(sizeOf(shape!), index + 1, mean, deviation, rounded ? f16round : Math.fround)];
    }),
  );
}

/** The first numbers of larger arrays, as those of the same call on a smaller shape; nothing is copied, so that nothing has to be collected. */
export function firstOf(arrays: Data['arrays'], of: Case): Data['arrays'] {
  const shapes = Object.entries(inputShapes(of)) as [InputName, readonly number[]][];
  return Object.fromEntries(shapes.map(([name, shape]) => [name, arrays[name]!.subarray(0, sizeOf(shape))]));
}

/** How many copies of x calls rotate over: enough that none of it is still in a cache when its turn comes. */
export function copiesOf(of: Case, quick: boolean): number {
  const [bytes, most] = quick ? [2 ** 26, 8] : [2 ** 27, 16];
  const wanted = Math.ceil(bytes / bytesOf(of));
  return sizeOf(of.shape) >= 5e7 ? 1 : Math.min(Math.max(wanted, 2), most);
}

function normals(
  size: number,
  seed: number,
  mean: number,
  deviation: number,
  round: (value: number) => number,
): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(size);
  const uniform = uniforms(seed);
  const drawn = Math.min(size, MOST_DRAWN);
  for (let i = 0; i < drawn; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    numbers[i] = round(mean + radius * Math.cos(angle));
    if (i + 1 < drawn) numbers[i + 1] = round(mean + radius * Math.sin(angle));
  }
  for (let filled = drawn; filled < size; filled *= 2) numbers.copyWithin(filled, 0, Math.min(filled, size - filled));
  return numbers;
}

/** In [0, 1): mulberry32. */
export function uniforms(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
