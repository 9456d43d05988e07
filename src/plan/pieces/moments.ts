import type { Problem } from '../../problem/problem.ts';
import { withElementOffsets } from '../element-offsets.ts';
import type { ElementOffsets } from '../element-offsets.ts';
import { planMoments } from '../moments.ts';
import type { Plan } from '../plan.ts';
import type { Profile } from '../profile.ts';
import type { Schedule } from '../schedule.ts';
import { Assembly } from './assembly.ts';
import type { Whole } from './assembly.ts';
import { fitted } from './cut.ts';
import { addMoments, UNEVEN } from './forward.ts';

/**
 * As {@link planMoments}, where x may be larger than what the device binds at once: then in pieces.
 *
 * @throws NormError `limit` where that does not do.
 */
export function planFittingMoments(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule>,
  offsets: ElementOffsets,
): Plan {
  const whole: Whole = { problem, profile, forced, offsets };
  const plan = withElementOffsets(planMoments(problem, profile, forced), offsets);
  return fitted(problem.op, whole, plan, (pieces) => {
    const assembly = new Assembly(whole);
    if (!addMoments(assembly, whole, pieces, 'saved', true)) return UNEVEN;
    return { scratch: assembly.scratch, saved: plan.saved, passes: assembly.passes };
  });
}
