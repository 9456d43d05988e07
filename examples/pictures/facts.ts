import type { Measured, Moments } from './engine.ts';
import { format } from './format.ts';
import type { Mode } from './modes.ts';

/** What the table has room for, so that nothing moves. */
const MOST_ROWS = 7;
const EMPTY = '<tr class="empty" aria-hidden="true"><td colspan="4">&nbsp;</td></tr>';

export const NO_FACTS: string = EMPTY.repeat(MOST_ROWS);

/** The numbers of the groups, as rows of a table: one a colour, or one for all where colours share. */
export function factsOf(mode: Mode, { moments: { before, after, style } }: Measured): string {
  const together = mode.shares.includes(1);
  const rows: [string, readonly number[]][] = [
    ['Elements a group', before.mean.map(() => before.count)],
    ['Mean μ before', before.mean],
    ['Deviation σ before', deviations(before)],
  ];
  if (style) rows.push(['Mean of style', style.mean], ['Deviation of style', deviations(style)]);
  if (after) {
    rows.push(['Mean after', after.mean], ['Deviation after', deviations(after)]);
    if (mode.total === 'sum') rows.push(['Sum after', after.mean.map((mean) => mean * after.count)]);
    if (mode.total === 'norm') rows.push(['Norm ‖·‖₂ after', after.mean.map((_, channel) => norm(after, channel))]);
  }
  const filled = rows.map(([name, values]) =>
    rowOf(name, together || name.startsWith('Elements') ? [values[0]!] : values),
  );
  return filled.join('') + EMPTY.repeat(MOST_ROWS - rows.length);
}

function rowOf(name: string, values: readonly number[]): string {
  const cells =
    values.length === 1
      ? `<td colspan="3">${count(values[0]!)}</td>`
      : values.map((value) => `<td>${format(value)}</td>`).join('');
  return `<tr><th scope="row">${name}</th>${cells}</tr>`;
}

const count = (value: number): string => (Number.isInteger(value) ? String(value) : format(value));

const deviations = ({ variance }: Moments): number[] => variance.map(Math.sqrt);

const norm = ({ count, mean, variance }: Moments, channel: number): number =>
  Math.sqrt(count * (variance[channel]! + mean[channel]! ** 2));
