import { Chart } from './chart.ts';
import type { Line } from './chart.ts';
import type { Row } from './settings.ts';
import { batchSizesOf, curveOf, finalError } from './summary.ts';
import type { Measure } from './summary.ts';

/** The charts of each experiment, and what of the samples is in them. */
interface Drawing {
  chart: Chart;
  linesOf(rows: readonly Row[]): Line[];
}

const figure = (id: string): HTMLElement => document.getElementById(id)!;

const sigmoid = (id: string, y: string, measure: Measure): Drawing => ({
  chart: new Chart(figure(id), { x: 'step', y, percent: measure === 'testError' }),
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
  chart: new Chart(figure('finals'), { x: 'batch size', y: 'test error', halving: true, percent: true }),
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
  chart: new Chart(figure('way'), { x: 'pictures seen', y: 'test error', percent: true }),
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

const drawings = [
  sigmoid('sigmoid-loss', 'cross entropy', 'loss'),
  sigmoid('sigmoid-error', 'test error', 'testError'),
  finals,
  curves,
];

export function drawCharts(rows: readonly Row[]): void {
  for (const { chart, linesOf } of drawings) chart.draw(linesOf(rows).filter(({ points }) => points.length > 0));
}
