import { NormError } from 'webgpu-norm';
import type { Mode } from './modes.ts';
import { draw } from './picture.ts';
import type { Pictures } from './picture.ts';
import { drawShares } from './shares.ts';
import { groupOf, largestMagnitude, summarize } from './statistics.ts';
import type { Summary } from './statistics.ts';

const AXES = ['N', 'C', 'H', 'W'];
const LABELS: Partial<Record<keyof Summary, string>> = { sum: 'Σ x', norm: '‖x‖₂', absolute: 'Σ |x|' };

/** An empty card of a mode. */
export function makeCard(mode: Mode): HTMLElement {
  const card = document.createElement('article');
  card.className = 'card';
  card.dataset['mode'] = mode.id;
  card.innerHTML = `
    <div class="top"><h2>${mode.title}</h2>${drawShares(mode.shares)}</div>
    <div class="formula">${mode.formula}</div>
    <canvas role="img" aria-label="The result of ${mode.title}"></canvas>
    <p class="note">${mode.note} <span class="mapping"></span></p>
    <table>
      <thead><tr><th>over ${mode.shares.map((axis) => AXES[axis]).join(', ')}</th><th>before</th>${mode.styled ? '<th>style</th>' : ''}<th>after</th></tr></thead>
      <tbody></tbody>
    </table>
    <p class="error">Computing …</p>
    <details><summary>Code</summary><pre><code>${mode.code}</code></pre></details>`;
  return card;
}

/** What was computed for a card. */
export interface Outcome {
  before: Pictures;
  style: Pictures;
  after: Pictures;
  /** The largest difference from the reference; null where the reference itself is shown. */
  difference: number | null;
  /** What it ran on. */
  adapter: string;
}

export function fillCard(card: HTMLElement, mode: Mode, outcome: Outcome): void {
  const { before, style, after, difference, adapter } = outcome;
  const largest = largestMagnitude(after.data);
  const [black, white] = { centred: [-2.5, 2.5], positive: [0, largest || 1], unit: [0, 1] }[mode.show] as [
    number,
    number,
  ];
  draw(card.querySelector('canvas')!, after, (value) => (value - black) / (white - black));
  card.querySelector('.mapping')!.textContent = `Black is ${format(black)}, white ${format(white)}.`;
  fillTable(card.querySelector('tbody')!, mode, mode.styled ? [before, style, after] : [before, after]);
  const error = card.querySelector('.error')!;
  error.classList.remove('failed');
  error.innerHTML =
    difference === null
      ? 'Computed by the float64 reference itself.'
      : `Largest difference from float64: <strong>${difference.toExponential(1)}</strong>, on ${adapter}`;
  card.dataset['path'] = difference === null ? 'cpu' : 'gpu';
  card.dataset['maxError'] = String(difference ?? 0);
  card.dataset['magnitude'] = String(largest);
}

/** Says on the card what went wrong, and takes off what an earlier picture left there. */
export function failCard(card: HTMLElement, problem: unknown): void {
  const canvas = card.querySelector('canvas')!;
  canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height);
  card.querySelector('tbody')!.replaceChildren();
  for (const result of ['path', 'maxError', 'magnitude']) delete card.dataset[result];
  const error = card.querySelector('.error')!;
  error.classList.add('failed');
  const kind = problem instanceof NormError ? ` (${problem.code})` : '';
  error.textContent = `${problem instanceof Error ? problem.message : String(problem)}${kind}`;
  card.dataset['failed'] = 'true';
}

function fillTable(body: Element, mode: Mode, columns: readonly Pictures[]): void {
  const summaries = columns.map((pictures) => summarize(groupOf(pictures, mode.shares)));
  const rows: [string, keyof Summary][] = [
    ['mean', 'mean'],
    ['deviation', 'deviation'],
    ['least', 'least'],
    ['most', 'most'],
  ];
  if (mode.total) rows.push([LABELS[mode.total]!, mode.total]);
  body.innerHTML = rows
    .map(([label, key]) => {
      const values = summaries.map((summary) => `<td>${format(summary[key])}</td>`).join('');
      return `<tr><th scope="row">${label}</th>${values}</tr>`;
    })
    .join('');
}

function format(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || magnitude === 1 || magnitude === 2.5) return signed(String(value));
  if (magnitude < 1e-7) return '≈ 0';
  return signed(magnitude < 1e-3 || magnitude >= 1e5 ? value.toExponential(2) : value.toPrecision(4));
}

/** With a minus as wide as the digits. */
function signed(text: string): string {
  return text.replaceAll('-', '−');
}
