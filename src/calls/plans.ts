import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../problem/problem.ts';
import { Cache } from '../runtime/cache.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { checkArrays } from './checks.ts';

/** A call as numbers, and what it will run. */
export interface PlannedCall {
  problem: Problem;
  plan: Plan;
}

const forwardCalls = new WeakMap<Runtime, Cache<PlannedCall>>();
const others = new WeakMap<Runtime, Cache<Plan>>();
const followers = new WeakMap<Problem, Map<string, Plan>>();

/** The plan of a forward call, by its signature. */
export function plannedCall(runtime: Runtime, signature: string, make: () => PlannedCall): PlannedCall {
  let cache = forwardCalls.get(runtime);
  if (!cache) forwardCalls.set(runtime, (cache = new Cache(1024)));
  return cache.get(signature, make);
}

/** Plans that belong to no problem, by a key of the caller's. */
export function cachedPlan(runtime: Runtime, key: string, make: () => Plan): Plan {
  let cache = others.get(runtime);
  if (!cache) others.set(runtime, (cache = new Cache(256)));
  return cache.get(key, make);
}

/**
 * The plans that follow a forward call, made once for each of its problems; `key` tells what is asked of it.
 *
 * @throws NormError `limit` where a pass has more arrays than the device binds.
 */
export function planAfter(op: string, runtime: Runtime, problem: Problem, key: string, make: () => Plan): Plan {
  let made = followers.get(problem);
  if (!made) followers.set(problem, (made = new Map<string, Plan>()));
  let plan = made.get(key);
  if (!plan) {
    plan = make();
    checkArrays(op, plan, runtime.profile);
    made.set(key, plan);
  }
  return plan;
}
