import { PASSES } from '../cases/case.ts';
import type { Results, Row } from '../analysis/results.ts';
import type { ShapesRow } from '../analysis/shapes.ts';

/**
 * The results that the text of a file holds, of either benchmark.
 *
 * @throws Error where it holds none, or what the page could not show.
 */
export function resultsIn(text: string): Results {
  const found = JSON.parse(text) as (Results & { shapes?: unknown }) | null;
  const { results, shapes = [] } = found ?? {};
  if (!Array.isArray(results) || !Array.isArray(shapes)) throw new Error('it has no results');
  const isNamed = (row: Partial<Row | ShapesRow> | null): boolean =>
    typeof row?.case === 'string' && typeof row.library === 'string';
  const isRow = (row: Partial<Row> | null): boolean =>
    isNamed(row) && PASSES.includes(row!.pass!) && Array.isArray(row!.shape);
  const isShapesRow = (row: Partial<ShapesRow> | null): boolean => isNamed(row) && Array.isArray(row!.shapes);
  if (!results.every(isRow) || !shapes.every(isShapesRow)) throw new Error('a row of it is none of a benchmark');
  return found!;
}
