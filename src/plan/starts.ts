import type { Plan } from './plan.ts';

/** Elements between what is bound and where a tensor begins, by the names of a plan's resources; left out where it is none. */
export type Starts = Readonly<Record<string, number>>;

/** A plan for tensors that begin anywhere in their buffers, where WebGPU binds at some offsets only. */
export function withStarts(plan: Plan, starts: Starts): Plan {
  if (Object.keys(starts).length === 0) return plan;
  const passes = plan.passes.map((pass) => ({
    ...pass,
    bindings: pass.bindings.map((binding) => {
      const start = starts[binding.resource];
      return start === undefined ? binding : { ...binding, start };
    }),
  }));
  return { ...plan, passes };
}
