import type { Mode } from './modes.ts';
import { draw } from './picture.ts';
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
    <div class="top">
      <div><h3>${mode.title}</h3><div class="formula">${mode.formula}</div></div>
      ${drawShares(mode.shares)}
    </div>
    <canvas role="img" aria-label="The result of ${mode.title}"></canvas>
    <p class="note">${mode.note} <span class="mapping"></span></p>
    <table>
      <thead><tr><th>over ${mode.shares.map((axis) => AXES[axis]).join(', ')}</th><th>before</th><th>after</th></tr></thead>
      <tbody></tbody>
    </table>
    <p class="error">Computing …</p>
    <details><summary>Code</summary><pre><code>${mode.code}</code></pre></details>`;
  return card;
}

/** What was computed for a card. */
export interface Outcome {
  before: ArrayLike<number>;
  after: ArrayLike<number>;
  /** The largest difference from the reference; null where the reference itself is shown. */
  difference: number | null;
  /** What it ran on. */
  adapter: string;
}

export function fillCard(card: HTMLElement, mode: Mode, { before, after, difference, adapter }: Outcome): void {
  const largest = largestMagnitude(after);
  const centred = mode.show === 'centred';
  const show = centred ? (value: number) => 0.5 + value / 5 : (value: number) => value / Math.min(largest, 50);
  draw(card.querySelector('canvas')!, after, mode.show === 'positive' && mode.id === 'adain' ? (value) => value : show);
  card.querySelector('.mapping')!.textContent = centred
    ? 'Shown: −2.5 to 2.5.'
    : `Shown: 0 to ${mode.id === 'adain' ? '1' : format(largest)}.`;
  fillTable(card.querySelector('tbody')!, mode, before, after);
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

/** Says on the card what went wrong. */
export function failCard(card: HTMLElement, problem: unknown): void {
  const error = card.querySelector('.error')!;
  error.classList.add('failed');
  error.textContent = problem instanceof Error ? problem.message : String(problem);
  card.dataset['failed'] = 'true';
}

function fillTable(body: Element, mode: Mode, before: ArrayLike<number>, after: ArrayLike<number>): void {
  const [first, second] = [before, after].map((data) => summarize(groupOf(data, mode.shares)));
  const rows: [string, keyof Summary][] = [
    ['mean', 'mean'],
    ['deviation', 'deviation'],
    ['least', 'least'],
    ['most', 'most'],
  ];
  if (mode.total) rows.push([LABELS[mode.total]!, mode.total]);
  body.innerHTML = rows
    .map(([label, key]) => `<tr><th>${label}</th><td>${format(first![key])}</td><td>${format(second![key])}</td></tr>`)
    .join('');
}

function format(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < 1e-7) return '0';
  return magnitude < 1e-3 || magnitude >= 1e5 ? value.toExponential(2) : value.toPrecision(4);
}
