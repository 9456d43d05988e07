import { Chart } from './chart.ts';
import type { Line } from './chart.ts';
import { batchSizesOf, curveOf, finalError } from './summary.ts';
import type { Row } from './training.ts';

/** The charts of each experiment, and what of the samples is in them. */
interface Drawing {
  chart: Chart;
  linesOf(rows: readonly Row[]): Line[];
}

const sigmoid = (title: string, y: string, measure: 'loss' | 'testError'): Drawing => ({
  chart: new Chart({ title, x: 'step', y, percent: measure === 'testError' }),
  linesOf: (rows) => [
    { name: 'without', colour: 'grey', points: curveOf(rows, 'sigmoid', 'none', measure) },
    { name: 'BatchNorm', colour: 'orange', points: curveOf(rows, 'sigmoid', 'batch', measure) },
  ],
});

const NORMS = [
  ['batch', 'BatchNorm', 'orange'],
  ['group', 'GroupNorm', 'blue'],
] as const;

const finals: Drawing = {
  chart: new Chart({ title: 'Test error at the end', x: 'batch size', y: 'test error', halving: true, percent: true }),
  linesOf: (rows) =>
    NORMS.map(([norm, name, colour]) => ({
      name,
      colour,
      points: batchSizesOf(rows).flatMap((size) => {
        const spread = finalError(rows, norm, size);
        return spread ? [[size, spread] as const] : [];
      }),
    })),
};

/** Curves of the largest and the smallest batch, over pictures so that they are comparable. */
const curves: Drawing = {
  chart: new Chart({ title: 'Test error on the way', x: 'pictures seen', y: 'test error', percent: true }),
  linesOf: (rows) => {
    const sizes = batchSizesOf(rows);
    const ends = [...new Set([sizes[0], sizes.at(-1)])].filter((size) => size !== undefined);
    return ends.flatMap((size) =>
      NORMS.map(([norm, name, colour]) => ({
        name: `${name}, batches of ${size}`,
        colour,
        dashed: size !== sizes[0],
        points: curveOf(rows, 'batch size', norm, 'testError', size).map(
          ([step, spread]) => [step * size, spread] as const,
        ),
      })),
    );
  },
};

const drawings: Record<'sigmoid' | 'batch', Drawing[]> = {
  sigmoid: [
    sigmoid('Loss of the training batches', 'cross entropy', 'loss'),
    sigmoid('Test error', 'test error', 'testError'),
  ],
  batch: [finals, curves],
};

/** Puts the charts into their places. */
export function placeCharts(places: Record<'sigmoid' | 'batch', HTMLElement>): void {
  for (const [name, list] of Object.entries(drawings) as ['sigmoid' | 'batch', Drawing[]][]) {
    places[name].append(...list.map(({ chart }) => chart.element));
  }
}

export function drawCharts(rows: readonly Row[]): void {
  for (const { chart, linesOf } of Object.values(drawings).flat()) chart.draw(linesOf(rows));
}
