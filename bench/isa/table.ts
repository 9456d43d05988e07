import { alignedText } from '../terminal/align.ts';
import type { Row } from './inspect.ts';

interface Column {
  title: string;
  text(row: Row): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'registers', text: ({ registers }) => String(registers) },
  { title: 'spills', text: ({ spills }) => String(spills) },
  { title: 'scratch', text: ({ scratch }) => String(scratch) },
  { title: 'waves', text: ({ waves }) => String(waves) },
  { title: 'instructions', text: ({ instructions }) => String(instructions) },
  { title: 'in flight', text: ({ loadsInFlight, bytesInFlight }) => `${loadsInFlight} (${bytesInFlight})` },
  { title: 'loads', text: ({ loads }) => widthsText(loads) },
  { title: 'stores', text: ({ stores }) => widthsText(stores) },
  { title: 'loops', text: ({ loops }) => String(loops) },
  { title: 'barriers', text: ({ barriers }) => String(barriers) },
  { title: 'cross-lane', text: ({ crossLane }) => String(crossLane) },
  { title: 'elements', text: ({ elements }) => String(Math.round(elements * 10) / 10) },
  { title: 'latency', text: (row) => estimateText(row, row.latency) },
  { title: 'throughput', text: (row) => estimateText(row, row.inverseThroughput) },
  { title: '× latency', text: ({ ratio }) => ratioText(ratio?.latency) },
  { title: '× throughput', text: ({ ratio }) => ratioText(ratio?.inverseThroughput) },
];

/** Rows as text, grouped by case and direction. */
export function tableText(rows: readonly Row[]): string {
  const titles = [...new Set(rows.map(titleOf))];
  return alignedText(
    titles.flatMap((title) => [
      { cells: [title, ...COLUMNS.map((column) => column.title)], rest: '' },
      ...rows
        .filter((row) => titleOf(row) === title)
        .map((row) => ({ cells: [`  ${row.title}`, ...COLUMNS.map(({ text }) => text(row))], rest: '' })),
    ]),
  );
}

export const LEGEND = `* has loops, of which the compiler counts a fixed number of trips: not comparable
waves: that a SIMD holds at once; in flight: loads on their way before something waits for one of them (bytes a lane)
loads, stores: how many of how many bytes; elements: of x, a lane; latency, throughput: cycles of a wave, estimated by the compiler
×: by that of the kernel by hand of the same numerics, throughput by element`;

function titleOf({ case: name, direction }: Row): string {
  return name === '' ? 'For scale' : `${name}, ${direction}`;
}

/** `4x16 1x4`: the widest first. */
function widthsText(counts: Readonly<Record<number, number>>): string {
  const widths = Object.entries(counts).sort(([one], [other]) => Number(other) - Number(one));
  return widths.map(([bytes, count]) => `${count}x${bytes}`).join(' ') || '0';
}

function estimateText({ comparable }: Row, cycles: number): string {
  return comparable ? String(cycles) : `${cycles}*`;
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? '' : ratio.toFixed(2);
}
