import { mul, Tensor, Variable } from '@tensorflow/tfjs-core';
import { checkDtype } from '../bridge/dtypes.ts';
import { withTensors } from '../bridge/options.ts';
import type { Named, Options } from '../bridge/options.ts';
import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';
import { backendNameOf, holdsFloats } from './backend.ts';
import type { Backend } from './backend.ts';

const DTYPES = { floats: ['float32'], counts: ['int32'] };

/**
 * The tensors of a call by name, those of floats held as floats.
 *
 * @throws NormError where one cannot take part.
 */
export function tensorsOf(op: string, backend: Backend, x: Tensor, options: Options): Named<Tensor> {
  const tensors: Record<string, Tensor> = { x: operandOf(op, backend, 'x', x) };
  withTensors(options, (name, tensor) => (tensors[name] = operandOf(op, backend, name, tensor)));
  return tensors;
}

/** @throws NormError `option`, `destroyed`, `dtype` or `device` where it cannot take part. */
export function operandOf(op: string, backend: Backend, name: string, tensor: unknown): Tensor {
  if (!(tensor instanceof Tensor)) {
    throw new NormError(
      'option',
      `${op}: ${name} is ${formatValue(tensor)}; it must be a tf.Tensor: tf.tensor(…) makes one`,
    );
  }
  if (tensor.isDisposed) {
    throw new NormError(
      'destroyed',
      `${op}: ${name} was disposed; keep it out of tf.tidy by tf.keep, or dispose it later`,
    );
  }
  checkDtype(op, name, tensor.dtype, DTYPES, (wanted) => `tf.cast(${name}, '${wanted}')`);
  if (!backend.tensorMap.has(tensor.dataId)) {
    throw new NormError(
      'device',
      `${op}: ${name} is on the ${backendNameOf(tensor.dataId)} backend of TensorFlow.js, which would be read and uploaded; make it after ` +
        "tf.setBackend('webgpu'), or use it in an operation of TensorFlow.js first",
    );
  }
  return tensor.dtype === 'float32' && !holdsFloats(backend, tensor) ? mul(tensor, 1) : tensor;
}

/** @throws NormError `usage` unless those that a call updates can be given new values, each its own. */
export function checkVariables(op: string, names: readonly string[], options: Options): void {
  for (const [index, name] of names.entries()) {
    const given = options[name];
    if (!(given instanceof Variable)) {
      throw new NormError(
        'usage',
        `${op}: ${name} is updated by this call, and a tf.Tensor never changes; give a tf.variable(…), which is assigned`,
      );
    }
    const same = names.slice(0, index).find((other) => options[other] === given);
    if (same === undefined) continue;
    throw new NormError('usage', `${op}: ${same} and ${name} are one tf.variable, which takes but one value; give two`);
  }
}
