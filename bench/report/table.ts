import { element } from './element.ts';

/** Rows under a title; the first cell of each names it. */
export interface Section {
  cells: readonly string[];
  /** With an error instead of numbers where there is one. */
  rows: readonly { cells: readonly string[]; error: string | undefined }[];
}

/** A table that scrolls by itself where the page is narrower. */
export function drawTable(label: string, sections: readonly Section[]): HTMLElement {
  const cell = (name: 'td' | 'th', textContent: string): HTMLElement => element(name, { textContent });
  const bodies = sections.map(({ cells: titles, rows }) =>
    element('tbody', {}, [
      element(
        'tr',
        { className: 'title' },
        titles.map((text) => cell('th', text)),
      ),
      ...rows.map(({ cells: [name, ...numbers], error }) => {
        const failed = element('td', { className: 'failed', colSpan: numbers.length, textContent: error ?? '' });
        return element('tr', {}, [
          cell('th', name!),
          ...(error === undefined ? numbers.map((text) => cell('td', text)) : [failed]),
        ]);
      }),
    ]),
  );
  return element('div', { className: 'scroll', role: 'region', ariaLabel: label, tabIndex: 0 }, [
    element('table', { className: 'numbers' }, bodies),
  ]);
}
