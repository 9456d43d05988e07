import * as tf from '@tensorflow/tfjs-core';
import type { NdArray } from '../../../src/reference/index.ts';
import * as bridge from '../../../src/tfjs/index.ts';
import { optionsWith } from '../../gpu/support/run.ts';
import type { Filled } from '../../gpu/support/run.ts';
import { COUNTS, TRAINED } from '../support/library.ts';
import type { Numbers } from '../support/library.ts';

/** Calls of the bridge, by the numbers of a filled call. */

type Arrays = Filled['x'];
type Norm = (x: tf.Tensor, ...rest: unknown[]) => tf.Tensor;

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

export async function numbersOf(tensors: Record<string, tf.Tensor>): Promise<Numbers> {
  const read = Object.entries(tensors).map(async ([name, tensor]) => [name, await tensor.data()] as const);
  return Object.fromEntries(await Promise.all(read)) as Numbers;
}

function byName(names: readonly string[], tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(names.map((name, at) => [name, tensors[at]!]));
}
