import type { Array as JaxArray } from '@jax-js/jax';
import { checkDtype } from '../bridge/dtypes.ts';
import { withTensors } from '../bridge/options.ts';
import type { Named, Options } from '../bridge/options.ts';
import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';
import { isTracer, valueOf } from './traced.ts';
import type { Value } from './traced.ts';

/** An array of a call, as it is given: the reference to it is the call's to give up. */
export interface Operand extends Value {
  given: JaxArray;
}

const DTYPES = { floats: ['float32', 'float16'], counts: ['int32', 'uint32'] };

/**
 * The arrays of a call by name.
 *
 * @throws NormError where one cannot take part.
 */
export function operandsOf(op: string, x: JaxArray, options: Options): Named<Operand> {
  const operands: Record<string, Operand> = { x: operandOf(op, 'x', x) };
  withTensors(options, (name, array) => (operands[name] = operandOf(op, name, array)));
  checkReferences(op, operands);
  return operands;
}

/** @throws NormError `option`, `unsupported`, `destroyed`, `dtype` or `device` where it cannot take part. */
function operandOf(op: string, name: string, given: unknown): Operand {
  if (!isTracer(given)) {
    const { gpuBufferSync } = (given ?? {}) as Partial<JaxArray>;
    if (gpuBufferSync) {
      throw new NormError(
        'option',
        `${op}: ${name} is an Array of another copy of @jax-js/jax than this bridge imports; have one in the app (npm ls @jax-js/jax)`,
      );
    }
    throw new NormError(
      'option',
      `${op}: ${name} is ${formatValue(given)}; it must be an Array of jax-js: numpy.array(…) makes one`,
    );
  }
  const value = valueOf(op, name, given);
  const { refCount, dtype, device } = value.array;
  if (refCount <= 0) {
    throw new NormError(
      'destroyed',
      `${op}: ${name} was given up, by dispose or to a function; give ${name}.ref to what it is to outlive`,
    );
  }
  checkDtype(op, name, dtype, DTYPES, (wanted) => `${name}.astype(numpy.${wanted})`);
  if (device !== 'webgpu') {
    throw new NormError(
      'device',
      `${op}: ${name} is on the device ${device} of jax-js, which would be read and uploaded; make it after defaultDevice('webgpu'), or move it by ` +
        `await devicePut(${name}, 'webgpu')`,
    );
  }
  return { ...value, given };
}

/** @throws NormError `destroyed` where an array is given more often than there are references to it. */
function checkReferences(op: string, operands: Named<Operand>): void {
  const names = new Map<JaxArray, string[]>();
  for (const [name, { given, array }] of Object.entries(operands)) {
    if (given === array) names.set(given, [...(names.get(given) ?? []), name]);
  }
  for (const [array, same] of names) {
    if (array.refCount >= same.length) continue;
    throw new NormError(
      'destroyed',
      `${op}: ${same.join(' and ')} are one array with ${array.refCount} reference${array.refCount === 1 ? '' : 's'}, and each gives one up; give its ref`,
    );
  }
}

/**
 * Gives up a reference to each array that was given.
 *
 * @throws NormError `destroyed` where there is none: how many there are, a traced value does not tell.
 */
export function giveUp(op: string, operands: Named<Operand>): void {
  for (const [name, { given }] of Object.entries(operands)) {
    try {
      given.dispose();
    } catch (cause) {
      throw new NormError(
        'destroyed',
        `${op}: ${name} was given up, by dispose or to a function, or is another operand too; give its ref to what it is to outlive`,
        { cause },
      );
    }
  }
}
