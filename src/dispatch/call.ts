import { NormError } from '../errors.ts';
import { planForward } from '../plan/forward.ts';
import { isWritten } from '../plan/plan.ts';
import type { Plan } from '../plan/plan.ts';
import { NO_NUMBERS } from '../plan/uniforms.ts';
import type { CallNumbers } from '../plan/uniforms.ts';
import type { ElementOffsets } from '../plan/element-offsets.ts';
import type { Definition } from '../problem/definition.ts';
import { checkPlain } from '../problem/options.ts';
import { bytesPerElement, isFloat, wholeWords } from '../problem/dtype.ts';
import { CALL_NUMBERS, numbersOf } from '../problem/numbers.ts';
import { stateProblem } from '../problem/problem.ts';
import type { CommonOptions, Problem } from '../problem/problem.ts';
import { formatShape } from '../problem/shape.ts';
import { checkMoments, checkRecord, checkTensor } from './arguments.ts';
import { Cache } from './cache.ts';
import type { Context } from './context.ts';
import { failureOf } from './failure.ts';
import type { Range, Resources } from './executor.ts';
import type { PlainForward, RecordOptions, Summing } from './forms.ts';
import { Saved } from './saved.ts';
import type { Saving } from './saved.ts';
import type { Storage } from './storage.ts';
import { Tensor } from './tensor.ts';
import { checkArrays, checkLike, checkOperand, checkOverlap } from './validate.ts';

/** Makes the function of a mode. */
export function forwardOf<O extends CommonOptions<Tensor>>(definition: Definition<NoInfer<O>>): PlainForward<O> {
  const call = (x: Tensor, options?: O, record?: RecordOptions) => forward(definition, x, options, record);
  return call as PlainForward<O>;
}

interface Prepared {
  problem: Problem;
  plan: Plan;
}

const prepared = new WeakMap<Context, Cache<Prepared>>();

/** Options that are tensors a training call writes, and all that are tensors. */
const TRACKED = ['runningMean', 'runningVar', 'numBatchesTracked'] as const;
const FUSED = ['residual', 'gate', 'scale', 'shift', 'mask'] as const;
const TENSORS = ['weight', 'bias', 'style', ...FUSED, ...TRACKED] as const;

/**
 * The way of every normalization: definition, problem, plan, programs, dispatch. Without an encoder the work is submitted.
 *
 * @throws NormError before anything is recorded.
 */
export function forward<O extends CommonOptions<Tensor>>(
  definition: Definition<O>,
  x: Tensor,
  options: O = {} as O,
  record: RecordOptions = {},
): Tensor | Saving | Summing {
  const { op } = definition;
  checkPlain(op, options, definition.options);
  checkRecord(op, record, ['encoder', 'out', 'outSum']);
  const inputs = inputsOf(op, x, options);
  const { context } = x;
  checkInputs(op, context, inputs);
  const numbers = numbersOf(definition, options);
  const { problem, plan } = prepareCall(definition, x, options, inputs, record);
  checkOutputs(op, x, inputs, record, problem.keepsSum);
  if (problem.update) checkOverlap(op, TRACKED, inputs);
  const { dtype } = x;
  const y = record.out ?? context.empty(x.shape, { dtype, label: op });
  const sum = problem.keepsSum ? (record.outSum ?? context.empty(x.shape, { dtype, label: `${op} sum` })) : null;
  const kept = takeKept(context, plan);
  run(context, plan, { ...rangesOf({ ...inputs, y, ...(sum && { sum }) }), ...kept }, record.encoder, numbers);
  const summed: Record<string, Tensor> = sum ? { sum } : {};
  if (problem.save)
    return { y, ...summed, saved: new Saved(context, problem, numbers, { ...inputs, ...summed }, kept) };
  return sum ? { y, sum } : y;
}

/** @throws NormError where an output cannot take a result. */
function checkOutputs(
  op: string,
  x: Tensor,
  inputs: Readonly<Record<string, Tensor>>,
  { out, outSum }: RecordOptions,
  keepsSum: boolean,
): void {
  if (outSum !== undefined && !keepsSum) {
    throw new NormError('option', `${op}: outSum is given, but the call returns no sum; set returnSum with a residual`);
  }
  if (out === undefined && outSum === undefined) return;
  const outputs = { ...(out !== undefined && { out }), ...(outSum !== undefined && { outSum }) };
  for (const [name, tensor] of Object.entries(outputs)) {
    checkTensor(op, name, tensor);
    checkOperand(op, name, tensor, x.context.device);
    checkLike(op, name, tensor, x.shape, 'the result', x.dtype);
  }
  checkOverlap(op, Object.keys(outputs), { ...inputs, ...outputs });
}

/** The tensors of a call by the names of the plan's resources. */
function inputsOf(op: string, x: Tensor, options: CommonOptions<Tensor>): Record<string, Tensor> {
  const inputs: Record<string, Tensor> = { x };
  for (const name of TENSORS) {
    const tensor = options[name];
    if (tensor !== undefined) inputs[name] = tensor;
  }
  for (const [name, tensor] of Object.entries(inputs)) checkTensor(op, name, tensor);
  const { moments } = options;
  if (moments !== undefined) {
    checkMoments(op, moments);
    inputs['moments'] = moments.packed;
  }
  return inputs;
}

/** @internal @throws NormError where a tensor cannot take part. */
export function checkInputs(op: string, context: Context, inputs: Readonly<Record<string, Tensor>>): void {
  context.checkAlive(op);
  for (const [name, tensor] of Object.entries(inputs)) checkOperand(op, name, tensor, context.device);
}

function prepareCall<O extends CommonOptions<Tensor>>(
  definition: Definition<O>,
  x: Tensor,
  options: O,
  inputs: Readonly<Record<string, Tensor>>,
  { out, outSum }: RecordOptions,
): Prepared {
  const { context } = x;
  let cache = prepared.get(context);
  if (!cache) prepared.set(context, (cache = new Cache(1024)));
  const outputs = { y: out, sum: outSum };
  return cache.get(signatureOf(definition.op, x, options) + startsSignature(inputs, outputs), () => {
    checkFloat(definition.op, 'x', x);
    if (options.style) checkFloat(definition.op, 'style', options.style);
    const problem = stateProblem(definition, x, options);
    const starts = startsOf({ ...inputs, ...outputs });
    const plan = planForward(problem, context.profile, context.schedule, starts);
    checkArrays(definition.op, plan, context.profile);
    return { problem, plan: { ...plan, label: `${definition.op} ${formatShape(x.shape)}` } };
  });
}

/** @internal @throws NormError `dtype` for a tensor of counts. */
export function checkFloat(op: string, name: string, { dtype }: Tensor): void {
  if (!isFloat(dtype)) {
    throw new NormError('dtype', `${op}: ${name} holds ${dtype}; it must hold f32, f16 or bf16`);
  }
}

/** Two calls of one signature have one plan. */
function signatureOf(op: string, x: Tensor, options: object): string {
  let signature = `${op} ${x.dtype}[${x.shape.join()}]`;
  for (const [name, value] of Object.entries(options)) {
    if (CALL_NUMBERS.has(name) && value !== null) continue;
    signature += ` ${name}:`;
    if (value instanceof Tensor) signature += `${value.dtype}[${value.shape.join()}]`;
    else if (name === 'moments') signature += momentsSignature(value as CommonOptions<Tensor>['moments']);
    else signature += valueSignature(value);
  }
  return signature;
}

/** Tells numbers from the text of them; objects are refused wherever they are looked at. */
function valueSignature(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one === 'number')) return value.join();
  return typeof value === 'object' && value !== null ? 'object' : `${typeof value} ${String(value)}`;
}

function momentsSignature(moments: CommonOptions<Tensor>['moments']): string {
  return moments ? `${moments.count} of [${moments.mean.shape.join()}]` : '';
}

/**
 * @internal Records a plan, and submits it where there is no encoder to record it into. What the device finds wrong reaches
 * the results; it is asked only where something is new to it: a pipeline, or a buffer we did not make.
 */
export function run(
  context: Context,
  plan: Plan,
  given: Resources,
  encoder: GPUCommandEncoder | undefined,
  numbers: CallNumbers = NO_NUMBERS,
  before?: (encoder: GPUCommandEncoder, resources: Resources) => void,
): void {
  const { device, executor } = context;
  if (context.planned) {
    context.planned.push(plan);
    return;
  }
  const resources = { ...given, ...executor.scratch(plan) };
  const work = (): void => {
    const own = encoder ?? device.createCommandEncoder({ label: plan.label });
    before?.(own, resources);
    executor.record(own, plan, resources, numbers, encoder !== undefined);
    if (!encoder) device.queue.submit([own.finish()]);
  };
  const borrowed = Object.values(resources).some(({ storage }) => !storage.owned);
  if (borrowed || !executor.isWarm(plan)) {
    const failure = failureOf(device, 'validation', plan.label, work);
    for (const storage of writtenBy(plan, resources)) storage.failure = failure;
  } else {
    work();
  }
  if (encoder) for (const { storage } of Object.values(resources)) storage.recorded = true;
}

function writtenBy(plan: Plan, resources: Resources): Storage[] {
  const written = plan.passes.flatMap((pass) => pass.bindings.filter(isWritten));
  return written.map(({ resource }) => resources[resource]!.storage);
}

/** What is bound of a tensor: from the nearest offset that can be, `start` elements before its first, to the end of its last word. */
export function rangeOf({ storage, byteOffset, byteLength, start, dtype }: Tensor): Range {
  const before = start * bytesPerElement(dtype);
  return { storage, offset: byteOffset - before, size: wholeWords(before + byteLength) };
}

export function rangesOf(tensors: Readonly<Record<string, Tensor>>): Record<string, Range> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, rangeOf(tensor)]));
}

type Tensors = Readonly<Record<string, Tensor | undefined>>;

/** @internal What {@link startsOf} tells, in a key; made at each call, and mostly empty. */
export function startsSignature(...all: readonly Tensors[]): string {
  let signature = '';
  for (const tensors of all) {
    for (const name in tensors) {
      const start = tensors[name]?.start ?? 0;
      if (start > 0) signature += ` ${name}+${start}`;
    }
  }
  return signature;
}

/** @internal Where tensors begin in what is bound of them, as far as that is not at once. */
export function startsOf(tensors: Tensors): ElementOffsets {
  const starts: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(tensors)) if (tensor && tensor.start > 0) starts[name] = tensor.start;
  return starts;
}

function takeKept(context: Context, plan: Plan): Record<string, Range> {
  const sizes = Object.entries(plan.saved);
  return Object.fromEntries(
    sizes.map(([name, size]) => [name, { storage: context.take(size, `${plan.label} ${name}`), offset: 0, size }]),
  );
}
