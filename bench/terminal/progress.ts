import { formatNumber } from '../analysis/format.ts';
import type { Row } from '../analysis/results.ts';

/** One line about what was just measured, in copies. */
export function progressOf({ share, rows }: { share: number; rows: readonly Row[] }): string {
  const [first] = rows;
  const copies = rows.map(({ library, error, copyMultiple }) =>
    error === undefined ? `${library} ${formatNumber(copyMultiple)}` : `${library} failed`,
  );
  return `${(100 * share).toFixed(0).padStart(3)} %  ${first ? `${first.case}, ${first.pass}: ` : ''}${copies.join(', ')}`;
}
