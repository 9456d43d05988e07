import { formatNumber } from '../analysis/format.ts';
import type { Row } from '../analysis/results.ts';

/** One line about what was just measured. */
export function progressOf({ share, rows }: { share: number; rows: readonly Row[] }): string {
  const [first] = rows;
  const times = rows.map((row) => {
    if (row.error !== undefined) return `${row.library} failed`;
    return row.copyMultiple === null
      ? `${row.library} ${formatNumber(row.ms)} ms`
      : `${row.library} ${formatNumber(row.copyMultiple)}`;
  });
  return `${(100 * share).toFixed(0).padStart(3)} %  ${first ? `${first.case}, ${first.pass}: ` : ''}${times.join(', ')}`;
}
