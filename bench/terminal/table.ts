import { isGrowth } from '../cases/growth.ts';
import { COLUMNS } from '../analysis/columns.ts';
import { formatNumber } from '../analysis/format.ts';
import { pointsOf } from '../analysis/growth.ts';
import { groupsOf } from '../analysis/groups.ts';
import { conclusionsOf, failuresOf } from '../analysis/summary.ts';
import type { Results, Row } from '../analysis/results.ts';

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
  if (lines.length === 0) return '';
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map(({ cells }) => cells[column + 1]?.length ?? 0)));
  const first = Math.max(...lines.map(({ cells }) => cells[0]!.length));
  return lines
    .map(({ cells: [name, ...numbers], rest }) => {
      const padded = numbers.map((text, column) => text.padStart(widths[column]!));
      const line = [name!.padEnd(first), ...padded, rest].join('  ').trimEnd();
      return name!.startsWith(' ') ? line : `\n${line}`;
    })
    .join('\n')
    .trimStart();
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
export function jsonOf({ results, ...rest }: Results): string {
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  return `${head},\n  "results": [\n${results.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]\n}\n`;
}
