import { SIGMOID_RATES } from './experiment.ts';
import { drawCharts } from './recorded-charts.ts';
import type { Row } from './settings.ts';
import {
  batchVerdict,
  differencesAtEnd,
  finalError,
  formatInterval,
  formatPercent,
  LAST,
  sigmoidVerdict,
} from './summary.ts';

/** Both experiments: their charts, verdicts and table. */

const element = (id: string): HTMLElement => document.getElementById(id)!;

/** Shows the samples of trainings; `source` says where they are from. */
export function showRows(rows: readonly Row[], source: string): void {
  element('recorded').hidden = false;
  element('source').textContent =
    `${source}. The mean of a training’s last ${LAST} samples counts as its end. Lines are means over the seeds, bands go from the least to the largest.`;
  element('rates').textContent = `${SIGMOID_RATES.none} without, ${SIGMOID_RATES.batch} with it`;
  element('sigmoid-verdict').textContent = sigmoidVerdict(rows);
  element('batch-verdict').textContent = batchVerdict(rows);
  drawCharts(rows);
  showDifferences(rows);
}

function showDifferences(rows: readonly Row[]): void {
  const differences = differencesAtEnd(rows);
  element('differences').hidden = differences.length === 0;
  element('differences').querySelector('tbody')!.innerHTML = differences
    .map(([size, difference]) => {
      const [batch, group] = (['batch', 'group'] as const).map((norm) =>
        formatPercent(finalError(rows, norm, size)!.mean),
      );
      return `<tr><th scope="row">${size}</th><td>${batch}</td><td>${group}</td><td>${formatInterval(difference)}</td></tr>`;
    })
    .join('');
}
