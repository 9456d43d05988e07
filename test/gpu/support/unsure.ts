import { roundTo } from './formats.ts';
import type { Format, Half } from './formats.ts';
import type { Fused } from './fused.ts';
import { normalizedByReference } from './run.ts';
import { ON_THE_WAY } from './units.ts';

/** Options, and arrays, of what comes before x_hat. */
const BEFORE = new Set(['axes', 'eps', 'unbiased', 'partial', 'segments', 'residual', 'gate', 'inputBias', 'mask']);

/**
 * Where a call rounds x_hat to what x holds, the elements that an error of f32 could round to another number: y is either of two there. Where
 * it rotates, it is so for all of their row. Null: it does not round.
 */
export function isUnsure({ op, x, options, arrays }: Fused): ((index: number) => boolean) | null {
  const { castBeforeWeight: format, rotary } = options;
  if (!format) return null;
  const isMultiplied = (options['multiply'] as { where?: string } | undefined)?.where === 'before';
  const comesBefore = ([name]: [string, unknown]): boolean =>
    BEFORE.has(name) || (isMultiplied && (name === 'multiply' || name === 'by'));
  const [given, read] = [options, arrays].map((all) => Object.fromEntries(Object.entries(all).filter(comesBefore)));
  const { data } = normalizedByReference({ op, x, options: given!, arrays: read as Fused['arrays'] }).y;
  const unsure = Array.from(data, (value) => isNearTie(format as Half, value));
  if (!rotary) return (index) => unsure[index]!;
  const size = x.shape.at(-1)!;
  const rows = Array.from({ length: data.length / size }, (_, row) =>
    unsure.slice(row * size, (row + 1) * size).includes(true),
  );
  return (index) => rows[Math.floor(index / size)]!;
}

/** Whether an error of f32 on the way could round a value to another number of the format. */
function isNearTie(format: Format, value: number): boolean {
  const slack = ON_THE_WAY * (1 + Math.abs(value));
  return roundTo(format, value - slack) !== roundTo(format, value + slack);
}
