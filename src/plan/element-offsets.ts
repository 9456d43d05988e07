import type { Plan } from './plan.ts';

/** Elements between what is bound and where a tensor begins, by the names of a plan's resources; left out where it is none. */
export type ElementOffsets = Readonly<Record<string, number>>;

/** A plan for tensors that begin anywhere in their buffers, where WebGPU binds at some offsets only. */
export function withElementOffsets(plan: Plan, offsets: ElementOffsets): Plan {
  if (Object.keys(offsets).length === 0) return plan;
  const passes = plan.passes.map((pass) => ({
    ...pass,
    bindings: pass.bindings.map((binding) => {
      const elementOffset = offsets[binding.resource];
      return elementOffset === undefined ? binding : { ...binding, elementOffset };
    }),
  }));
  return { ...plan, passes };
}
