import { NormError } from '../errors.ts';
import { planBackward } from '../plan/backward.ts';
import { NOTHING } from '../plan/targets.ts';
import type { Wanted } from '../plan/targets.ts';
import { formatName, formatValue } from '../problem/format-value.ts';
import { checkNames } from '../problem/options.ts';
import { formatShape } from '../problem/shape.ts';
import { checkRecord, checkTensor } from './arguments.ts';
import { checkInputs, rangesOf, run, startsOf, startsSignature } from './call.ts';
import { checkSums } from './gradient-sums.ts';
import type { GradientSums } from './gradient-sums.ts';
import { planOf } from './plans.ts';
import { checkSaved, inputOf, operandsOf } from './saved.ts';
import type { Saved } from './saved.ts';
import type { Tensor } from './tensor.ts';
import { checkOperand, checkOverlap, checkLike } from './validate.ts';

/** What a gradient is with respect to. */
export type Gradient = 'dx' | 'dresidual' | 'dgate' | 'dweight' | 'dbias' | 'dscale' | 'dshift' | 'dstyle';

/** Those of a mode with weight and bias. */
export type ParameterGradient = Exclude<Gradient, 'dstyle'>;

/** Which gradients a call computes. */
export interface BackwardOptions<G extends Gradient = Gradient> {
  /** The gradients wanted; nothing is computed for the others. Default: dx, and those of all parameters that the call had. */
  outputs?: readonly G[];
  /** A gradient that arrives at the sum of x and residual by another way, of its shape: it is added to dx and dresidual. */
  dsum?: Tensor;
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
  /** Where the call had a residual: without a gate it is dx itself, the same Tensor. */
  dresidual?: Tensor;
  /** Where the call had a gate. */
  dgate?: Tensor;
  /** Where the call had a scale. */
  dscale?: Tensor;
  /** Where the call had a shift. */
  dshift?: Tensor;
}

/**
 * The gradient of a mode. `dy` has the shape of x and `saved` is what the forward call with `save: true` returned; the results
 * are all gradients that the call has, or those that `outputs` names.
 */
export interface Backward<All, Names extends Gradient, More = unknown> {
  (dy: Tensor, saved: Saved, options?: More & { outputs?: undefined; dsum?: Tensor }, record?: BackwardRecord): All;
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
    checkNames(`${forwardOp}Backward`, options, ['outputs', 'dsum', ...more]);
    return backward(forwardOp, dy, saved, options, record);
  };
  return call as Backward<All, Names, More>;
}

type AnyOptions = BackwardOptions & { sums?: GradientSums };

/** What each gradient is with respect to, by the name of the forward call's tensor. */
const OPERANDS: Record<Gradient, string> = {
  dx: 'x',
  dresidual: 'residual',
  dgate: 'gate',
  dweight: 'weight',
  dbias: 'bias',
  dscale: 'scale',
  dshift: 'shift',
  dstyle: 'style',
};
const GRADIENTS = Object.keys(OPERANDS) as Gradient[];

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
  checkRecord(op, record, ['encoder', 'out', 'accumulate']);
  checkSaved(op, forwardOp, saved);
  checkTensor(op, 'dy', dy);
  const { problem, inputs } = saved;
  const { context } = saved.mean;
  const { dsum, sums } = options;
  const input = inputOf(saved);
  if (dsum !== undefined) checkDsum(op, saved, dsum);
  const read = { ...operandsOf(saved), dy, ...(dsum && { dsum }), ...(sums && { sums: sums.packed }) };
  checkSums(op, saved, sums);
  checkInputs(op, context, read);
  checkLike(op, 'dy', dy, input.shape, 'x', input.dtype);
  const outputs = outputsOf(op, saved, options.outputs);
  const { given, wanted } = targetsOf(op, saved, outputs, record);
  checkOverlap(op, Object.keys(given), { ...read, ...given });
  const alias = sharesResidual(saved, given, wanted);

  const key = `${Object.values(wanted).join()} ${dsum !== undefined} ${sums !== undefined}${startsSignature(read, given)}`;
  const plan = planOf(op, context, problem, key, () => {
    const asked = { sums: sums ? 'given' : 'own', dsum: dsum !== undefined } as const;
    const starts = startsOf({ ...read, ...given });
    const planned = planBackward(problem, wanted, context.profile, context.schedule, asked, starts);
    return { ...planned, label: `${planned.label} ${formatShape(problem.shape)}` };
  });
  const made = GRADIENTS.filter((name) => wanted[name] !== 'none' && !given[name]);
  const fresh = made.map((name) => {
    const { shape, dtype } = inputs[OPERANDS[name]]!;
    return [name, context.empty(shape, { dtype, label: name })] as const;
  });
  const results: Partial<Record<Gradient, Tensor>> = { ...given, ...Object.fromEntries(fresh) };
  run(context, plan, { ...rangesOf({ ...read, ...results }), ...saved.kept }, record.encoder);
  if (alias) results.dresidual = results.dx!;
  return Object.fromEntries(outputs.map((name) => [name, results[name]!]));
}

/** @throws NormError where what arrives at the sum does not fit it. */
function checkDsum(op: string, saved: Saved, dsum: Tensor): void {
  checkTensor(op, 'dsum', dsum);
  if (!saved.problem.residual) {
    throw new NormError('option', `${op}: dsum is given, but the call had no residual; leave it out`);
  }
  const { shape, dtype } = inputOf(saved);
  checkLike(op, 'dsum', dsum, shape, 'the sum', dtype);
}

/** Without a gate the residual's gradient is dx: then one tensor is both, unless the caller has one for each. */
function sharesResidual({ problem }: Saved, given: Partial<Record<Gradient, Tensor>>, wanted: Wanted): boolean {
  const shares = wanted.dresidual !== 'none' && !problem.gate && !given.dresidual && wanted.dx !== 'add';
  if (shares) {
    wanted.dresidual = 'none';
    wanted.dx = 'set';
  }
  return shares;
}

function outputsOf(op: string, { inputs }: Saved, asked: readonly Gradient[] | undefined): Gradient[] {
  const there = GRADIENTS.filter((name) => inputs[OPERANDS[name]]);
  if (asked === undefined) return there;
  if (!Array.isArray(asked)) {
    throw new NormError(
      'option',
      `${op}: outputs is ${formatValue(asked)}; it must be an Array of ${there.join(', ')}`,
    );
  }
  for (const name of asked as readonly Gradient[]) {
    if (!there.includes(name)) {
      const why = GRADIENTS.includes(name) ? `, but the call had no ${OPERANDS[name]}` : '';
      throw new NormError('option', `${op}: outputs names ${formatName(name)}${why}; there are ${there.join(', ')}`);
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
  const wanted: Wanted = { ...NOTHING };
  for (const name of outputs) wanted[name] = 'set';
  const given: Partial<Record<Gradient, Tensor>> = {};
  for (const list of ['out', 'accumulate'] as const) {
    const targets = record[list];
    if (targets === undefined) continue;
    checkNames(op, targets, GRADIENTS, `${list} is`);
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
      const { shape, dtype } = saved.inputs[OPERANDS[name]]!;
      checkLike(op, name, tensor, shape, OPERANDS[name], dtype);
      given[name] = tensor;
      wanted[name] = list === 'out' ? 'set' : 'add';
    }
  }
  return { given, wanted };
}
