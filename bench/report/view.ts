import { copiesText } from '../../examples/copy.ts';
import { PASSES } from '../cases/case.ts';
import type { Pass } from '../cases/case.ts';
import { isGrowth } from '../cases/growth.ts';
import { columnsFor } from '../analysis/columns.ts';
import { gridOf, markdownOf } from '../analysis/grid.ts';
import { pointsOf } from '../analysis/growth.ts';
import { groupsOf } from '../analysis/groups.ts';
import type { Results, Row } from '../analysis/results.ts';
import { conclusionsOf, failuresOf } from '../analysis/summary.ts';
import { seriesOf, SHAPES_COLUMNS, shapesConclusions } from '../analysis/shapes.ts';
import type { ShapesRow } from '../analysis/shapes.ts';
import { OURS } from '../libraries/names.ts';
import { choiceOf } from './choice.ts';
import { element } from './element.ts';
import { drawBars, drawGrowth } from './plots.ts';
import { drawTable } from './table.ts';

/** Results, or as many as there are so far, and what a reader of them has to know. */
export type Shown = Partial<Results> & { results: readonly Row[]; shapes?: readonly ShapesRow[]; note?: string };

let pass: Pass = 'forward';

/** How much of webgpu-norm is compared, where it was told to share out work in other ways than its own. */
const SCHEDULES = ['its own schedule', 'every schedule'] as const;
let schedules: (typeof SCHEDULES)[number] = SCHEDULES[0];
/** Whether all numbers are unfolded. */
let unfolded = false;

/** Shows results as sentences, plots and tables; of an adapter that is not known to be a GPU no times, but multiples of the copy's. */
export function show(host: HTMLElement, shown: Shown): void {
  const { results, noise, shapes = [], software = true, note } = shown;
  const compared = results.filter((row) => !isGrowth({ name: row.case }));
  const lines = [
    ...(noise ? conclusionsOf({ results: [...results], noise, software }) : []),
    ...shapesConclusions(shapes, software),
  ];
  host.replaceChildren(
    element('section', { className: 'sheet' }, [
      element('p', { className: 'source-of', textContent: sourceOf(shown) }),
      ...(note ? [element('p', { className: 'note', textContent: note })] : []),
      ...lines.map((textContent) => element('p', { textContent })),
      ...failuresOf(results).map((line) => element('p', { className: 'problem', textContent: `Failed: ${line}` })),
    ]),
  );
  if (compared.length > 0) host.append(comparisonOf(compared, sourceOf(shown)));
  const points = pointsOf(results);
  for (const [series, title, label] of SERIES) {
    const own = points.filter((point) => point.series === series);
    if (own.length > 0) host.append(sheet(title, growthNote(software), drawGrowth(own, label, software)));
  }
  if (shapes.length > 0) host.append(sheet('Ever new shapes', SHAPES_NOTE, shapesTableOf(shapes)));
  if (results.length > 0) host.append(numbersOf(results, software));
}

const SHAPES_NOTE =
  'Calls on shapes that were not there before, each library on a device that had seen none of them: pipelines compiled, and the time from a call to the end of its work, in copies of x and in times of webgpu-norm.';

const SERIES = [
  ['growth', 'How time grows with size', 'elements'],
  ['aspect', 'Ten million elements, from one long row to many short ones', 'elements in a row'],
] as const;

function growthNote(software: boolean): string {
  const what = software ? 'Time of webgpu-norm in copies' : 'Nanoseconds an element of webgpu-norm';
  return `${what}, and in grey of the copy; both scales are logarithmic. Forward passes are solid, backward dashed.`;
}

function sourceOf({ adapter, runtime, date, commit, software }: Shown): string {
  const cpu = software && 'a CPU that pretends to be a GPU: no times, but multiples of the copy’s';
  const parts = [adapter, runtime, date?.slice(0, 10), commit && `commit ${commit}`, cpu].filter(Boolean);
  return parts.length > 0 ? `${parts.join('; ')}.` : 'Being measured …';
}

function sheet(title: string, note: string, ...children: Node[]): HTMLElement {
  return element('section', { className: 'sheet' }, [
    element('h2', { textContent: title }),
    element('p', { className: 'note', textContent: note }),
    ...children,
  ]);
}

/** Bars and a table of a pass, to choose. */
function comparisonOf(rows: readonly Row[], source: string): HTMLElement {
  const passes = PASSES.filter((name) => rows.some((row) => row.pass === name));
  if (!passes.includes(pass)) pass = passes[0]!;
  const ownOnly = rows.filter(({ library }) => !library.startsWith(`${OURS}, `));
  const body = element('div', {});
  const draw = (): void => {
    const compared = schedules === 'every schedule' ? rows : ownOnly;
    const grid = gridOf(compared, pass);
    const copy = element('button', { type: 'button', className: 'button quiet', textContent: 'Copy as Markdown' });
    copiesText(copy, () => markdownOf(grid, source));
    body.replaceChildren(
      drawBars(compared.filter((row) => row.pass === pass)),
      drawTable('Times as multiples of the copy’s', [
        { cells: grid.head, rows: grid.rows.map((cells) => ({ cells, error: undefined })) },
      ]),
      element('p', {}, [copy]),
    );
  };
  draw();
  const choices = [
    choiceOf('Pass', passes, pass, (name) => {
      pass = name;
      draw();
    }),
  ];
  if (ownOnly.length < rows.length) {
    choices.push(
      choiceOf('Schedules', SCHEDULES, schedules, (name) => {
        schedules = name;
        draw();
      }),
    );
  }
  const note = 'Bars begin at the copy: 1. Shorter is faster; the scale is logarithmic.';
  return sheet('Against a copy of the same bytes', note, ...choices, body);
}

/** All numbers, made when they are unfolded. */
function numbersOf(rows: readonly Row[], software: boolean): HTMLElement {
  const columns = columnsFor(software);
  const tableOf = (): HTMLElement =>
    drawTable(
      'All numbers',
      groupsOf(rows).map(({ title, rows: grouped }) => ({
        cells: [title, ...columns.map((column) => column.title)],
        rows: grouped.map((row) => ({
          cells: [row.library, ...columns.map((column) => column.text(row))],
          error: row.error,
        })),
      })),
    );
  const details = element('details', { open: unfolded }, [element('summary', { textContent: 'All numbers' })]);
  details.addEventListener('toggle', () => {
    unfolded = details.open;
    if (unfolded && details.childElementCount === 1) details.append(tableOf());
  });
  return element('section', { className: 'sheet' }, [details]);
}

/** The same of calls of ever new shapes. */
function shapesTableOf(rows: readonly ShapesRow[]): HTMLElement {
  return drawTable(
    'Ever new shapes',
    [...new Set(rows.map((row) => row.case))].map((kind) => ({
      cells: [kind, ...SHAPES_COLUMNS.map(({ title }) => title)],
      rows: rows
        .filter((row) => row.case === kind)
        .map((row) => ({ cells: [seriesOf(row), ...SHAPES_COLUMNS.map(({ text }) => text(row))], error: row.error })),
    })),
  );
}
