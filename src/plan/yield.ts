import type { Binding } from './plan.ts';
import type { Setting } from './setting.ts';
import type { Sums } from './sums.ts';
import { parameterBindings, parameterPieces } from './targets.ts';
import type { Deposit, ParametersWanted } from './targets.ts';

/** What a pass gives: dx, the sums over dy that it keeps for a later one, and dweight and dbias where its sums are those. */
export interface Yield {
  dx: Deposit;
  /** Whether a gradient that arrives at the input itself is added to dx. */
  dsum: boolean;
  kept: Sums | null;
  parameters: ParametersWanted;
}

export function keptBinding(kept: Sums | null, type: Binding['type']): Binding[] {
  return kept ? [{ name: 'kept', resource: kept.resource, type, writes: true }] : [];
}

export function yieldPieces(given: Yield): Record<string, string> {
  return { keep: given.kept ? 'sums' : 'none', ...dxPieces(given), ...parameterPieces(given.parameters) };
}

export function yieldBindings(setting: Setting, given: Yield): Binding[] {
  return [
    ...dxBindings(setting, given),
    ...keptBinding(given.kept, 'Accumulator'),
    ...parameterBindings(given.parameters),
  ];
}

export function dxPieces({ dx, dsum }: Yield): Record<string, string> {
  return { dx, passed: dsum && dx !== 'none' ? 'given' : 'none' };
}

export function dxBindings({ problem: { dtype } }: Setting, { dx, dsum }: Yield): Binding[] {
  if (dx === 'none') return [];
  return [
    ...(dsum ? [{ name: 'dsum', resource: 'dsum', type: 'Value', dtype, writes: false } as const] : []),
    { name: 'dx', resource: 'dx', type: 'Value', dtype, writes: true },
  ];
}
