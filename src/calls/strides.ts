import { NormError } from '../errors.ts';
import type { GradientName, GradientOutputs } from '../plan/gradient-request.ts';
import type { Problem } from '../problem/problem.ts';
import { formatShape, isSameShape, stridesOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { lyingAs } from '../problem/strides.ts';
import type { ElementwiseTensors } from '../problem/strides.ts';
import type { Tensor } from '../runtime/tensor.ts';
import type { Tensors } from './resources.ts';

/** Inputs that may be strided. */
const STRIDED_INPUTS: ReadonlySet<string> = new Set([
  'x',
  'residual',
  'gate',
  'inputBias',
  'scale',
  'shift',
  'by',
  'add',
  'mask',
]);

/** Gradients that may be strided, where what they are with respect to has an element for each of x. */
const STRIDED_GRADIENTS: ReadonlySet<GradientName> = new Set(['dx', 'dresidual', 'dby', 'dadd']);

/** Inputs whose gradients are sums, or may be: those are made in the order of their strides. */
const SUMMED_INPUTS: ReadonlySet<string> = new Set(['residual', 'gate', 'inputBias', 'scale', 'shift', 'by', 'add']);
/** Inputs that may be of the shape of x: the gradient of each is then an element's own. */
const ELEMENTWISE_INPUTS: ReadonlySet<string> = new Set(['residual', 'by', 'add']);

/** @throws NormError `shape` where an input is strided that cannot be; `saves`: a gradient follows. */
export function checkStridedInputs(op: string, inputs: Readonly<Record<string, Tensor>>, saves: boolean): void {
  const { shape } = inputs['x']!;
  for (const [name, tensor] of Object.entries(inputs)) {
    if (tensor.contiguous) continue;
    if (!STRIDED_INPUTS.has(name)) throw strided(op, name, tensor);
    const isElementwise = ELEMENTWISE_INPUTS.has(name) && isSameShape(tensor.shape, shape);
    if (saves && SUMMED_INPUTS.has(name) && !isElementwise && !isInOrder(tensor)) throw strided(op, name, tensor);
  }
}

/** Whether each axis has a longer stride than those after it, and the last one has one: by their strides alone its axes are told apart. */
function isInOrder({ shape, strides }: Tensor): boolean {
  const own = strides.filter((_, axis) => shape[axis]! > 1);
  return own.every((stride, axis) => stride > (own[axis + 1] ?? 0));
}

/** @throws NormError `shape` where a gradient is strided that cannot be; `x`: the shape of x. */
export function checkStridedGradient(op: string, name: GradientName, tensor: Tensor, x: Shape): void {
  if (!STRIDED_GRADIENTS.has(name) || !isSameShape(tensor.shape, x)) {
    if (!tensor.contiguous) throw strided(op, name, tensor);
  }
}

/** @throws NormError `shape` where it is strided. */
export function checkContiguous(op: string, name: string, tensor: Tensor): void {
  if (!tensor.contiguous) throw strided(op, name, tensor);
}

function strided(op: string, name: string, { shape, strides }: Tensor): NormError {
  return new NormError(
    'shape',
    `${op}: ${name} ${formatShape(shape)} has strides ${formatShape(strides)}; it must be contiguous, ${formatShape(stridesOf(shape))}`,
  );
}

/** The problem as its tensors lie. */
export function lyingForward(
  problem: Problem,
  x: Tensor,
  { out, residual, residualOut }: Partial<Record<'out' | 'residual' | 'residualOut', Tensor | undefined>>,
): Problem {
  const { residual: isLarge, writesResidualOut } = problem;
  const tensors = {
    y: out,
    ...(isLarge !== null && { residual }),
    ...(writesResidualOut && { residual_out: residualOut }),
  };
  return lyingAs(problem, x, tensors, { y: 'out', residual_out: 'residualOut' });
}

/** The problem as the tensors of its gradient lie; `tensors` has those that the call does not make. */
export function lyingBackward(
  problem: Problem,
  input: Tensor,
  tensors: Tensors,
  outputs: GradientOutputs = {},
): Problem {
  const { residual, gate, multiply, add } = problem;
  // A gradient of what broadcasts is a sum: that of each element, which it is made of, lies in memory of ours.
  const ofElements = (tensor: Tensor | undefined): Tensor | undefined =>
    tensor && isSameShape(tensor.shape, input.shape) ? tensor : undefined;
  const gradientOf = (name: 'dx' | 'dresidual' | 'dby' | 'dadd'): ElementwiseTensors =>
    outputs[name] ? { [name]: ofElements(tensors[name]) } : {};
  const views = {
    dy: tensors['dy'],
    ...(tensors['dresidualOut'] && { dresidual_out: tensors['dresidualOut'] }),
    ...(residual !== null && gate && { residual: tensors['residual'] }),
    ...gradientOf('dx'),
    ...(residual !== null && gradientOf('dresidual')),
    ...(multiply && gradientOf('dby')),
    ...(add && gradientOf('dadd')),
  };
  return lyingAs(problem, input, views, { dx: 'dx', dresidual: 'dresidual', dby: 'dby', dadd: 'dadd' });
}
