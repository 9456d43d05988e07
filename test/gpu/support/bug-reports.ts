import { expect } from 'vitest';
import type { Context } from '../../../src/index.ts';
import { boundOf, gradientBoundOf } from './bounds.ts';
import { fusedErrors } from './fused-errors.ts';
import type { Fused } from './fused.ts';
import { backwardOf, gradientErrors } from './gradients.ts';
import { modes } from './modes.ts';
import { callGpu, callGpuForward, callReference, relativeError, upload } from './run.ts';
import type { Filled } from './run.ts';

type Numbers = Filled['x'];

/** What a report gives number by number. */
export const numbers = (data: readonly number[], shape: number[] = [data.length]): Numbers => ({
  data: Float32Array.from(data),
  shape,
});

/** y, alone and with what is saved for the gradient, and every gradient are as near float64 as bounds.ts says. */
export async function expectWithinBounds(context: Context, filled: Filled, dy: Numbers): Promise<void> {
  const mode = modes.find(({ op }) => op === filled.op)!;
  const place = upload(context);
  const { weight, bias } = filled.arrays;
  const exact = callReference(filled);
  const { y, saved } = callGpuForward(filled, place);
  for (const [name, tensor] of Object.entries({ alone: callGpu(filled, place), y })) {
    expect(relativeError(await tensor.read(), exact, weight, bias), name).toBeLessThanOrEqual(boundOf(mode));
  }
  const gradients = backwardOf(filled.op)(place(dy, 'dy'), saved);
  for (const [name, error] of Object.entries(await gradientErrors(filled, dy, gradients))) {
    expect(error, name).toBeLessThanOrEqual(gradientBoundOf(mode));
  }
}

/** Of halves: y and every gradient are within a unit of their last place. */
export async function expectWithinUnits(context: Context, fused: Fused, dy: Numbers): Promise<void> {
  const errors = await fusedErrors(context, fused, dy, null);
  for (const [name, units] of Object.entries(errors)) expect(units, name).toBeLessThanOrEqual(1);
}
