import { isGrowth } from '../cases/growth.ts';
import { COLUMNS } from '../analysis/columns.ts';
import { formatNumber } from '../analysis/format.ts';
import { pointsOf } from '../analysis/growth.ts';
import { groupsOf } from '../analysis/groups.ts';
import { conclusionsOf, failuresOf } from '../analysis/summary.ts';
import type { Results, Row } from '../analysis/results.ts';
import type { ShapesResults } from '../analysis/shapes.ts';
import { alignedText } from './align.ts';

/** Rows as text, grouped by case and pass. */
export function tableOf(rows: readonly Row[]): string {
  const lines = groupsOf(rows).flatMap(({ title, rows: grouped }) => [
    { cells: [title, ...COLUMNS.map((column) => column.title)], rest: '' },
    ...grouped.map((row) => ({
      cells:
        row.error === undefined
          ? [`  ${row.library}`, ...COLUMNS.map((column) => column.text(row))]
          : [`  ${row.library}`],
      rest: row.error ?? '',
    })),
  ]);
  return alignedText(lines);
}

/** How time grows, a mode and pass a line: nanoseconds an element at each size. */
export function growthOf(rows: readonly Row[]): string {
  const lines = new Map<string, string[]>();
  for (const { series, mode, library, pass, x, nanosecondsAnElement } of pointsOf(rows)) {
    const line = `${series} ${mode} ${pass}, ${library}`;
    lines.set(line, [...(lines.get(line) ?? []), `${x.toExponential(0)}: ${formatNumber(nanosecondsAnElement)}`]);
  }
  if (lines.size === 0) return '';
  return ['Nanoseconds an element', ...[...lines].map(([line, points]) => `  ${line}:  ${points.join('  ')}`)].join(
    '\n',
  );
}

/** All that is printed at the end of a run. */
export function closingOf(results: Results): string {
  const failures = failuresOf(results.results);
  return [
    tableOf(results.results.filter((row) => !isGrowth({ name: row.case }))),
    growthOf(results.results),
    '',
    `${results.adapter}; ${results.runtime}.`,
    ...conclusionsOf(results),
    ...failures.map((failure) => `Failed: ${failure}`),
  ].join('\n');
}

/** One row a line. */
export function jsonOf(results: Results | ShapesResults): string {
  const lists = Object.entries(results).filter(([, value]) => Array.isArray(value)) as [string, unknown[]][];
  const rest = Object.entries(results).filter(([, value]) => !Array.isArray(value));
  const head = JSON.stringify(Object.fromEntries(rest), null, 2).slice(0, -2);
  const texts = lists.map(([name, rows]) => {
    const text = rows.map((row) => `\n    ${JSON.stringify(row)}`).join();
    return `  "${name}": [${text}${text && '\n  '}]`;
  });
  return `${[head, ...texts].join(',\n')}\n}\n`;
}
