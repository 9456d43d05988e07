import { sizeOf } from '../cases/case.ts';
import type { IsaCase } from './cases.ts';
import { COPY } from './handwritten/copy.ts';
import { rowProgram } from './handwritten/rows.ts';
import type { Numerics } from './handwritten/statistics.ts';
import type { Direction } from './plans.ts';
import type { Program } from './program.ts';

/** Kernels that were written by hand for one shape: what ours are held against. */

export { COPY };

/** Those that do the work of a case, by their numerics; none for most. */
export function handwrittenFor(of: IsaCase, direction: Direction, wave: 32 | 64): Partial<Record<Numerics, Program>> {
  const { norm, shape, layout, axes = 1, modulated, gated, activation, residual = false, dtype } = of;
  const plain = layout === 'rows' && !modulated && !gated && !activation && direction === 'forward';
  if (!plain || (norm !== 'layerNorm' && norm !== 'rmsNorm')) return {};
  const length = sizeOf(shape.slice(-axes));
  const rows = { statistic: norm === 'layerNorm' ? 'mean-variance' : 'rms', length, dtype, residual } as const;
  const textbook = rowProgram(rows, 'textbook', wave);
  const robust = rowProgram(rows, 'robust', wave);
  return textbook && robust ? { textbook, robust } : {};
}
