import { formatBytes, formatCount, formatError, formatNumber } from './format.ts';
import type { Row } from './results.ts';

/** A column of the table, in the terminal and on the page. */
export interface Column {
  title: string;
  /** Is a time. */
  time?: true;
  text(row: Row): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'ms', time: true, text: ({ ms }) => formatNumber(ms) },
  {
    title: 'quartiles',
    time: true,
    text: ({ q1, q3 }) => (q1 === null ? '–' : `${formatNumber(q1)} to ${formatNumber(q3)}`),
  },
  { title: 'copies', text: ({ copyMultiple }) => formatNumber(copyMultiple) },
  { title: 'least', text: ({ leastCopies }) => formatNumber(leastCopies) },
  { title: 'dtype', text: ({ dtype }) => dtype },
  { title: 'dispatches', text: ({ dispatches }) => formatCount(dispatches) },
  { title: 'allocated', text: ({ allocatedBytes }) => formatBytes(allocatedBytes) },
  { title: 'host µs', time: true, text: ({ encodeMicros }) => formatNumber(encodeMicros) },
  { title: 'error', text: ({ maxError }) => formatError(maxError) },
];

/** Those that say something of an adapter: no times where it is a CPU that pretends to be a GPU. */
export function columnsFor(software: boolean): readonly Column[] {
  return COLUMNS.filter(({ time }) => !(time && software));
}
