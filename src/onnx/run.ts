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
  let call: Call | undefined;
  try {
    call = operator.call(inputs, values);
    const results = resultsOf(context, call, names);
    for (const [name, tensor] of Object.entries(results)) {
      if (!names.includes(name as ResultName)) tensor?.destroy();
    }
    const { shape } = Object.values(inputs)[0]!;
    if (results.y && !isSameShape(results.y.shape, shape)) results.y = results.y.reshape(shape);
    return Object.fromEntries(wanted.map((name, index) => [name, results[names[index]!]!]));
  } catch (cause) {
    if (!(cause instanceof NormError)) throw cause;
    throw new NormError(cause.code, `${op}: ${cause.message}${call ? meaning(call, inputs) : ''}`, { cause });
  }
}

/** All that a call gives, in memory that is nobody else's. */
function resultsOf(context: Context, call: Call, names: readonly ResultName[]): Results {
  const { of, x, skip, bias } = call;
  const wants = (...any: ResultName[]): boolean => any.some((name) => names.includes(name));
  const results: Results = {};
  const options = { ...call.options };
  // A skip connection that broadcasts takes the place of the bias.
  const isBiasedBefore = skip !== undefined && bias !== undefined && !isSameShape(skip.shape, x.shape);
  if (skip) Object.assign(options, { residual: skip, inputBias: isBiasedBefore ? undefined : bias });
  const trains = options['training'] === true;
  // What comes before the call is recorded once the call is sure to follow.
  if (trains || isBiasedBefore) context.explain(() => of.norm(x, options as never));
  if (trains) {
    // Ours are updated in place, ONNX's are outputs of their own.
    const tracks = wants(...RUNNING);
    for (const name of RUNNING) {
      results[name] = tracks ? copyOf(context, name, options[name] as Tensor) : undefined;
      options[name] = results[name];
    }
  }
  const input = isBiasedBefore ? biased(context, call, bias) : x;
  if (wants('residualOut')) options['residualOut'] = results.residualOut = context.empty(x.shape, { dtype: x.dtype });
  if (wants('mean', 'rstd')) {
    const { saved, ...given } = of.forward(input, options as never);
    Object.assign(results, given);
    for (const name of ['mean', 'rstd'] as const) if (wants(name)) results[name] = copyOf(context, name, saved[name]);
    saved.destroy();
  } else {
    results.y = of.norm(input, options as never);
  }
  if (input !== x) input.destroy();
  return results;
}

/** x + bias, which a call with an inputBias gives beside its result. */
function biased(context: Context, { of, x, options }: Call, inputBias: Tensor): Tensor {
  const residualOut = context.empty(x.shape, { dtype: x.dtype });
  of.norm(x, { ...options, inputBias, residualOut } as never).destroy();
  return residualOut;
}

/** The same elements in a buffer of their own, from its beginning; they do not leave the GPU. */
function copyOf(context: Context, name: string, { shape, dtype, storage, byteOffset, byteLength }: Tensor): Tensor {
  const copy = context.empty(shape, { dtype });
  if (context.runtime.planned || byteLength === 0) return copy;
  if (!(storage.buffer.usage & Usage.COPY_SRC)) {
    throw new NormError('usage', `the buffer of ${name} was made without GPUBufferUsage.COPY_SRC, which a copy needs`);
  }
  const encoder = context.device.createCommandEncoder();
  encoder.copyBufferToBuffer(storage.buffer, byteOffset, copy.storage.buffer, 0, wholeWords(byteLength));
  context.device.queue.submit([encoder.finish()]);
  return copy;
}

/** What the inputs of the node are called in a message of ours. */
function meaning({ x, options, skip, bias }: Call, inputs: Inputs): string {
  const ours = Object.entries({ x, residual: skip, inputBias: bias, ...options });
  const same = (a: unknown, b: Tensor): boolean => (a as Tensor | undefined)?.storage === b.storage;
  const pairs = Object.entries(inputs).flatMap(([name, input]) => {
    const own = ours.find(([, value]) => same(value, input))?.[0];
    return own !== undefined && own !== name ? [`${name} is ${own}`] : [];
  });
  return pairs.length > 0 ? ` (${pairs.join(', ')})` : '';
}
