import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../problem/problem.ts';
import type { Context } from './context.ts';
import { checkArrays } from './validate.ts';

const plans = new WeakMap<Problem, Map<string, Plan>>();

/**
 * The plans that follow a forward call, made once for each of its problems; `key` tells what is asked of it.
 *
 * @throws NormError `limit` where a pass has more arrays than the device binds.
 */
export function planOf(op: string, context: Context, problem: Problem, key: string, make: () => Plan): Plan {
  let made = plans.get(problem);
  if (!made) plans.set(problem, (made = new Map<string, Plan>()));
  let plan = made.get(key);
  if (!plan) {
    plan = make();
    checkArrays(op, plan, context.profile);
    made.set(key, plan);
  }
  return plan;
}
