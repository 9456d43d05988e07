import * as Plot from '@observablehq/plot';
import { BASELINE, OURS, OWN_NAMES } from '../libraries/names.ts';
import { formatNumber } from '../analysis/format.ts';
import type { Point } from '../analysis/growth.ts';
import type { Row } from '../analysis/results.ts';

const HEIGHT = 20;
const SIDES = { marginLeft: 160, marginRight: 44 };

/** A figure for each case: the libraries' times as multiples of the copy's, all on one scale. */
export function drawBars(rows: readonly Row[]): HTMLElement {
  const timed = rows.filter((row) => row.copyMultiple !== null && row.library !== BASELINE);
  const multiples = timed.map((row) => row.copyMultiple!);
  // The only library needs no name in each figure, and one bar no axis.
  const alone = new Set(timed.map(({ library }) => library)).size === 1;
  const domain: [number, number] = [Math.min(0.8, ...multiples), Math.max(10, ...multiples)];
  return figures(
    grouped(timed, (row) => row.case),
    (own, width) =>
      Plot.plot({
        ...SIDES,
        ...(alone && { marginLeft: 4, marginTop: 2, marginBottom: 2 }),
        width,
        height: (alone ? 4 : 48) + HEIGHT * own.length,
        x: {
          axis: alone ? null : 'bottom',
          type: 'log',
          domain,
          label: null,
          ticks: ticksIn(domain, [1]),
          tickFormat: String,
          grid: true,
        },
        y: { axis: alone ? null : 'left', label: null, tickSize: 0, domain: own.map((row) => row.library) },
        marks: [
          Plot.barX(own, {
            x1: 1,
            x2: 'copyMultiple',
            y: 'library',
            fill: ({ library }: Row) => colourOf(library),
            insetTop: 2,
            insetBottom: 2,
          }),
          Plot.text(own, {
            x: ({ copyMultiple }: Row) => Math.max(1, copyMultiple!),
            y: 'library',
            text: ({ copyMultiple }: Row) => formatNumber(copyMultiple),
            textAnchor: 'start',
            dx: 4,
          }),
          Plot.ruleX([1], { stroke: 'currentColor' }),
        ],
      }),
  );
}

/**
 * A figure for each mode: time an element, ours and the copy's, all on one scale; dashed where it is not the forward pass. In
 * copies where a CPU pretends to be a GPU.
 */
export function drawGrowth(all: readonly Point[], label: string, software: boolean): HTMLElement {
  const y = software ? 'copies' : 'nanosecondsAnElement';
  const points = all.filter((point) => point[y] !== null);
  const xs = extentOf(points.map((point) => point.x));
  const ys = extentOf(points.map((point) => point[y]!));
  return figures(
    grouped(points, (point) => point.mode),
    (own, width) =>
      Plot.plot({
        width,
        height: 240,
        marginLeft: 48,
        marginRight: 20,
        x: { type: 'log', domain: xs, label, ticks: ticksIn(xs, [1]), tickFormat: powerOfTen },
        y: {
          type: 'log',
          domain: ys,
          label: software ? 'copies' : 'ns',
          grid: true,
          ticks: ticksIn(ys, [1, 3]),
          tickFormat: '~r',
        },
        marks: [true, false].map((forward) =>
          Plot.lineY(
            own.filter(({ pass }) => (pass === 'forward') === forward),
            {
              x: 'x',
              y,
              z: ({ library, pass }: Point) => `${library} ${pass}`,
              stroke: ({ library }: Point) => colourOf(library),
              ...(!forward && { strokeDasharray: '5 4' }),
              marker: 'dot',
            },
          ),
        ),
      }),
  );
}

function extentOf(values: readonly number[]): [least: number, most: number] {
  return [Math.min(...values), Math.max(...values)];
}

/** Multiples of powers of ten. */
function ticksIn([least, most]: readonly [number, number], multiples: readonly number[]): number[] {
  const powers = Array.from({ length: 13 }, (_, index) => 10 ** (index - 4));
  return powers
    .flatMap((power) => multiples.map((each) => each * power))
    .filter((tick) => tick >= least && tick <= most);
}

/** 10³ and its like. */
function powerOfTen(value: number): string {
  return `10${'⁰¹²³⁴⁵⁶⁷⁸⁹'[Math.round(Math.log10(value))]}`;
}

/** Ours stands out; what is no peer is grey. */
function colourOf(library: string): string {
  if (library === OURS) return 'var(--accent)';
  return (OWN_NAMES as readonly string[]).includes(library) ? 'var(--mark)' : 'var(--peer)';
}

function grouped<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item]);
  return groups;
}

/** A plot as one picture: its parts are no elements that a label could name. */
function labelled(plot: Element, label: string): Element {
  for (const part of plot.querySelectorAll('g[aria-label]')) part.removeAttribute('aria-label');
  plot.role = 'img';
  plot.ariaLabel = label;
  return plot;
}

/** Figures side by side as there is room, drawn anew when their width changes. */
function figures<T>(groups: Map<string, T[]>, draw: (items: T[], width: number) => Element): HTMLElement {
  const host = document.createElement('div');
  host.className = 'figures';
  for (const [name, items] of groups) {
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    caption.textContent = name;
    const plot = document.createElement('div');
    figure.append(caption, plot);
    host.append(figure);
    let drawn = 0;
    new ResizeObserver(() => {
      const width = Math.max(240, Math.floor(plot.clientWidth));
      if (width === drawn) return;
      drawn = width;
      plot.replaceChildren(labelled(draw(items, width), name));
    }).observe(plot);
  }
  return host;
}
