import type { Fused } from '../support/fused.ts';
import { normalizedByReference } from '../support/run.ts';
import type { Filled } from './fill-case.ts';

/** What PyTorch is not asked of a call, and why. */
export const UNASKED = {
  anything: 'it divides by 0 where nothing spreads and eps is 0; here that is 0',
  gradients: 'those of what is not finite are no numbers, and which ones depends on the order of operations',
} as const;

export function unaskedOf({ given, fused, gradients }: Filled): keyof typeof UNASKED | null {
  if (given.eps === 0 && fused.op !== 'globalResponseNorm' && rstdOf(fused).data.includes(0)) return 'anything';
  return gradients ? null : 'gradients';
}

/** What values are divided by, inverted: of a quantized call that of what is quantized. */
export function rstdOf({ arrays, options, ...fused }: Fused): { data: Float64Array } {
  const { scales: _, ...read } = arrays;
  const { groupSize: __, ...given } = options;
  return normalizedByReference({ ...fused, arrays: read, options: given }).rstd;
}
