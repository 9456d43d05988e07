import { cellsOf, comparisonVerdict } from './comparison.ts';
import type { Comparison } from './comparison.ts';

const place = document.getElementById('comparison') as HTMLElement;

/** Shows a comparison in its place on the page, which is hidden where there is none. */
export function showComparison(comparison: Comparison | null): void {
  place.hidden = !comparison;
  if (!comparison) return;
  const { dtype, ends } = comparison;
  place.querySelector('h2')!.textContent = `Stored in ${dtype}, and in f32`;
  place.querySelector('.verdict')!.textContent = comparisonVerdict(comparison);
  place
    .querySelector('thead tr')!
    .replaceChildren(
      ...['network', 'at the end', 'f32 ± deviation', dtype, 'deviations apart', ''].map((text) => cell('th', text)),
    );
  place.querySelector('tbody')!.replaceChildren(
    ...ends.map((end) => {
      const row = document.createElement('tr');
      row.classList.toggle('outside', !end.within);
      row.append(...cellsOf(end).map((text, index) => cell(index === 0 ? 'th' : 'td', text)));
      return row;
    }),
  );
}

function cell(tag: 'th' | 'td', text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
