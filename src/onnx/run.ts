import { NormError } from '../errors.ts';
import { isSameShape } from '../problem/shape.ts';
import { wholeWords } from '../problem/dtype.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { Usage } from '../runtime/usage.ts';
import type { KnownNode } from './node.ts';
import type { Call, ResultName } from './operators.ts';

type Inputs = Readonly<Record<string, Tensor>>;
type Results = Partial<Record<ResultName, Tensor | undefined>>;

const RUNNING = ['runningMean', 'runningVar'] as const;
const STATISTICS = ['mean', 'rstd'] as const;

/**
 * Runs a node; gives the outputs wanted by ONNX's names, each a tensor of its own.
 *
 * @throws NormError as the function of ours that the operator is.
 */
export function runNode(
  context: Context,
  { op, operator, values, wanted }: KnownNode,
  inputs: Inputs,
): Record<string, Tensor> {
  const names = wanted.map((name) => operator.outputs[name]!);
  const results: Results = {};
  let call: Call | undefined;
  try {
    call = operator.call(inputs, values);
    takeResults(results, context, call, names);
    for (const [name, tensor] of Object.entries(results)) {
      if (!names.includes(name as ResultName)) tensor?.destroy();
    }
    const shapes = {
      y: Object.values(inputs)[0]!.shape,
      runningMean: inputs['input_mean']?.shape,
      runningVar: inputs['input_var']?.shape,
    };
    for (const name of ['y', ...RUNNING] as const) {
      const [result, shape] = [results[name], shapes[name]];
      if (result && shape && !isSameShape(result.shape, shape)) results[name] = result.reshape(shape);
    }
    return Object.fromEntries(wanted.map((name, index) => [name, results[names[index]!]!]));
  } catch (cause) {
    for (const tensor of Object.values(results)) tensor?.destroy();
    if (!(cause instanceof NormError)) throw cause;
    throw new NormError(cause.code, `${op}: ${cause.message}${call ? meaning(call, inputs) : ''}`, { cause });
  }
}

/** Puts all that a call gives among the results, in memory that is nobody else's. */
function takeResults(results: Results, context: Context, call: Call, names: readonly ResultName[]): void {
  const { of, x, skip, bias } = call;
  const wants = (...any: ResultName[]): boolean => any.some((name) => names.includes(name));
  const options = { ...call.options };
  // A skip connection that broadcasts takes the place of the bias.
  const isBiasedBefore = skip !== undefined && bias !== undefined && !isSameShape(skip.shape, x.shape);
  if (skip) Object.assign(options, { residual: skip, inputBias: isBiasedBefore ? undefined : bias });
  const isTraining = options['training'] === true;
  if (isTraining && !wants(...RUNNING)) for (const name of RUNNING) options[name] = undefined;
  const tracked = isTraining ? pick(options as Inputs, RUNNING) : {};
  // What comes before the call is recorded once the call is sure to follow: with the tensors that it then has.
  if (isTraining || isBiasedBefore) {
    context.explain(() => of.norm(x, { ...options, ...copiesOf(context, tracked) } as never));
  }
  // Ours are updated in place, ONNX's are outputs of their own.
  const copies = copiesOf(context, tracked);
  Object.assign(results, copies);
  Object.assign(options, copies);
  const input = isBiasedBefore ? biased(context, call, bias) : x;
  if (wants('residualOut')) options['residualOut'] = results.residualOut = context.empty(x.shape, { dtype: x.dtype });
  if (wants('mean', 'rstd')) {
    const { saved, ...given } = of.forward(input, options as never);
    const statistics = pick(
      saved,
      STATISTICS.filter((name) => wants(name)),
    );
    Object.assign(results, given, copiesOf(context, statistics));
    saved.destroy();
  } else {
    results.y = of.norm(input, options as never);
  }
  if (input !== x) input.destroy();
}

/** x + bias, which a call with an inputBias gives beside its result. */
function biased(context: Context, { of, x, options }: Call, inputBias: Tensor): Tensor {
  const residualOut = context.empty(x.shape, { dtype: x.dtype });
  of.norm(x, { ...options, inputBias, residualOut } as never).destroy();
  return residualOut;
}

/** The same elements in buffers of their own, from their beginnings; they do not leave the GPU. */
function copiesOf(context: Context, tensors: Inputs): Record<string, Tensor> {
  const { device, runtime } = context;
  const given = Object.entries(tensors);
  const filled = given.filter(([, { byteLength }]) => byteLength > 0);
  for (const [name, { storage }] of runtime.planned ? [] : filled) {
    if (storage.buffer.usage & Usage.COPY_SRC) continue;
    throw new NormError('usage', `the buffer of ${name} was made without GPUBufferUsage.COPY_SRC, which a copy needs`);
  }
  const copies = Object.fromEntries(
    given.map(([name, { shape, dtype }]) => [name, context.empty(shape, { dtype })] as const),
  );
  if (runtime.planned || filled.length === 0) return copies;
  const encoder = device.createCommandEncoder();
  for (const [name, { storage, byteOffset, byteLength }] of filled) {
    encoder.copyBufferToBuffer(storage.buffer, byteOffset, copies[name]!.storage.buffer, 0, wholeWords(byteLength));
  }
  device.queue.submit([encoder.finish()]);
  return copies;
}

/** Tensors, of some, that are there. */
function pick<Name extends string>(of: Readonly<Partial<Record<Name, Tensor>>>, names: readonly Name[]): Inputs {
  const there = names.flatMap((name) => (of[name] ? [[name, of[name]] as const] : []));
  return Object.fromEntries(there);
}

/** Names of the inputs of the node, for a message of ours. */
function meaning({ x, options, skip, bias }: Call, inputs: Inputs): string {
  const ours = Object.entries({ x, residual: skip, inputBias: bias, ...options });
  const same = (a: unknown, b: Tensor): boolean => (a as Tensor | undefined)?.storage === b.storage;
  const pairs = Object.entries(inputs).flatMap(([name, input]) => {
    const own = ours.find(([, value]) => same(value, input))?.[0];
    return own !== undefined && own !== name ? [`${name} is ${own}`] : [];
  });
  return pairs.length > 0 ? ` (${pairs.join(', ')})` : '';
}
