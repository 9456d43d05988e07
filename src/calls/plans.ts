import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../problem/problem.ts';
import type { PlannedCall } from '../runtime/plans.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { checkArrays } from './checks.ts';

const ids = new WeakMap<Problem, number>();
let lastId = 0;

/** The plan of a forward call, by its signature. */
export function plannedCall({ plans }: Runtime, signature: string, make: () => PlannedCall): PlannedCall {
  return plans.forward.get(signature, make);
}

/** Plans that belong to no problem, by a key of the caller's. */
export function cachedPlan({ plans }: Runtime, key: string, make: () => Plan): Plan {
  return plans.others.get(key, make);
}

/**
 * The plans that follow a forward call, made once for each of its problems; `key` tells what is asked of it.
 *
 * @throws NormError `limit` where a pass has more arrays than the device binds.
 */
export function planAfter(op: string, runtime: Runtime, problem: Problem, key: string, make: () => Plan): Plan {
  let id = ids.get(problem);
  if (id === undefined) ids.set(problem, (id = ++lastId));
  return runtime.plans.following.get(`${id} ${key}`, () => {
    const plan = make();
    checkArrays(op, plan, runtime.profile);
    return plan;
  });
}
