import { createContext, NormError } from '../../../src/index.ts';
import type { Context, ContextOptions } from '../../../src/index.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { Plans } from './contexts.ts';
import type { Fused } from './fused.ts';
import { backwardOf } from './gradients.ts';
import { callGpuForward } from './run.ts';
import type { Place } from './run.ts';

/** Contexts that bind little at once, so that small tensors are bound in pieces. */

/** The plans of an adapter that binds so many bytes at once. */
export async function contextBinding(
  contexts: Record<Plans, Context>,
  plans: Plans,
  maxBinding: number,
  schedule: ContextOptions['schedule'] = {},
): Promise<Context> {
  const { device, profile } = contexts[plans];
  const { software, parallel, maxWorkgroup } = profile;
  const small = { software, parallel, maxWorkgroup, maxBinding };
  return createContext({ device, profile: small, schedule, specialize: false });
}

/** What a call for training, and its gradient if that is wanted, would run; where there is a residual, a gradient arrives at its sum too. */
export function plansOf(context: Context, fused: Fused, withGradient: boolean): Plan[] {
  const place: Place = ({ shape }, name) =>
    context.empty(shape, { dtype: name === 'positions' ? 'u32' : (fused.dtypes[name] ?? 'f32') });
  return context.explain(() => {
    const { saved } = callGpuForward(fused, place);
    if (!withGradient) return;
    const given = fused.arrays['residual'] ? { dresidualOut: place(fused.x, 'dresidualOut') } : {};
    backwardOf(fused.op)(place(fused.x, 'dy'), saved, given);
  });
}

/**
 * A context that binds as little at once as a call can be made with, from a quarter of x on; null where that is all of x, since the numbers of
 * its groups are as many as its own.
 */
export async function smallContextFor(
  contexts: Record<Plans, Context>,
  plans: Plans,
  fused: Fused,
  { withGradient = false, schedule = {} }: { withGradient?: boolean; schedule?: ContextOptions['schedule'] } = {},
): Promise<Context | null> {
  const bytes = fused.x.data.length * (fused.dtypes['x'] === 'f32' ? 4 : 2);
  for (let most = Math.ceil(bytes / 4); most < bytes; most = Math.ceil(most * 1.2)) {
    const context = await contextBinding(contexts, plans, most, schedule);
    try {
      plansOf(context, fused, withGradient);
      return context;
    } catch (error) {
      if (!(error instanceof NormError && error.code === 'limit')) throw error;
    }
  }
  return null;
}

/** Whether some array of x's shape is bound in pieces. */
export function isInPieces(plans: readonly Plan[], resource: string): boolean {
  const offsets = plans.flatMap(({ passes }) =>
    passes.flatMap(({ bindings }) => bindings.filter((one) => one.resource === resource)),
  );
  return new Set(offsets.map(({ byteOffset = 0 }) => byteOffset)).size > 1;
}

/** Whether the statistics of a group are of several pieces. */
export function cutsGroups(plans: readonly Plan[]): boolean {
  return plans.some(({ passes }) => passes.some(({ kernel }) => kernel === 'merge_moments'));
}
