import { isGrowth } from '../cases/growth.ts';
import { columnsFor } from '../analysis/columns.ts';
import { formatNumber } from '../analysis/format.ts';
import { pointsOf } from '../analysis/growth.ts';
import { groupsOf } from '../analysis/groups.ts';
import { conclusionsOf, failuresOf } from '../analysis/summary.ts';
import type { Results, Row } from '../analysis/results.ts';
import type { HostResults } from '../analysis/host.ts';
import type { ShapesResults } from '../analysis/shapes.ts';
import { alignedText } from './align.ts';

/** Rows as text, grouped by case and pass. */
export function tableOf(rows: readonly Row[], software: boolean): string {
  const columns = columnsFor(software);
  const lines = groupsOf(rows).flatMap(({ title, rows: grouped }) => [
    { cells: [title, ...columns.map((column) => column.title)], rest: '' },
    ...grouped.map((row) => ({
      cells:
        row.error === undefined
          ? [`  ${row.library}`, ...columns.map((column) => column.text(row))]
          : [`  ${row.library}`],
      rest: row.error ?? '',
    })),
  ]);
  return alignedText(lines);
}

/** How time grows, a mode and pass a line: at each size nanoseconds an element, or copies where a CPU pretends to be a GPU. */
export function growthOf(rows: readonly Row[], software: boolean): string {
  const lines = new Map<string, string[]>();
  for (const { series, mode, library, pass, x, copies, nanosecondsAnElement } of pointsOf(rows)) {
    const line = `${series} ${mode} ${pass}, ${library}`;
    const value = formatNumber(software ? copies : nanosecondsAnElement);
    lines.set(line, [...(lines.get(line) ?? []), `${x.toExponential(0)}: ${value}`]);
  }
  if (lines.size === 0) return '';
  const unit = software ? 'Copies' : 'Nanoseconds an element';
  return [unit, ...[...lines].map(([line, points]) => `  ${line}:  ${points.join('  ')}`)].join('\n');
}

/** All that is printed at the end of a run. */
export function closingOf(results: Results): string {
  const failures = failuresOf(results.results);
  return [
    tableOf(
      results.results.filter((row) => !isGrowth({ name: row.case })),
      results.software,
    ),
    growthOf(results.results, results.software),
    '',
    `${results.adapter}; ${results.runtime}.`,
    ...conclusionsOf(results),
    ...failures.map((failure) => `Failed: ${failure}`),
  ].join('\n');
}

/** One row a line. */
export function jsonOf(results: Results | ShapesResults | HostResults): string {
  const lists = Object.entries(results).filter(([, value]) => Array.isArray(value)) as [string, unknown[]][];
  const rest = Object.entries(results).filter(([, value]) => !Array.isArray(value));
  const head = JSON.stringify(Object.fromEntries(rest), null, 2).slice(0, -2);
  const texts = lists.map(([name, rows]) => {
    const text = rows.map((row) => `\n    ${JSON.stringify(row)}`).join();
    return `  "${name}": [${text}${text && '\n  '}]`;
  });
  return `${[head, ...texts].join(',\n')}\n}\n`;
}
