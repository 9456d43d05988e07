import type { Array as JaxArray } from '@jax-js/jax';
import { kindOf, TRAINED, updatedBy } from '../bridge/kind.ts';
import type { Kind } from '../bridge/kind.ts';
import { withTensors } from '../bridge/options.ts';
import type { Named, Options } from '../bridge/options.ts';
import { NormError } from '../errors.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import type { Definition } from '../problem/definition.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { copiesOf, emptyArray, report, tensorOf } from './arrays.ts';
import { connectionOf } from './connection.ts';
import type { Connection } from './connection.ts';
import { giveUp, operandsOf } from './operands.ts';
import type { Operand } from './operands.ts';
import { Pullback } from './pullback.ts';
import { constant, differentiable, differentiationOf, isTrained } from './traced.ts';

/** A normalization of arrays of jax-js. It gives up a reference to each array that it is given. */
export type ArrayNorm<O> = object extends O
  ? (x: JaxArray, options?: O) => JaxArray
  : (x: JaxArray, options: O) => JaxArray;

/** One that updates running statistics, whose new values are arrays beside the result. */
export type TrackingNorm<O> = (x: JaxArray, options: O) => { y: JaxArray; running: Running };

/** Running statistics, by the names of the options that they are. */
export type Running = { runningMean: JaxArray; runningVar: JaxArray; numBatchesTracked?: JaxArray };

/** A call: its options, and the arrays in them by name. */
interface Call {
  kind: Kind;
  connection: Connection;
  options: Options;
  operands: Named<Operand>;
}

/** Makes the function of a normalization for arrays of jax-js; `given` and `as` are for one whose options are given in another way. */
export function arrayNormOf<O extends object>(
  definition: Definition<never>,
  given: readonly string[] = definition.options,
  as: (options: Options) => Options = (options) => options,
): ArrayNorm<O> {
  const kind = kindOf(definition, given);
  const { op } = kind;
  const norm = (x: JaxArray, options: Options = {}, ...more: unknown[]): JaxArray => {
    const call = callOf(op, kind, x, options, as, more);
    const [updated] = updatedBy(kind, call.options, call.operands);
    if (updated !== undefined) {
      throw new NormError(
        'usage',
        `${op}: ${updated} would be updated by this call, and an Array of jax-js never changes; ${op}Tracked gives y and the new ones`,
      );
    }
    return normalized(call, {});
  };
  return norm as unknown as ArrayNorm<O>;
}

/** Makes the function of a normalization that updates running statistics; `training` is what makes it do so. */
export function trackingNormOf<O extends object>(
  definition: Definition<never>,
  without: string,
  training: Options,
): TrackingNorm<O> {
  const kind = kindOf(
    definition,
    definition.options.filter((name) => name !== without),
  );
  const op = `${kind.op}Tracked`;
  const norm = (x: JaxArray, options: Options = {}, ...more: unknown[]): ReturnType<TrackingNorm<O>> => {
    const call = callOf(op, kind, x, options, (all) => ({ ...all, ...training }), more);
    const missing = ['runningMean', 'runningVar'].find((name) => !call.operands[name]);
    if (missing !== undefined) {
      throw new NormError(
        'option',
        `${op}: ${missing} is missing; give it, or call ${kind.op} without any to track none`,
      );
    }
    const names = updatedBy(kind, call.options, call.operands);
    const copies = copiesOf(
      op,
      call.connection,
      names.map((name) => call.operands[name]!.array),
    );
    const running = Object.fromEntries(names.map((name, at) => [name, copies[at]!]));
    try {
      return { y: normalized(call, running), running: running as Running };
    } catch (error) {
      for (const copy of copies) copy.dispose();
      throw error;
    }
  };
  return norm as unknown as TrackingNorm<O>;
}

/** @throws NormError where it cannot be made. */
function callOf(
  op: string,
  kind: Kind,
  x: JaxArray,
  options: Options,
  as: (options: Options) => Options,
  more: readonly unknown[],
): Call {
  checkAlone(op, more);
  checkNames(op, options, kind.names);
  const connection = connectionOf(op);
  const all = as(options);
  return { kind, connection, options: all, operands: operandsOf(op, x, all) };
}

/** The result; statistics in `running` are updated in place of those that were given. */
function normalized(call: Call, running: Named<JaxArray>): JaxArray {
  const { kind, connection, operands } = call;
  const { op } = kind;
  const trainable = Object.entries(operands).filter(([name]) => TRAINED.includes(name));
  const differentiation = differentiationOf(
    op,
    trainable.map(([, operand]) => operand),
  );
  const trained = trainable.filter(([, operand]) => isTrained(operand));
  const y = emptyArray(op, connection, operands['x']!.array);
  let result: JaxArray;
  try {
    const out = tensorOf(connection, y);
    if (trained.length > 0) {
      const pullback = saving(
        call,
        running,
        out,
        trained.map(([name]) => name),
      );
      const vjps = trained.map(([name, value]) => ({ value, vjp: (dy: JaxArray) => pullback.take(name, dy) }));
      result = differentiable(op, y, differentiation!, vjps, () => pullback.release());
    } else {
      const { ours, options } = givenTo(call, running);
      kind.evaluate(ours['x']!, { ...options, out });
      const values = trainable.map(([, operand]) => operand).filter((operand) => operand.differentiated);
      result = differentiation ? constant(y, differentiation, values) : y;
    }
    void report(out);
  } catch (error) {
    y.dispose();
    throw error;
  }
  try {
    giveUp(op, operands);
  } catch (error) {
    result.dispose();
    throw error;
  }
  return result;
}

/** Computes the result, and keeps what its gradients are computed from. */
function saving(call: Call, running: Named<JaxArray>, out: Tensor, trained: readonly string[]): Pullback {
  const { kind, connection, operands } = call;
  const { ours, options } = givenTo(call, running);
  const result = kind.forward(ours['x']!, { ...options, out });
  const arrays = Object.fromEntries(Object.entries(operands).map(([name, { array }]) => [name, array]));
  return new Pullback(kind, connection, result, arrays, trained);
}

/** Operands of a call, as tensors of ours in the same buffers. */
function givenTo(
  { connection, options, operands }: Call,
  running: Named<JaxArray>,
): { ours: Named<Tensor>; options: Options } {
  const ours = Object.fromEntries(
    Object.entries(operands).map(([name, { array }]) => [name, tensorOf(connection, running[name] ?? array)]),
  );
  return { ours, options: withTensors(options, (name) => ours[name]) };
}
