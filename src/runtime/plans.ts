import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../problem/problem.ts';
import { MOST } from './bounds.ts';
import { Cache } from './cache.ts';

/** A call as numbers, and what it will run. */
export interface PlannedCall {
  problem: Problem;
  plan: Plan;
}

/** Plans by what was asked for, those used last. */
export class Plans {
  /** Of forward calls, by signature. */
  readonly forward: Cache<string, PlannedCall> = new Cache(MOST.forwardPlans);
  /** Of what follows a forward call, by its problem and what is asked of that. */
  readonly following: Cache<string, Plan> = new Cache(MOST.followingPlans);
  readonly others: Cache<string, Plan> = new Cache(MOST.otherPlans);

  get size(): number {
    return this.forward.size + this.following.size + this.others.size;
  }
}
