import { NormError } from '../errors.ts';
import { planFittingBackward } from '../plan/pieces/backward.ts';
import type { GradientName, GradientOutputs } from '../plan/gradient-request.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import { planOfNothing } from '../plan/plan.ts';
import { addShaders, GRADIENT_SHADERS } from '../programs/shaders.ts';
import { isEmpty } from '../problem/empty.ts';
import { isSum } from '../problem/problem.ts';
import { formatShape } from '../problem/shape.ts';
import { formatValue, formatName } from '../options/format-value.ts';
import { emptyTensor } from '../runtime/tensor.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkEncoder, checkInputs, checkLike, checkOperand, checkOverlap, checkTensor } from './checks.ts';
import { checkSums } from './gradient-sums.ts';
import { planAfter } from './plans.ts';
import { record } from './record.ts';
import { elementOffsetsOf, placesSignature, resourcesOf } from './resources.ts';
import { checkSaved, inputOf, operandsOf } from './saved.ts';
import type { Saved } from './saved.ts';
import { checkStridedGradient, lyingBackward } from './strides.ts';
import type { BackwardOptions, GivenSums } from './types.ts';
import { recordZeroing } from './zeros.ts';

/** Operands by the names of their gradients, as the forward call names them. */
export const OPERANDS: Readonly<Record<GradientName, string>> = {
  dx: 'x',
  dresidual: 'residual',
  dgate: 'gate',
  dinputBias: 'inputBias',
  dweight: 'weight',
  dbias: 'bias',
  dscale: 'scale',
  dshift: 'shift',
  dby: 'by',
  dadd: 'add',
  dmeanScale: 'meanScale',
  dalpha: 'alpha',
  dinputShift: 'inputShift',
  dstyle: 'style',
};
const GRADIENTS = Object.keys(OPERANDS) as GradientName[];

const OPTIONS = ['gradients', 'dresidualOut', 'out', 'accumulate', 'encoder'] as const;

type Options = BackwardOptions & GivenSums;

/** Gradients by name, as far as they are there. */
type GradientTensors = Partial<Record<GradientName, Tensor>>;

/** Makes the gradient function of a normalization; `more` names the options that it alone has. */
export function normBackwardOf<B>(forwardOp: string, more: readonly string[] = []): B {
  const op = `${forwardOp}Backward`;
  const names = [...OPTIONS, ...more];
  const norm = (dy: Tensor, saved: Saved, options: Options = {}, ...rest: unknown[]): GradientTensors => {
    checkAlone(op, rest, ['out', 'encoder']);
    checkNames(op, options, names);
    return backward(op, forwardOp, dy, saved, options);
  };
  return norm as unknown as B;
}

/**
 * The gradient of a call, from what it saved.
 *
 * @throws NormError before anything is recorded.
 */
function backward(op: string, forwardOp: string, dy: Tensor, saved: Saved, options: Options): GradientTensors {
  const { dresidualOut, sums, encoder } = options;
  checkEncoder(op, encoder);
  checkSaved(op, [forwardOp], saved);
  checkTensor(op, 'dy', dy);
  const { runtime, problem, inputs, numbers } = saved;
  const input = inputOf(saved);
  if (dresidualOut !== undefined) checkResidualGradient(op, saved, dresidualOut);
  checkSums(op, saved, sums);
  const read = operandsOf(saved);
  read['dy'] = dy;
  if (dresidualOut) read['dresidualOut'] = dresidualOut;
  if (sums) read['sums'] = sums.packed;
  checkInputs(op, runtime, read);
  checkLike(op, 'dy', dy, input.shape, 'x', problem.outputDtype);
  const names = gradientsOf(op, saved, options.gradients);
  const { tensors, outputs: asked } = destinationsOf(op, saved, names, options);
  checkOverlap(op, tensors, read, saved.statistics);
  const alone = tensors.dresidual || asked.dx === 'accumulate';
  const sharesDx = Boolean(asked.dresidual) && !alone && isResidualGradientDx(saved);
  const outputs = sharesDx ? withoutResidual(asked) : asked;

  const signature = signatureOf(outputs, dresidualOut, sums) + placesSignature(read, tensors);
  const plan = isEmpty(problem)
    ? planOfNothing(op)
    : planAfter(op, runtime, problem, signature, () => {
        addShaders(GRADIENT_SHADERS);
        const laid = lyingBackward(problem, input, { ...read, ...tensors }, outputs);
        const request = { outputs, sums: sums ? 'given' : 'own', dresidualOut: dresidualOut !== undefined } as const;
        const offsets = elementOffsetsOf({ ...read, ...tensors });
        const planned = planFittingBackward(laid, request, runtime.profile, runtime.schedule, offsets);
        return { ...planned, label: `${op} ${formatShape(problem.shape)}` };
      });
  const results: GradientTensors = { ...tensors };
  for (const name of GRADIENTS) {
    if (!outputs[name] || tensors[name]) continue;
    const { shape, dtype } = inputs[OPERANDS[name]]!;
    results[name] = emptyTensor(runtime, shape, dtype, name);
  }
  if (isEmpty(problem)) {
    recordZeroing(op, runtime, problem, plan, writtenOf(results, outputs), { given: tensors, encoder });
  } else {
    record(runtime, plan, resourcesOf(read, results, saved.statistics), { encoder, numbers });
  }
  if (sharesDx) results.dresidual = results.dx!;
  const gradients: GradientTensors = {};
  for (const name of names) gradients[name] = results[name]!;
  return gradients;
}

/** Two gradients of one problem with one signature have one plan. */
function signatureOf(outputs: GradientOutputs, dresidualOut: unknown, sums: unknown): string {
  let signature = '';
  for (const name of GRADIENTS) if (outputs[name]) signature += `${name} ${outputs[name]} `;
  return signature + (dresidualOut === undefined ? '' : 'dresidualOut ') + (sums === undefined ? '' : 'sums ');
}

/** The gradients that are not added to what is there. */
function writtenOf(results: GradientTensors, outputs: GradientOutputs): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(results).filter(([name]) => outputs[name as GradientName] === 'write'));
}

/** @throws NormError where what arrives at the sum does not fit it. */
function checkResidualGradient(op: string, saved: Saved, dresidualOut: Tensor): void {
  checkTensor(op, 'dresidualOut', dresidualOut);
  if (!isSum(saved.problem)) {
    throw new NormError(
      'option',
      `${op}: dresidualOut is given, but the call had no residual and no inputBias; leave it out`,
    );
  }
  const { shape, dtype } = inputOf(saved);
  checkLike(op, 'dresidualOut', dresidualOut, shape, 'residualOut', dtype);
}

/** Without a gate the gradient of a residual of the shape and dtype of x is dx: then one tensor is both, unless the caller has one for each. */
export function isResidualGradientDx({ problem }: Saved): boolean {
  return problem.residual === problem.dtype && !problem.gate;
}

function withoutResidual(outputs: GradientOutputs): GradientOutputs {
  const { dresidual: _, ...rest } = outputs;
  return { ...rest, dx: 'write' };
}

/** The gradients that are asked for, in the order of the table. */
function gradientsOf(op: string, { inputs }: Saved, asked: readonly GradientName[] | undefined): GradientName[] {
  const there = GRADIENTS.filter((name) => inputs[OPERANDS[name]]);
  if (asked === undefined) return there;
  if (!Array.isArray(asked)) {
    throw new NormError(
      'option',
      `${op}: gradients is ${formatValue(asked)}; it must be an Array of ${there.join(', ')}`,
    );
  }
  for (const name of asked as readonly GradientName[]) {
    if (!there.includes(name)) {
      const why = GRADIENTS.includes(name) ? `, but the call had no ${OPERANDS[name]}` : '';
      throw new NormError('option', `${op}: gradients names ${formatName(name)}${why}; there are ${there.join(', ')}`);
    }
  }
  return there.filter((name) => asked.includes(name));
}

/** The tensors that take the gradients as far as they are given, and what becomes of each gradient. */
function destinationsOf(
  op: string,
  saved: Saved,
  names: readonly GradientName[],
  options: Options,
): { tensors: GradientTensors; outputs: GradientOutputs } {
  const outputs: GradientOutputs = {};
  for (const name of names) outputs[name] = 'write';
  const tensors: GradientTensors = {};
  for (const list of ['out', 'accumulate'] as const) {
    const destinations = options[list];
    if (destinations === undefined) continue;
    checkNames(op, destinations, GRADIENTS, list);
    for (const [name, tensor] of Object.entries(destinations) as [GradientName, Tensor | undefined][]) {
      if (tensor === undefined) continue;
      if (!names.includes(name)) {
        throw new NormError(
          'option',
          `${op}: ${list} has ${name}, which is not computed; there are ${names.join(', ')}`,
        );
      }
      if (tensors[name]) throw new NormError('option', `${op}: ${name} is in out and in accumulate; give it in one`);
      checkTensor(op, name, tensor);
      checkOperand(op, name, tensor, saved.runtime);
      const { shape, dtype } = saved.inputs[OPERANDS[name]]!;
      checkLike(op, name, tensor, shape, OPERANDS[name], dtype);
      checkStridedGradient(op, name, tensor, inputOf(saved).shape);
      tensors[name] = tensor;
      outputs[name] = list === 'out' ? 'write' : 'accumulate';
    }
  }
  return { tensors, outputs };
}
