import { NormError } from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import { numbersOf } from '../support/fused.ts';
import { backwardOf, destinationsOf } from '../support/gradients.ts';
import { callGpuForward } from '../support/run.ts';
import type { Place } from '../support/run.ts';
import type { Case } from './case.ts';
import { fillCase } from './fill-case.ts';
import type { Filled } from './fill-case.ts';
import { guard } from './guard.ts';
import { tensorsOf } from './tensors.ts';

type Results = Record<string, ArrayLike<number>>;

/**
 * What is wrong with the calls of a case in a row, twice over, on one context and the same tensors: whatever is remembered of those before, the
 * results of each are to the bit those that it has alone.
 */
export async function rowFaults(first: Case, open: () => Promise<Context>): Promise<string[]> {
  const calls: Filled[] = [];
  const alone: Results[] = [];
  for (const step of [{}, ...first.next]) {
    const filled = fillCase({ ...first, ...step });
    if (!filled) continue;
    using context = await open();
    const results = await inRow(context, [filled], false).catch(refused);
    if (!results) continue;
    calls.push(filled);
    alone.push(results[0]!);
  }
  using context = await open();
  const spills = guard(context);
  const shared = new Map<string, Tensor>();
  const faults: string[] = [];
  for (const round of ['first', 'second']) {
    for (const [index, results] of (await inRow(context, calls, first.together, shared)).entries()) {
      for (const [name, numbers] of Object.entries(alone[index]!)) {
        if (!isSame(results[name]!, numbers))
          faults.push(
            `${name} of call ${index} of ${calls.length} in a row is not what it is alone, the ${round} time`,
          );
      }
    }
  }
  return [...faults, ...(await spills()).map((label) => `what lies behind '${label}' was written to in a row`)];
}

/** The results of calls, in one encoder or each submitted by itself; all are read, and their memory given back, after the last. */
async function inRow(
  context: Context,
  calls: readonly Filled[],
  together: boolean,
  shared?: Map<string, Tensor>,
): Promise<Results[]> {
  const encoder = together ? context.device.createCommandEncoder() : undefined;
  const recorded = calls.map((filled) => {
    const { fused, dy, dresidualOut } = filled;
    const { place, destination, accumulates } = tensorsOf(context, filled, shared);
    const updated: Record<string, Tensor> = {};
    const keeping: Place = (array, name) => {
      const tensor = place(array, name);
      if (name.startsWith('running')) updated[name] = tensor;
      return tensor;
    };
    const { y, residualOut, saved } = callGpuForward(fused, keeping, { encoder });
    const more = dresidualOut && { dresidualOut: place(dresidualOut, 'dresidualOut') };
    const into = destinationsOf(
      fused,
      (name, dtype, shape) => (accumulates(name) ? destination(name, dtype, shape) : undefined),
      accumulates,
    );
    const gradients = backwardOf(fused.op)(place(dy, 'dy'), saved, { ...more, ...into, encoder });
    const { mean, rstd } = saved;
    return { tensors: { y, ...(residualOut && { residualOut }), mean, rstd, ...gradients, ...updated }, saved };
  });
  if (encoder) context.device.queue.submit([encoder.finish()]);
  const reading = recorded.map(async ({ tensors, saved }) => {
    const names = Object.entries(tensors).map(async ([name, tensor]) => [name, await numbersOf(tensor)] as const);
    const results: Results = Object.fromEntries(await Promise.all(names));
    for (const tensor of new Set(Object.values(tensors))) tensor.destroy();
    saved.destroy();
    return results;
  });
  return Promise.all(reading);
}

function isSame(some: ArrayLike<number>, others: ArrayLike<number>): boolean {
  return some.length === others.length && Array.from(some).every((value, index) => Object.is(value, others[index]));
}

/** What the device or the way that halves lie does not allow, as documented, is no call. */
export function refused(error: unknown): null {
  if (error instanceof NormError && error.code === 'limit') return null;
  throw error;
}
