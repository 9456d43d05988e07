import { clone, customGrad, engine, tidy } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Rank, Tensor, Variable } from '@tensorflow/tfjs-core';
import { kindOf, TRAINED, updatedBy } from '../bridge/kind.ts';
import type { Kind } from '../bridge/kind.ts';
import { withTensors } from '../bridge/options.ts';
import type { Named, Options } from '../bridge/options.ts';
import { isResidualGradientDx } from '../calls/backward.ts';
import type { TakeSaved } from '../calls/forward.ts';
import { operandsOf } from '../calls/saved.ts';
import type { Saved } from '../calls/saved.ts';
import { NormError } from '../errors.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import type { GradientName } from '../plan/gradient-request.ts';
import type { Definition } from '../problem/definition.ts';
import { borrowedStorage } from '../runtime/storage.ts';
import type { Tensor as NormTensor } from '../runtime/tensor.ts';
import { connectionOf } from './connection.ts';
import type { Connection } from './connection.ts';
import { checkVariables, operandOf, tensorsOf } from './operands.ts';
import { record } from './recording.ts';
import type { Recording } from './recording.ts';

/** A normalization of tensors of TensorFlow.js. */
export type TensorNorm<O> = object extends O
  ? <R extends Rank>(x: Tensor<R>, options?: O) => Tensor<R>
  : <R extends Rank>(x: Tensor<R>, options: O) => Tensor<R>;

/** A call: its options, and the tensors in them by name. */
interface Call {
  kind: Kind;
  connection: Connection;
  options: Options;
  tensors: Named<Tensor>;
  /** Tensors that training updates. */
  updated: readonly string[];
}

/** Makes the function of a normalization for tensors of TensorFlow.js; `given` and `as` are for one whose options are given in another way. */
export function tensorNormOf<O extends object>(
  definition: Definition<never>,
  given: readonly string[] = definition.options,
  as: (options: Options) => Options = (options) => options,
): TensorNorm<O> {
  const kind = kindOf(definition, given);
  const { op, names } = kind;
  const norm = (x: Tensor, options: Options = {}, ...more: unknown[]): Tensor => {
    checkAlone(op, more);
    checkNames(op, options, names);
    const connection = connectionOf(op);
    return tidy(() => normalized(kind, connection, x, as(channelsLast(options, names))));
  };
  return norm as unknown as TensorNorm<O>;
}

/** TensorFlow.js has its channels last, unless it is told otherwise; packed rows always have. */
function channelsLast(options: Options, names: readonly string[]): Options {
  const told = ['layout', 'channelAxis', 'segments'].some((name) => options[name] !== undefined);
  return told || !names.includes('channelAxis') ? options : { ...options, channelAxis: -1 };
}

function normalized(kind: Kind, connection: Connection, x: Tensor, options: Options): Tensor {
  const { op } = kind;
  const tensors = tensorsOf(op, connection.backend, x, options);
  const updated = updatedBy(kind, options, tensors);
  checkVariables(op, updated, options);
  const call: Call = { kind, connection, options, tensors, updated };
  return engine().isTapeOn() ? differentiable(call) : evaluated(call);
}

function evaluated(call: Call): Tensor {
  return record(call.connection, (recording) => {
    const y = recording.empty(call.tensors['x']!.shape);
    const { ours, options, next } = givenTo(call, recording);
    call.kind.evaluate(ours['x']!, { ...options, out: recording.wrap(y) });
    assign(call, next);
    return y;
  });
}

/**
 * An operation with a gradient. What that reads, and the statistics, are tensors that the tape keeps: it disposes them at its end, whether or not it
 * has asked for this gradient.
 */
function differentiable(call: Call): Tensor {
  const { kind, connection, tensors } = call;
  const trained = Object.keys(tensors).filter((name) => TRAINED.includes(name));
  const operation = customGrad((...given) =>
    record(connection, (recording) => {
      const { shape } = tensors['x']!;
      const y = recording.empty(shape);
      const statistics: Tensor[] = [];
      const take: TakeSaved = (bytes) => {
        const plane = recording.empty([bytes / 4]);
        statistics.push(plane);
        return borrowedStorage(recording.buffer(plane));
      };
      const sum = tensors['residual'] || tensors['inputBias'] ? recording.empty(shape) : undefined;
      const { ours, options, next } = givenTo(call, recording);
      const residualOut = sum && { residualOut: recording.wrap(sum) };
      const { saved } = kind.forward(ours['x']!, { ...options, ...residualOut, out: recording.wrap(y) }, take);
      assign(call, next);
      const read = Object.keys(operandsOf(saved)).map((name) => (name === 'x' && sum ? sum : tensors[name]!));
      const keep = given.at(-1) as unknown as GradSaveFunc;
      keep([...read, ...statistics]);
      return { value: y, gradFunc: (dy: Tensor, kept: Tensor[]) => gradients(call, trained, saved, dy, kept) };
    }),
  );
  return operation(...trained.map((name) => tensors[name]!));
}

/** The gradients of the tensors named, in their order. */
function gradients(
  { kind, connection, tensors }: Call,
  trained: readonly string[],
  saved: Saved,
  dy: Tensor,
  kept: readonly Tensor[],
): Tensor[] {
  const { op, backward } = kind;
  if (engine().isTapeOn()) {
    throw new NormError(
      'unsupported',
      `${op}: a gradient of its gradient is asked for, and there is none; take that of the formula in operations of TensorFlow.js`,
    );
  }
  const arriving = operandOf(op, connection.backend, 'dy', dy);
  return record(connection, (recording) => {
    for (const { dataId } of kept) recording.mention(dataId);
    const sharesDx = isResidualGradientDx(saved);
    const made = trained.filter((name) => !(sharesDx && name === 'residual'));
    const results = Object.fromEntries(made.map((name) => [name, recording.empty(tensors[name]!.shape)]));
    const out = Object.fromEntries(made.map((name) => [`d${name}`, recording.wrap(results[name]!)]));
    const names = trained.map((name) => `d${name}` as GradientName);
    backward(recording.wrap(arriving), saved, { gradients: names, out, encoder: recording.encoder });
    // A residual that is added as it is has the gradient of x: the same data, referred to twice.
    return trained.map((name) => results[name] ?? clone(results['x']!));
  });
}

/** Operands of a call, as tensors of ours: they show the buffers of theirs, or copies of those that are to be updated. */
function givenTo(
  { options, tensors, updated }: Call,
  recording: Recording,
): { ours: Named<NormTensor>; options: Options; next: Named<Tensor> } {
  const next = Object.fromEntries(updated.map((name) => [name, copyOf(tensors[name]!, recording)]));
  const ours = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, recording.wrap(next[name] ?? tensor)]),
  );
  return { ours, next, options: { ...withTensors(options, (name) => ours[name]), encoder: recording.encoder } };
}

/** Others may refer to the data of a variable, and take it for constant. */
function copyOf(tensor: Tensor, recording: Recording): Tensor {
  const copy = recording.empty(tensor.shape, tensor.dtype);
  recording.encoder.copyBufferToBuffer(recording.buffer(tensor), 0, recording.buffer(copy), 0, 4 * tensor.size);
  return copy;
}

/** Gives variables the values that training has updated. */
function assign({ options }: Call, next: Named<Tensor>): void {
  for (const [name, updated] of Object.entries(next)) (options[name] as Variable).assign(updated);
}
