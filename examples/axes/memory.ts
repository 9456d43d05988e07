import type { Listener, Looks } from './cells.ts';
import { offsetOf, PLACES, SIZES } from './tensor.ts';
import type { Layout } from './tensor.ts';

/** The elements in the order in which they lie in memory, a sample a line. */

export function makeStrip(strip: HTMLElement, listener: Listener): (looks: Looks, layout: Layout) => void {
  const marks = PLACES.map(() => document.createElement('i'));
  strip.append(...marks);
  const indexAt = (event: Event): number | null => {
    const { index } = (event.target as HTMLElement).dataset;
    return index === undefined ? null : Number(index);
  };
  strip.addEventListener('pointerover', (event) => event.pointerType === 'mouse' && listener.look(indexAt(event)));
  strip.addEventListener('pointerleave', () => listener.look(null));
  strip.addEventListener('click', (event) => {
    const index = indexAt(event);
    if (index !== null) listener.choose(index);
  });
  return ({ active, lit, marked, batch, shades }, layout) => {
    PLACES.forEach((place, index) => {
      const mark = marks[offsetOf(place, layout)]!;
      mark.classList.toggle('lit', lit.has(index));
      mark.classList.toggle('marked', marked.has(index));
      mark.classList.toggle('active', index === active);
      mark.classList.toggle('absent', place.N >= batch);
      mark.style.setProperty('--v', shades[index]!.toFixed(3));
      if (place.N < batch) mark.dataset['index'] = String(index);
      else delete mark.dataset['index'];
    });
  };
}

/** In words, how a group lies in memory, and where the element is. */
export function describeMemory(active: number, lit: ReadonlySet<number>, layout: Layout): string {
  const offsets = [...lit].map((index) => offsetOf(PLACES[index]!, layout)).toSorted((a, b) => a - b);
  const starts = offsets.filter((offset, at) => at === 0 || offsets[at - 1] !== offset - 1);
  const run = offsets.length / starts.length;
  const apart = new Set(starts.slice(1).map((start, at) => start - starts[at]!));
  const step = apart.size === 1 ? `, ${[...apart][0]} apart` : '';
  const runs =
    starts.length === 1
      ? `The group is one run of ${count(run)}`
      : `The group is ${starts.length} runs of ${count(run)}${step}`;
  const place = PLACES[active]!;
  const [first, second, third, last] = [...layout].map((axis) => place[axis as keyof typeof place]);
  const [, two, three, four] = [...layout].map((axis) => SIZES[axis as keyof typeof place]);
  const offset = offsetOf(place, layout);
  return `${runs}. This element is number ${offset} = ((${first} · ${two} + ${second}) · ${three} + ${third}) · ${four} + ${last}.`;
}

const count = (elements: number): string => `${elements} element${elements === 1 ? '' : 's'}`;
