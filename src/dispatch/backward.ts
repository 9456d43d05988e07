import { NormError } from '../errors.ts';
import { planBackward } from '../plan/backward.ts';
import type { Wanted } from '../plan/task.ts';
import type { Plan } from '../plan/plan.ts';
import { checkNames } from '../problem/options.ts';
import { formatShape } from '../problem/shape.ts';
import { checkInputs, checkTensor, rangesOf, run } from './call.ts';
import { checkSums } from './gradient-sums.ts';
import type { GradientSums } from './gradient-sums.ts';
import { checkSaved } from './saved.ts';
import type { Saved } from './saved.ts';
import type { Tensor } from './tensor.ts';
import { checkOperand, checkOverlap, checkLike } from './validate.ts';

/** What a gradient is with respect to. */
export type Gradient = 'dx' | 'dweight' | 'dbias' | 'dstyle';

/** Those of a mode with weight and bias. */
export type ParameterGradient = Exclude<Gradient, 'dstyle'>;

/** Which gradients a call computes. */
export interface BackwardOptions<G extends Gradient = Gradient> {
  /** The gradients wanted; nothing is computed for the others. Default: dx, and those of all parameters that the call had. */
  outputs?: readonly G[];
}

/** Where a gradient goes. */
export interface BackwardRecord {
  /** Recorded only: the caller submits. */
  encoder?: GPUCommandEncoder;
  /** Tensors that are written. */
  out?: Partial<Record<Gradient, Tensor>>;
  /** Tensors that are added to, as over several batches. */
  accumulate?: Partial<Record<Gradient, Tensor>>;
}

/** The gradients of a call, each of the shape of what it is with respect to. */
export interface Gradients {
  dx: Tensor;
  /** Where the call had a weight. */
  dweight?: Tensor;
  /** Where the call had a bias. */
  dbias?: Tensor;
}

/**
 * The gradient of a mode. `dy` has the shape of x and `saved` is what the forward call with `save: true` returned; the results
 * are all gradients that the call has, or those that `outputs` names.
 */
export interface Backward<All, Names extends Gradient, More = unknown> {
  (dy: Tensor, saved: Saved, options?: More & { outputs?: undefined }, record?: BackwardRecord): All;
  <G extends Names>(
    dy: Tensor,
    saved: Saved,
    options: More & BackwardOptions<G>,
    record?: BackwardRecord,
  ): Record<G, Tensor>;
}

/** The gradient function of a mode with weight and bias; `More` are options that it alone has. */
export type ParameterBackward<More = unknown> = Backward<Gradients, ParameterGradient, More>;

/** Makes the gradient function of a mode; `more` names the options that it alone has. */
export function backwardOf<All, Names extends Gradient, More>(
  forwardOp: string,
  more: readonly (keyof More & string)[] = [],
): Backward<All, Names, More> {
  const call = (dy: Tensor, saved: Saved, options: AnyOptions = {}, record: BackwardRecord = {}) => {
    checkNames(`${forwardOp}Backward`, options, ['outputs', ...more]);
    return backward(forwardOp, dy, saved, options, record);
  };
  return call as Backward<All, Names, More>;
}

type AnyOptions = BackwardOptions & { sums?: GradientSums };

/** What each gradient is with respect to, by the name of the forward call's tensor. */
const OPERANDS: Record<Gradient, string> = { dx: 'x', dweight: 'weight', dbias: 'bias', dstyle: 'style' };
const GRADIENTS = Object.keys(OPERANDS) as Gradient[];

const plans = new WeakMap<Saved['problem'], Map<string, Plan>>();

/**
 * The gradient of a call, from what it saved.
 *
 * @throws NormError before anything is recorded.
 */
function backward(
  forwardOp: string,
  dy: Tensor,
  saved: Saved,
  options: AnyOptions,
  record: BackwardRecord,
): Partial<Record<Gradient, Tensor>> {
  const op = `${forwardOp}Backward`;
  checkNames(op, record, ['encoder', 'out', 'accumulate']);
  checkSaved(op, forwardOp, saved);
  checkTensor(op, 'dy', dy);
  const { problem, inputs } = saved;
  const { context } = saved.mean;
  checkInputs(op, context, { ...operandsOf(saved), dy });
  checkLike(op, 'dy', dy, inputs['x']!.shape, 'x');
  checkSums(op, saved, options.sums);
  const outputs = outputsOf(op, saved, options.outputs);
  const { given, wanted } = targetsOf(op, saved, outputs, record);
  const read = { ...operandsOf(saved), dy, ...(options.sums && { sums: options.sums.packed }) };
  checkOverlap(op, Object.keys(given), { ...read, ...given });

  const plan = planOf(problem, wanted, options.sums !== undefined, () =>
    planBackward(problem, wanted, context.profile, context.schedule, options.sums ? 'given' : 'own'),
  );
  const made = outputs.filter((name) => !given[name]);
  const fresh = made.map((name) => [name, context.empty(inputs[OPERANDS[name]]!.shape, { label: name })] as const);
  const results = { ...given, ...Object.fromEntries(fresh) };
  run(context, plan, { ...rangesOf({ ...read, ...results }), ...saved.kept }, record.encoder);
  return results;
}

/** What of the forward call a gradient reads. */
function operandsOf({ inputs }: Saved): Record<string, Tensor> {
  const names = ['x', 'weight', 'style'].filter((name) => inputs[name]);
  return Object.fromEntries(names.map((name) => [name, inputs[name]!]));
}

function outputsOf(op: string, { inputs }: Saved, asked: readonly Gradient[] | undefined): Gradient[] {
  const there = GRADIENTS.filter((name) => inputs[OPERANDS[name]]);
  if (asked === undefined) return there;
  if (!Array.isArray(asked)) {
    throw new NormError('option', `${op}: outputs is ${String(asked)}; it must be a list of ${there.join(', ')}`);
  }
  for (const name of asked as readonly Gradient[]) {
    if (!there.includes(name)) {
      const why = GRADIENTS.includes(name) ? `, but the call had no ${OPERANDS[name]}` : '';
      throw new NormError('option', `${op}: outputs names '${name}'${why}; there are ${there.join(', ')}`);
    }
  }
  return there.filter((name) => asked.includes(name));
}

/** The tensors that take the gradients as far as they are given, and what becomes of each gradient. */
function targetsOf(
  op: string,
  saved: Saved,
  outputs: readonly Gradient[],
  record: BackwardRecord,
): { given: Partial<Record<Gradient, Tensor>>; wanted: Wanted } {
  const wanted: Wanted = { dx: 'none', dweight: 'none', dbias: 'none', dstyle: 'none' };
  for (const name of outputs) wanted[name] = 'set';
  const given: Partial<Record<Gradient, Tensor>> = {};
  for (const list of ['out', 'accumulate'] as const) {
    const targets = record[list] ?? {};
    checkNames(`${op}: ${list}`, targets, GRADIENTS);
    for (const [name, tensor] of Object.entries(targets) as [Gradient, Tensor | undefined][]) {
      if (tensor === undefined) continue;
      if (!outputs.includes(name)) {
        throw new NormError(
          'option',
          `${op}: ${list} has ${name}, which is not computed; there are ${outputs.join(', ')}`,
        );
      }
      if (given[name]) throw new NormError('option', `${op}: ${name} is in out and in accumulate; give it in one`);
      checkTensor(op, name, tensor);
      checkOperand(op, name, tensor, saved.mean.context.device);
      checkLike(op, name, tensor, saved.inputs[OPERANDS[name]]!.shape, OPERANDS[name]);
      given[name] = tensor;
      wanted[name] = list === 'out' ? 'set' : 'add';
    }
  }
  return { given, wanted };
}

function planOf(problem: Saved['problem'], wanted: Wanted, sums: boolean, make: () => Plan): Plan {
  let made = plans.get(problem);
  if (!made) plans.set(problem, (made = new Map<string, Plan>()));
  const key = `${Object.values(wanted).join()} ${sums}`;
  let plan = made.get(key);
  if (!plan) {
    plan = make();
    made.set(key, { ...plan, label: `${plan.label} ${formatShape(problem.shape)}` });
    plan = made.get(key)!;
  }
  return plan;
}
