import { seriesOf, SHAPES_COLUMNS, shapesConclusions } from '../analysis/shapes.ts';
import type { ShapesMeasured, ShapesResults, ShapesRow } from '../analysis/shapes.ts';
import { formatNumber } from '../analysis/format.ts';
import { alignedText } from './align.ts';

/** Rows as text, grouped by kind. */
export function shapesTable(rows: readonly ShapesRow[]): string {
  const kinds = [...new Set(rows.map((row) => row.case))];
  return alignedText(
    kinds.flatMap((kind) => [
      { cells: [kind, ...SHAPES_COLUMNS.map(({ title }) => title)], rest: '' },
      ...rows
        .filter((row) => row.case === kind)
        .map((row) => {
          const name = `  ${seriesOf(row)}`;
          const failed = row.error !== undefined;
          return {
            cells: failed ? [name] : [name, ...SHAPES_COLUMNS.map(({ text }) => text(row))],
            rest: row.error ?? '',
          };
        }),
    ]),
  );
}

/** A few words about what was just measured. */
export function shapesProgress({ shapes }: Pick<ShapesMeasured, 'shapes'>, share: number): string {
  const lines = [...new Set(shapes.map((row) => row.case))].map((kind) => {
    const found = shapes
      .filter((row) => row.case === kind && row.pipelines !== null)
      .map((row) => `${seriesOf(row)} ${row.pipelines}, ${formatNumber(row.copies?.median)} copies`);
    return `${(100 * share).toFixed(0).padStart(3)} %  ${kind}: ${found.join('; ')}`;
  });
  return lines.join('\n');
}

/** All that is printed at the end of a run. */
export function shapesClosing({ shapes, adapter, software, runtime, seed }: ShapesResults): string {
  return [
    shapesTable(shapes),
    '',
    `${adapter}; ${runtime}; the shapes of --seed ${seed}.`,
    ...shapesConclusions(shapes, software),
    ...shapes.flatMap(({ case: name, library, error }) =>
      error === undefined ? [] : [`Failed: ${library}: ${error} (${name})`],
    ),
  ].join('\n');
}
