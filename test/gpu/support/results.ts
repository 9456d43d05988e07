import type { Context, Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { numbersOf, placing } from './fused.ts';
import type { Fused } from './fused.ts';
import { backwardOf } from './gradients.ts';
import { callGpu, callGpuForward } from './run.ts';

/** What a call updates in place. */
const UPDATED = ['runningMean', 'runningVar', 'numBatchesTracked'];

/** All that a call and its gradient give, by name: `alone` is y of the same call where nothing is saved. */
export async function resultsOf(
  context: Context,
  fused: Fused,
  dy: NdArray<Float32Array<ArrayBuffer>>,
  dresidualOut?: NdArray<Float32Array<ArrayBuffer>>,
): Promise<Record<string, Float64Array>> {
  const tensors: Record<string, Tensor> = {};
  const place: ReturnType<typeof placing> = (array, name) => (tensors[name] = placing(context, fused)(array, name));
  const alone = callGpu(fused, place);
  const { y, residualOut, saved } = callGpuForward(fused, place);
  const more = dresidualOut && { dresidualOut: place(dresidualOut, 'dresidualOut') };
  const gradients = backwardOf(fused.op)(place(dy, 'dy'), saved, more);
  const updated = Object.fromEntries(UPDATED.filter((name) => tensors[name]).map((name) => [name, tensors[name]!]));
  const { mean, rstd } = saved;
  const all = { alone, y, ...(residualOut && { residualOut }), mean, rstd, ...gradients, ...updated };
  const numbers = Object.entries(all).map(
    async ([name, tensor]) => [name, Float64Array.from(await numbersOf(tensor))] as const,
  );
  const results = Object.fromEntries(await Promise.all(numbers));
  for (const tensor of [alone, y, ...Object.values(gradients), ...Object.values(tensors)]) tensor.destroy();
  saved.destroy();
  return results;
}
