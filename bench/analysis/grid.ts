import type { Pass } from '../cases/case.ts';
import { BASELINE } from '../libraries/names.ts';
import { formatNumber } from './format.ts';
import type { Row } from './results.ts';

/** Cases by libraries: times of one pass as multiples of the copy's. */
export interface Grid {
  head: readonly string[];
  /** The first cell of each names its case. */
  rows: readonly (readonly string[])[];
}

export function gridOf(rows: readonly Row[], pass: Pass): Grid {
  const own = rows.filter((row) => row.pass === pass && row.library !== BASELINE);
  const libraries = [...new Set(own.map(({ library }) => library))];
  const cellOf = (name: string, library: string): string => {
    const row = own.find((each) => each.case === name && each.library === library);
    return row?.error === undefined ? formatNumber(row?.copyMultiple) : 'failed';
  };
  return {
    head: [`${pass}, copies`, ...libraries],
    rows: [...new Set(own.map((row) => row.case))].map((name) => [
      name,
      ...libraries.map((library) => cellOf(name, library)),
    ]),
  };
}

/** The same as Markdown, with a line below it. */
export function markdownOf({ head, rows }: Grid, below: string): string {
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = ['---', ...head.slice(1).map(() => '---:')];
  return [...[head, rule, ...rows].map(lineOf), '', below, ''].join('\n');
}
