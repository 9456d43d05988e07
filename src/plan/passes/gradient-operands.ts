import { isPointwise, traitsOf } from '../../problem/statistics.ts';
import type { Problem } from '../../problem/problem.ts';
import { parameterGradientBindings } from '../gradient-request.ts';
import type { ElementOutputs, ParameterOutputs, WriteMode } from '../gradient-request.ts';
import type { Binding, Choice, Pass } from '../plan.ts';
import { savedSource, statisticsPlane } from '../tiling/tiling.ts';
import type { Tiling } from '../tiling/tiling.ts';
import type { Uniforms } from '../uniforms.ts';
import type { SumsLayout } from './gradient-sums-layout.ts';
import {
  activationOperands,
  affineOperands,
  inclusionOperands,
  joined,
  multiplyAddAfter,
  multiplyBefore,
  pointwiseOperands,
} from './operands.ts';
import type { Operands } from './operands.ts';
import { statisticFile } from './partial-moments.ts';
import { rotaryOperands } from './rotary-operands.ts';

/** Where the weight, which dz is multiplied by on its way to dx, is applied (shaders/backward/weight_applied). */
export const WEIGHT_APPLIED = { 'per element': 0, 'per segment': 1, 'after the reduction': 2 } as const;

/** Outputs of a pass: dx and other gradients of elements, sums over dz for a later pass, and dweight and dbias where its sums are those. */
export interface GradientPassOutputs {
  elements: ElementOutputs;
  /** Whether a gradient that arrives at the input itself is added to dx. */
  dresidualOut: boolean;
  sums: SumsLayout | null;
  parameters: ParameterOutputs;
}

/** x, dy, and what dy goes back through: a rotation, an activation, whose derivative depends on weight and bias, then the weight. */
export function gradientOperands(tiling: Tiling, weighted = true): Operands {
  const { problem } = tiling;
  const { inputDtype, outputDtype, activation, multiply, source, countPerGroup } = problem;
  const through = activation !== null;
  const readsZ = through || (multiply !== null && !multiply.before);
  const inputs: Binding[] = [
    { name: 'x', resource: 'x', type: 'Value', dtype: inputDtype, access: 'read' },
    { name: 'dy', resource: 'dy', type: 'Value', dtype: outputDtype, access: 'read' },
  ];
  return joined(
    {
      choose: gradientChoice(tiling),
      constants: { COUNT_PER_GROUP: countPerGroup && source === 'computed' },
      bindings: inputs,
    },
    affineOperands(tiling, { weight: weighted || readsZ, bias: readsZ }),
    multiplyBefore(tiling),
    multiplyAddAfter(tiling, { add: through }),
    activationOperands(problem),
    rotaryOperands(tiling),
    pointwiseOperands(tiling),
    inclusionOperands(tiling, source === 'computed'),
  );
}

/** Whether statistics are constants, or x_hat is x. */
function isGiven({ source, measure }: Problem): boolean {
  return source === 'running' || (source === 'none' && !isPointwise(measure));
}

export function gradientChoice(tiling: Tiling): Choice {
  const { problem, vectorization } = tiling;
  return {
    vector: vectorization.vector,
    tail: vectorization.tail,
    statistic: statisticFile(problem.measure),
    gradient: isGiven(problem) ? 'constant' : traitsOf(problem.measure).gradient,
    source: savedSource(tiling),
  };
}

/** The statistics of the groups. */
export function statisticsBinding(
  { groupPerLane }: Tiling,
  type: Binding['type'] = groupPerLane ? 'f32' : 'Accumulator',
): Binding {
  return { name: 'statistics', resource: 'saved', type, access: 'read' };
}

/** Gradients of elements, and what arrives at the input by another way, where any of them is made of it; `passesOn`: others are. */
export function elementBindings(
  { dtype, inputDtype, multiply, add }: Pick<Problem, 'dtype' | 'inputDtype' | 'multiply' | 'add'>,
  { elements, dresidualOut }: GradientPassOutputs,
  passesOn = false,
): Binding[] {
  const { dx, dby } = elements;
  const dtypes = { dx: dtype, dby: multiply?.by.dtype, dadd: add?.dtype };
  const written = (Object.entries(elements) as [keyof ElementOutputs, WriteMode][]).map(([name, access]): Binding => ({
    name,
    resource: name,
    type: 'Value',
    dtype: dtypes[name]!,
    access,
  }));
  const arriving: Binding = {
    name: 'dresidual_out',
    resource: 'dresidualOut',
    type: 'Value',
    dtype: inputDtype,
    access: 'read',
  };
  const arrives = dresidualOut && (dx || (dby && multiply?.before) || passesOn);
  return [...(arrives ? [arriving] : []), ...written];
}

export function sumsBinding(sums: SumsLayout | null, type: Binding['type'] = 'Accumulator'): Binding[] {
  return sums ? [{ name: 'sums', resource: sums.resource, type, access: 'write' }] : [];
}

export function outputBindings({ problem }: Tiling, outputs: GradientPassOutputs): Binding[] {
  return [
    ...elementBindings(problem, outputs),
    ...sumsBinding(outputs.sums),
    ...parameterGradientBindings(outputs.parameters),
  ];
}

export function gradientUniforms(tiling: Tiling): Partial<Uniforms> {
  const { measure, count, bessel } = tiling.problem;
  const { isMean } = traitsOf(measure);
  return { statistics_plane: statisticsPlane(tiling), inv_count: isMean ? 1 / count : 1, bessel_factor: bessel };
}

/** A pass over other arrays than it was planned for. */
export type Renaming = Record<string, Pick<Binding, 'resource' | 'dtype'>>;

export function renamed(pass: Pass, names: Renaming): Pass {
  const bindings = pass.bindings.map((binding) => ({ ...binding, ...names[binding.resource] }));
  return boundOnce({ ...pass, bindings });
}

/** Binds an array once that a pass has two names for: where another part of its buffer is written, or it is itself, WebGPU refuses two. */
export function boundOnce(pass: Pass): Pass {
  const same: NonNullable<Pass['same']> = {};
  const bindings: Binding[] = [];
  for (const binding of pass.bindings) {
    const { resource, byteOffset } = binding;
    const at = bindings.findIndex((one) => one.resource === resource && one.byteOffset === byteOffset);
    const twin = bindings[at];
    if (twin) {
      same[binding.name] = twin.name;
      bindings[at] = merged(twin, binding);
    } else {
      bindings.push(binding);
    }
  }
  return Object.keys(same).length === 0 ? pass : { ...pass, bindings, same };
}

/** One binding for two accesses to the same elements: written where one of them is, and one by one where one of them is. */
function merged(binding: Binding, { access, native = false }: Binding): Binding {
  return {
    ...binding,
    ...(access !== binding.access && { access: 'update' }),
    ...(native && { native }),
  };
}
