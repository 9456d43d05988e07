import type { Context, Tensor } from '../../../src/index.ts';
import { backwardOf, GRADIENT_OF } from '../../gpu/support/gradients.ts';
import { callGpuForward, upload } from '../../gpu/support/run.ts';
import type { Filled } from '../../gpu/support/run.ts';

/** Calls of the library itself, which those of a bridge are held against. */

export type Numbers = Record<string, Float32Array>;

type Arrays = Filled['x'];

/** Tensors of whole numbers. */
export const COUNTS: readonly string[] = ['positions', 'segments'];
/** Those that have a gradient. */
export const TRAINED: readonly string[] = Object.values(GRADIENT_OF);

/** y, and all gradients of sum(dy · y). */
export async function resultsOfLibrary(context: Context, filled: Filled, dy: Arrays): Promise<Numbers> {
  const place = (array: Arrays, name: string): Tensor =>
    COUNTS.includes(name)
      ? context.tensor(Uint32Array.from(array.data), array.shape, { dtype: 'u32' })
      : upload(context)(array, name);
  const { y, saved } = callGpuForward(filled, place);
  const gradients = backwardOf(filled.op)(place(dy, 'dy'), saved);
  const read = Object.entries({ y, ...gradients }).map(async ([name, tensor]) => [name, await tensor.read()] as const);
  return Object.fromEntries(await Promise.all(read));
}
