import type { InPlace } from '../plan/in-place.ts';
import { planFittingForward } from '../plan/pieces/forward.ts';
import type { Plan } from '../plan/plan.ts';
import type { Definition } from '../problem/definition.ts';
import type { Dtype } from '../problem/dtype.ts';
import { isEmpty } from '../problem/empty.ts';
import { numbersOf } from '../problem/numbers.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import { stateProblem } from '../problem/state-problem.ts';
import type { CommonOptions, Problem } from '../problem/problem.ts';
import { formatShape } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { addShaders } from '../programs/shaders.ts';
import type { EncoderOptions } from '../runtime/encoder.ts';
import type { PlannedCall } from '../runtime/plans.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Storage } from '../runtime/storage.ts';
import { emptyTensor, Tensor } from '../runtime/tensor.ts';
import {
  checkArrays,
  checkEncoder,
  checkFloat,
  checkInputs,
  checkLike,
  checkOperand,
  checkOverlap,
  checkTensor,
} from './checks.ts';
import { checkKept, checkPairs, inPlaceOf, inPlaceSignature, passFailureOn, withoutOverwritten } from './in-place.ts';
import { inputsOf } from './inputs.ts';
import { plannedCall } from './plans.ts';
import { record } from './record.ts';
import { elementOffsetsOf, placesSignature, resourcesOf } from './resources.ts';
import { Saved } from './saved.ts';
import { signatureOf } from './signatures.ts';
import { withStarts } from './sequence-starts.ts';
import { checkContiguous, checkStridedInputs, lyingForward } from './strides.ts';
import type { ForwardResult, QuantizedResult } from './types.ts';
import { recordZeroing } from './zeros.ts';

type Options = CommonOptions<Tensor> & EncoderOptions & { out?: Tensor | undefined };

/** Results of any call. */
type Result = Pick<ForwardResult, 'saved'> & Record<'y', Tensor> & Partial<Record<'residualOut' | 'scales', Tensor>>;

/** Options of every call, besides those of its definition. */
export const CALL_OPTIONS = ['out', 'encoder'] as const;

/** Makes memory for what a call keeps for its gradient, of so many bytes. */
export type TakeSaved = (bytes: number, name: string) => Storage;

/** Makes the function of a normalization, of which `N` says what it takes. */
export function normOf<N>(definition: Definition<never>): N {
  const forward = forwardOf(definition, false);
  const norm = (x: Tensor, options: Options = {}, ...more: unknown[]): Tensor => {
    checkAlone(definition.op, more, CALL_OPTIONS);
    return forward(x, options).y;
  };
  return norm as N;
}

/** Makes the function that saves what the gradient needs. */
export function normForwardOf<N>(definition: Definition<never>): N {
  const forward = forwardOf(definition, true);
  const norm = (x: Tensor, options: Options = {}, ...more: unknown[]): ForwardResult => {
    checkAlone(definition.op, more, CALL_OPTIONS);
    return forward(x, options);
  };
  return norm as N;
}

/**
 * Makes the call of a normalization, which where it saves what the gradient needs has that in its result: in memory of the context, unless
 * `take` makes some.
 */
export function forwardOf(
  definition: Definition<never>,
  saves: boolean,
): (x: Tensor, options: Options, take?: TakeSaved) => ForwardResult {
  const names = [...definition.options, ...CALL_OPTIONS];
  return (x, options, take) => {
    checkNames(definition.op, options, names);
    return call(definition as unknown as Definition<Options>, x, options, saves, { take });
  };
}

/** The call of a normalization that quantizes: `out` takes y, `outScales` its scales. Throws as others do. */
export function forwardQuantizing(
  definition: Definition<never>,
  x: Tensor,
  options: Options,
  outScales: Tensor | undefined,
): QuantizedResult {
  const { y, scales = options.scales! } = call(definition as unknown as Definition<Options>, x, options, false, {
    outScales,
  });
  return { y, scales };
}

/**
 * The way of every normalization: definition, problem, plan, programs, and the runtime that records it. Without an encoder it is submitted.
 *
 * @throws NormError before anything is recorded.
 */
function call(
  definition: Definition<Options>,
  x: Tensor,
  given: Options,
  saves: boolean,
  { outScales, take }: { outScales?: Tensor | undefined; take?: TakeSaved | undefined },
): Result {
  const { op } = definition;
  const { options, upload } = withStarts(op, x, given);
  checkEncoder(op, options.encoder);
  const inputs = inputsOf(op, x, options);
  const { runtime } = x;
  checkInputs(op, runtime, inputs);
  const numbers = numbersOf(definition, options);
  const inPlace = inPlaceOf(x, options);
  const outputs = { y: options.out, residualOut: options.residualOut, scales: outScales };
  if (outputs.y !== undefined) checkTensor(op, 'out', outputs.y);
  if (outputs.residualOut !== undefined) checkTensor(op, 'residualOut', outputs.residualOut);
  const { problem, plan } = planCall(definition, x, options, { inputs, outputs, inPlace }, saves);
  checkOutputs(x, problem, withoutOverwritten(inputs, inPlace), outputs);
  if (saves) checkKept(op, problem, inPlace);
  if (problem.update) checkTracked(op, inputs);
  checkPairs(op, problem, inPlace);
  if (upload) inputs['segments'] = upload();
  const { shape } = x;
  const { quantization } = problem;
  const y = options.out ?? emptyTensor(runtime, shape, problem.outputDtype, op);
  const residualOut = problem.writesResidualOut
    ? (options.residualOut ?? emptyTensor(runtime, shape, problem.inputDtype, `${op} residualOut`))
    : null;
  const scales: Record<string, Tensor> =
    quantization && !quantization.given
      ? { scales: outScales ?? emptyTensor(runtime, quantization.shape, 'f32', `${op} scales`) }
      : {};
  const results: Record<'y', Tensor> & Record<string, Tensor> = { y, ...(residualOut && { residualOut }), ...scales };
  const statistics = takeStatistics(runtime, plan, take ?? ((bytes, name) => runtime.take(bytes, name, 'saved')));
  const { encoder } = options;
  const operands = resourcesOf(inputs, results, statistics);
  if (isEmpty(problem)) {
    recordZeroing(op, runtime, problem, plan, { ...statistics, ...scales }, { operands, encoder, numbers });
  } else {
    record(runtime, plan, operands, { encoder, numbers });
  }
  passFailureOn(inPlace, inputs, results);
  if (!saves) return results as unknown as Result;
  const saved = new Saved(runtime, problem, numbers, residualOut ? { ...inputs, residualOut } : inputs, statistics);
  return { ...results, saved };
}

/** Operands of a call, by the names of the plan's resources. */
interface CallTensors {
  inputs: Readonly<Record<string, Tensor>>;
  outputs: Outputs;
  inPlace: InPlace;
}

type Outputs = Readonly<Record<'y' | 'residualOut' | 'scales', Tensor | undefined>>;

function planCall(
  definition: Definition<Options>,
  x: Tensor,
  options: Options,
  { inputs, outputs, inPlace }: CallTensors,
  saves: boolean,
): PlannedCall {
  const { op } = definition;
  const { profile, schedule } = x.runtime;
  const signature = signatureOf(op, x, options, saves) + placesSignature(inputs, outputs) + inPlaceSignature(inPlace);
  return plannedCall(x.runtime, signature, () => {
    checkFloat(op, 'x', x);
    if (options.style) checkFloat(op, 'style', options.style);
    checkStridedInputs(op, inputs, saves);
    const stated = stateProblem(definition, x, options, saves);
    // Of outputs the signature tells how they lie alone: one that is refused must leave no plan behind.
    checkOutputs(x, stated, withoutOverwritten(inputs, inPlace), outputs);
    const problem = lyingForward(stated, x, options);
    // Scales are an output or an input: the one that is there counts.
    const offsets = elementOffsetsOf({ ...outputs, ...inputs });
    const plan = planFittingForward(problem, profile, schedule, offsets, inPlace);
    addShaders(...(definition.shaders ?? []));
    checkArrays(op, plan, profile);
    return { problem, plan: { ...plan, label: `${op} ${formatShape(x.shape)}` } };
  });
}

/** @throws NormError where an output cannot take a result. */
function checkOutputs(
  x: Tensor,
  { op, outputDtype, inputDtype, quantization }: Problem,
  inputs: Readonly<Record<string, Tensor>>,
  { y, residualOut, scales }: Outputs,
): void {
  if (y === undefined && residualOut === undefined && scales === undefined) return;
  if (y !== undefined) checkOutput(op, quantization ? 'y of out' : 'out', y, x, x.shape, outputDtype);
  if (residualOut !== undefined) checkOutput(op, 'residualOut', residualOut, x, x.shape, inputDtype);
  if (quantization && scales !== undefined) {
    checkOutput(op, 'scales of out', scales, x, quantization.shape, 'f32');
    checkContiguous(op, 'scales of out', scales);
    checkOverlap(op, { 'y of out': y, residualOut, 'scales of out': scales }, inputs);
  } else if (quantization) {
    checkOverlap(op, { 'y of out': y, residualOut }, inputs);
  } else {
    checkOverlap(op, { out: y, residualOut }, inputs);
  }
}

/** @throws NormError `usage` where running statistics overlap something else of the call. */
function checkTracked(op: string, inputs: Readonly<Record<string, Tensor>>): void {
  const { runningMean, runningVar, numBatchesTracked } = inputs;
  checkOverlap(op, { runningMean, runningVar, numBatchesTracked }, inputs);
}

function checkOutput(op: string, name: string, tensor: Tensor, x: Tensor, shape: Shape, dtype: Dtype): void {
  checkOperand(op, name, tensor, x.runtime);
  checkLike(op, name, tensor, shape, 'the result', dtype);
}

/** Memory for what a call keeps for its gradient. */
function takeStatistics(runtime: Runtime, { saved }: Plan, take: TakeSaved): Record<string, Tensor> {
  const statistics: Record<string, Tensor> = {};
  for (const name in saved) {
    const bytes = saved[name]!;
    statistics[name] = new Tensor(runtime, take(bytes, name), [bytes / 4], 'f32');
  }
  return statistics;
}
