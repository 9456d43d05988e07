import type { Problem } from '../problem/problem.ts';
import { renamed } from './passes/gradient-operands.ts';
import type { Plan } from './plan.ts';
import type { Schedule } from './schedule.ts';

/** Results that a call writes over an operand of the same shape and dtype: by the names of the plan's resources. */
export interface InPlace {
  y?: 'x' | 'add';
  residualOut?: 'residual';
}

export const NOT_IN_PLACE: InPlace = {};

export function isInPlace({ y, residualOut }: InPlace): boolean {
  return y !== undefined || residualOut !== undefined;
}

/** A plan whose results go over operands: what one pass reads and writes it binds once. */
export function writingInPlace(plan: Plan, inPlace: InPlace): Plan {
  if (!isInPlace(inPlace)) return plan;
  const names = Object.fromEntries(Object.entries(inPlace).map(([result, resource]) => [result, { resource }]));
  return { ...plan, passes: plan.passes.map((pass) => renamed(pass, names)) };
}

/** Groups that are written four at once leave a rest to be written again (shaders/output/four_groups), from what is overwritten by then. */
export function scheduleInPlace(
  inPlace: InPlace,
  { groups }: Pick<Problem, 'groups'>,
  forced: Partial<Schedule>,
): Partial<Schedule> {
  return isInPlace(inPlace) && groups % 4 !== 0 ? { ...forced, groupsPerInvocation: 1 } : forced;
}
