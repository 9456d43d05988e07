import { PASSES } from '../cases/case.ts';
import type { Pass } from '../cases/case.ts';
import { isGrowth } from '../cases/growth.ts';
import { COLUMNS } from '../analysis/columns.ts';
import { pointsOf } from '../analysis/growth.ts';
import { groupsOf } from '../analysis/groups.ts';
import type { Results, Row } from '../analysis/results.ts';
import { conclusionsOf, failuresOf } from '../analysis/summary.ts';
import { seriesOf, SHAPES_COLUMNS, shapesConclusions } from '../analysis/shapes.ts';
import type { ShapesRow } from '../analysis/shapes.ts';
import { element } from './element.ts';
import { drawBars, drawGrowth } from './plots.ts';
import { drawTable } from './table.ts';

/** Results, or as many as there are so far. */
export type Shown = Partial<Results> & { results: readonly Row[]; shapes?: readonly ShapesRow[] };

let pass: Pass = 'forward';

/** Shows results as sentences, plots and a table. */
export function show(host: HTMLElement, shown: Shown): void {
  const { results, noise, shapes = [] } = shown;
  const compared = results.filter((row) => !isGrowth({ name: row.case }));
  const passes = PASSES.filter((name) => compared.some((row) => row.pass === name));
  if (!passes.includes(pass) && passes[0]) pass = passes[0];
  host.replaceChildren(
    element('section', { className: 'sheet' }, [
      element('p', { className: 'source-of', textContent: sourceOf(shown) }),
      ...(noise ? conclusionsOf({ results: [...results], noise }) : []).map((line) =>
        element('p', { textContent: line }),
      ),
      ...shapesConclusions(shapes).map((line) => element('p', { textContent: line })),
      ...failuresOf(results).map((line) => element('p', { className: 'problem', textContent: `Failed: ${line}` })),
    ]),
  );
  if (compared.length > 0) {
    host.append(
      element('section', { className: 'sheet' }, [
        element('h2', { textContent: 'Against a copy of the same bytes' }),
        element('p', {
          className: 'note',
          textContent: 'Bars begin at the copy: 1. Shorter is faster; the scale is logarithmic.',
        }),
        choiceOf(passes, () => show(host, shown)),
        drawBars(compared.filter((row) => row.pass === pass)),
      ]),
    );
  }
  const points = pointsOf(results);
  for (const [series, title, label] of SERIES) {
    const own = points.filter((point) => point.series === series);
    if (own.length === 0) continue;
    host.append(
      element('section', { className: 'sheet' }, [
        element('h2', { textContent: title }),
        element('p', { className: 'note', textContent: GROWTH_NOTE }),
        drawGrowth(own, label),
      ]),
    );
  }
  if (shapes.length > 0) {
    host.append(
      element('section', { className: 'sheet' }, [
        element('h2', { textContent: 'Ever new shapes' }),
        element('p', { className: 'note', textContent: SHAPES_NOTE }),
        shapesTableOf(shapes),
      ]),
    );
  }
  if (results.length === 0) return;
  host.append(
    element('section', { className: 'sheet' }, [element('h2', { textContent: 'All numbers' }), tableOf(results)]),
  );
}

const SHAPES_NOTE =
  'Calls on shapes that were not there before, each library on a device that had seen none of them: pipelines compiled, and the time from a call to the end of its work, in copies of x and in times of webgpu-norm.';

const SERIES = [
  ['growth', 'How time grows with size', 'elements'],
  ['aspect', 'Ten million elements, from one long row to many short ones', 'elements in a row'],
] as const;

const GROWTH_NOTE =
  'Nanoseconds an element of webgpu-norm, and in grey of the copy; both scales are logarithmic. Forward passes are solid, backward dashed.';

function sourceOf({ adapter, runtime, date, commit }: Shown): string {
  const parts = [adapter, runtime, date?.slice(0, 10), commit && `commit ${commit}`].filter(Boolean);
  return parts.length > 0 ? `${parts.join('; ')}.` : 'Being measured …';
}

function choiceOf(passes: readonly Pass[], changed: () => void): HTMLElement {
  const buttons = passes.map((name) => {
    const button = element('button', { type: 'button', className: 'button quiet', textContent: name });
    button.ariaPressed = String(name === pass);
    button.addEventListener('click', () => {
      pass = name;
      changed();
    });
    return button;
  });
  return element('p', { className: 'actions' }, buttons);
}

function tableOf(rows: readonly Row[]): HTMLElement {
  return drawTable(
    groupsOf(rows).map(({ title, rows: grouped }) => ({
      cells: [title, ...COLUMNS.map((column) => column.title)],
      rows: grouped.map((row) => ({
        cells: [row.library, ...COLUMNS.map((column) => column.text(row))],
        error: row.error,
      })),
    })),
  );
}

/** The same of calls of ever new shapes. */
function shapesTableOf(rows: readonly ShapesRow[]): HTMLElement {
  return drawTable(
    [...new Set(rows.map((row) => row.case))].map((kind) => ({
      cells: [kind, ...SHAPES_COLUMNS.map(({ title }) => title)],
      rows: rows
        .filter((row) => row.case === kind)
        .map((row) => ({ cells: [seriesOf(row), ...SHAPES_COLUMNS.map(({ text }) => text(row))], error: row.error })),
    })),
  );
}
