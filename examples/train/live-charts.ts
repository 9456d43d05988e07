import { Chart } from './chart.ts';
import type { Line } from './chart.ts';
import { SIGMOID_BATCH } from './experiment.ts';
import { NORM_NAMES, NORMS } from './settings.ts';
import type { Choice, Norm, Row, Run } from './settings.ts';
import { curveOf, endsOf, formatPercent, LAST, spreadOf } from './summary.ts';
import type { Measure } from './summary.ts';

/** What is trained here, over what was recorded of the same network with the same batches. */

const COLOURS: Partial<Record<Norm, Line['colour']>> = { none: 'grey', batch: 'orange', group: 'blue' };
const MEASURES = [
  { measure: 'loss', y: 'cross entropy', percent: false, id: 'live-loss' },
  { measure: 'testError', y: 'test error', percent: true, id: 'live-error' },
] as const;

const element = (id: string): HTMLElement => document.getElementById(id)!;
const charts = MEASURES.map(({ id, ...options }) => new Chart(element(id), { x: 'step', ...options }));

/** The batch size of what is recorded to compare with. */
const recordedSize = ({ experiment, batchSize }: Choice): number =>
  experiment === 'sigmoid' ? SIGMOID_BATCH : batchSize;

/** Steps of sigmoids, pictures of convolutions: as in the charts of what is recorded. */
const unitOf = ({ experiment, batchSize }: Choice): number => (experiment === 'sigmoid' ? 1 : batchSize);

export function drawLive(run: Run, here: readonly Row[], recorded: readonly Row[]): void {
  const known = NORMS.filter((norm) => endsOf(recorded, run.experiment, norm, 'loss', recordedSize(run)).length > 0);
  const unit = unitOf(run);
  const frame = { x: unit === 1 ? 'step' : 'pictures seen', xMost: run.steps * unit };
  for (const [index, { measure, y, percent }] of MEASURES.entries()) {
    const lines = known.map((norm): Line => {
      const points = curveOf(recorded, run.experiment, norm, measure, recordedSize(run));
      return {
        name: nameOf(norm),
        colour: COLOURS[norm] ?? 'grey',
        points: points.map(([step, spread]) => [step * unit, spread] as const),
      };
    });
    const mine: Line = {
      name: `${nameOf(run.norm)}, trained here`,
      colour: 'ink',
      // A loss that is no number any more is said, not drawn.
      points: here
        .filter((row) => Number.isFinite(row[measure]))
        .map((row) => [row.step * unit, spreadOf([row[measure]])] as const),
    };
    charts[index]!.draw([...lines, mine], { y, percent, ...frame });
  }
  showEnds(run, here, recorded, known);
}

const nameOf = (norm: Norm): string => (norm === 'none' ? 'without' : NORM_NAMES[norm]);

/** The same as a table: the mean of the last samples. */
function showEnds(run: Run, here: readonly Row[], recorded: readonly Row[], known: readonly Norm[]): void {
  const size = recordedSize(run);
  const lines = known.map((norm) => {
    const meanOf = (measure: Measure): number => spreadOf(endsOf(recorded, run.experiment, norm, measure, size)).mean;
    return [
      `${nameOf(norm)}, recorded${size === run.batchSize ? '' : ` (batches of ${size})`}`,
      meanOf('loss'),
      meanOf('testError'),
    ] as const;
  });
  const ended = here.at(-1)?.step === run.steps;
  const meanHere = (measure: Measure): number => spreadOf(here.slice(-LAST).map((row) => row[measure])).mean;
  const mine = [
    `${nameOf(run.norm)}, here`,
    ended ? meanHere('loss') : NaN,
    ended ? meanHere('testError') : NaN,
  ] as const;
  element('ends').innerHTML = [...lines, mine]
    .map(
      ([name, loss, error]) =>
        `<tr><th scope="row">${name}</th><td>${orDash(loss, loss.toFixed(3))}</td><td>${orDash(error, formatPercent(error))}</td></tr>`,
    )
    .join('');
}

const orDash = (value: number, text: string): string => (Number.isNaN(value) ? '–' : text);
