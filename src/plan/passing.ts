import type { Dtype } from '../problem/dtype.ts';
import type { Problem } from '../problem/problem.ts';
import { sizeOf } from '../problem/shape.ts';
import type { Pass } from './plan.ts';
import { NOTHING } from './targets.ts';
import type { Deposit, Wanted } from './targets.ts';
import type { Given } from './task.ts';

/** Another array in the place of one that a pass names. */
export type Names = Record<string, { resource: string; dtype?: Dtype }>;

/** How the gradient of the sum x + gate · residual goes on to what it is the sum of. */
export interface Passing {
  /** What the normalization's own gradient is to give, where it goes, and whether the gradient of the sum is added on the way. */
  wanted: Wanted;
  names: Names;
  dsum: boolean;
  /** What follows: dx, dresidual and dgate as the gradient of y = gate · x, which knows no statistics. */
  steps: Step[];
  scratch: Record<string, number>;
}

/** One pass over the gradient of the sum. */
export interface Step {
  problem: Problem;
  wanted: Wanted;
  names: Names;
}

/** The gradient of the sum, where dx is not that alone. */
const SUM = 'gradientOfSum';

/** `direct`: what arrives at the sum is added in the same pass. */
export function planPassing(problem: Problem, wanted: Wanted, { dsum, direct }: Given & { direct: boolean }): Passing {
  const { dx, dresidual, dgate } = wanted;
  const apart = dresidual !== 'none' || dgate !== 'none';
  const own = { ...wanted, dresidual: 'none', dgate: 'none' } as const;
  // dx itself holds the gradient of the sum, unless it is not wanted or holds something else too.
  const inDx = !apart || dx === 'set';
  const wantsSum = apart || dx !== 'none';
  const sum = inDx ? { resource: 'dx' } : { resource: SUM, dtype: 'f32' as const };
  return {
    wanted: inDx ? own : { ...own, dx: 'set' },
    names: inDx ? {} : { dx: sum },
    dsum: dsum && direct,
    steps: [
      ...(dsum && !direct && wantsSum ? [step(problem, { resource: 'dsum' }, sum, 'add')] : []),
      ...(apart && dx === 'add' ? [step(problem, sum, { resource: 'dx' }, 'add')] : []),
      ...(apart ? [residualStep(problem, sum, dresidual, dgate)] : []),
    ],
    scratch: inDx ? {} : { [SUM]: sizeOf(problem.shape) * 4 },
  };
}

/** A gradient that is passed on as it is. */
function step(problem: Problem, from: Names[string], to: Names[string], deposit: Deposit): Step {
  return {
    problem: withoutStatistics(problem),
    wanted: { ...NOTHING, dx: deposit },
    names: { x: from, dy: from, dx: to },
  };
}

/** dresidual = gate · dsum and dgate = sum(dsum · residual): those of a normalization that leaves the residual as it is. */
function residualStep(problem: Problem, from: Names[string], dresidual: Deposit, dgate: Deposit): Step {
  return {
    problem: { ...withoutStatistics(problem), weight: problem.gate },
    wanted: { ...NOTHING, dx: dresidual, dgate },
    names: { x: problem.gate ? { resource: 'residual' } : from, dy: from, dx: { resource: 'dresidual' } },
  };
}

function withoutStatistics(problem: Problem): Problem {
  return {
    ...problem,
    weight: null,
    bias: null,
    plusOne: false,
    modulation: null,
    residual: false,
    gate: null,
    leading: null,
    activation: null,
    mask: problem.maskOutput ? problem.mask : null,
    measure: 'rms',
    source: 'running',
    channel: null,
    style: null,
  };
}

/** A pass over other arrays than it was planned for. */
export function renamed(pass: Pass, names: Names): Pass {
  const bindings = pass.bindings.map((binding) =>
    names[binding.resource] ? { ...binding, ...names[binding.resource] } : binding,
  );
  return readingOnce({ ...pass, bindings });
}

/** Binds an array once that a pass reads by two names: where another part of its buffer is written, WebGPU refuses two. */
export function readingOnce(pass: Pass): Pass {
  const same: Record<string, string> = {};
  const bindings = pass.bindings.filter((binding, index) => {
    const { resource, offset } = binding;
    const twin = pass.bindings.slice(0, index).find((one) => one.resource === resource && one.offset === offset);
    if (twin) same[binding.name] = twin.name;
    return !twin;
  });
  return Object.keys(same).length === 0 ? pass : { ...pass, bindings, same };
}

/** A pass that knows no statistics. */
export function withoutGroups(pass: Pass): Pass {
  return {
    ...pass,
    use: { ...pass.use, group: 'identity' },
    bindings: pass.bindings.filter(({ name }) => name !== 'statistics'),
  };
}
