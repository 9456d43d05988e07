import * as tf from '@tensorflow/tfjs-core';
import type { Context, Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import * as bridge from '../../../src/tfjs/index.ts';
import { backwardOf, GRADIENT_OF } from '../../gpu/support/gradients.ts';
import { callGpuForward, optionsWith, upload } from '../../gpu/support/run.ts';
import type { Filled } from '../../gpu/support/run.ts';

/** Calls of the bridge, and the same ones of the library, by the numbers of a filled call. */

export type Numbers = Record<string, Float32Array>;

type Arrays = Filled['x'];
type Norm = (x: tf.Tensor, ...rest: unknown[]) => tf.Tensor;

const COUNTS = ['positions', 'segments'];
const TRAINED: readonly string[] = Object.values(GRADIENT_OF);

export const toTf = ({ data, shape }: NdArray, name = ''): tf.Tensor =>
  COUNTS.includes(name)
    ? tf.tensor(Int32Array.from(data), [...shape], 'int32')
    : tf.tensor(Float32Array.from(data), [...shape], 'float32');

/** The bridge's function, called with tensors by name. */
export function normalizedByBridge({ op, options }: Filled, tensors: Record<string, tf.Tensor>): tf.Tensor {
  const { x, style, ...others } = tensors;
  const norm = bridge[op] as unknown as Norm;
  const all = optionsWith(options, others);
  return style ? norm(x!, style, all) : norm(x!, all);
}

/** y where no gradient is asked for, y where one is, and all gradients of sum(dy · y), by way of tf.grads. */
export async function resultsOfBridge(filled: Filled, dy: Arrays): Promise<Numbers> {
  const constants: Record<string, tf.Tensor> = {};
  const trained: Record<string, tf.Tensor> = {};
  for (const [name, array] of Object.entries({ x: filled.x, ...filled.arrays })) {
    (TRAINED.includes(name) ? trained : constants)[name] = toTf(array, name);
  }
  const names = Object.keys(trained);
  const arriving = toTf(dy);
  const alone = normalizedByBridge(filled, { ...constants, ...trained });
  const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) =>
    normalizedByBridge(filled, { ...constants, ...byName(names, given) }),
  )(Object.values(trained), arriving);
  const tensors = { alone, y: value, ...Object.fromEntries(names.map((name, at) => [`d${name}`, grads[at]!])) };
  const read = await numbersOf(tensors);
  tf.dispose([tensors, constants, trained, arriving]);
  return read;
}

/** The same of the library itself. */
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

export async function numbersOf(tensors: Record<string, tf.Tensor>): Promise<Numbers> {
  const read = Object.entries(tensors).map(async ([name, tensor]) => [name, await tensor.data()] as const);
  return Object.fromEntries(await Promise.all(read)) as Numbers;
}

function byName(names: readonly string[], tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(names.map((name, at) => [name, tensors[at]!]));
}
