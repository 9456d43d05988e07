import type { Dtype } from '../problem/dtype.ts';
import type { Problem } from '../problem/problem.ts';
import { withElementOffsets } from './element-offsets.ts';
import type { ElementOffsets } from './element-offsets.ts';
import { packHalves } from './passes/pack.ts';
import { zeros } from './passes/zeros.ts';
import type { Plan } from './plan.ts';
import type { Profile } from './profile.ts';

/** Tensors that become zero, as far as planning sees them. */
export type ZeroSpecs = Readonly<Record<string, { dtype: Dtype; size: number }>>;

/** Zeros over tensors that no command can clear, a dispatch each: an open pass takes no commands, and those know only whole words. */
export function planZeros(problem: Problem, profile: Profile, specs: ZeroSpecs, offsets: ElementOffsets): Plan {
  const passes = Object.entries(specs).map(([resource, { dtype, size }]) => zeros(profile, resource, dtype, size));
  const plan = { label: `${problem.op} zeros`, saved: {}, scratch: {}, passes };
  return packHalves(withElementOffsets(plan, offsets), problem, profile);
}
