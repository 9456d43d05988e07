import { AXES, indexOf, PLACES, SIZES, VALUES } from './tensor.ts';
import type { Axis, Place } from './tensor.ts';

/** The tensor with all its elements in sight: a table of samples and channels, of rows and columns each. */

export interface Looks {
  /** The element that is explained. */
  active: number;
  lit: ReadonlySet<number>;
  marked: ReadonlySet<number>;
  batch: number;
  /** From 0 to 1, by element. */
  shades: readonly number[];
}

export interface Listener {
  /** A pointer is on an element, or no longer on any. */
  look(index: number | null): void;
  choose(index: number): void;
}

export function makeCells(tensor: HTMLElement, listener: Listener): (looks: Looks) => void {
  const cells = PLACES.map((_, index) => makeCell(index));
  for (const axis of ['N', 'C'] as const) {
    for (let at = 0; at < SIZES[axis]; at++) tensor.append(makeLabel(axis, at));
  }
  for (let index = 0; index < cells.length; index += SIZES.H * SIZES.W) {
    tensor.append(makePatch(PLACES[index]!, cells.slice(index, index + SIZES.H * SIZES.W)));
  }
  const chosen = (event: Event): number | null => {
    const cell = (event.target as Element).closest<HTMLElement>('.cell');
    return cell && cell.getAttribute('aria-disabled') !== 'true' ? Number(cell.dataset['index']) : null;
  };
  tensor.addEventListener('pointerover', (event) => event.pointerType === 'mouse' && listener.look(chosen(event)));
  tensor.addEventListener('pointerleave', () => listener.look(null));
  for (const kind of ['click', 'focusin']) {
    tensor.addEventListener(kind, (event) => {
      const index = chosen(event);
      if (index !== null) listener.choose(index);
    });
  }
  tensor.addEventListener('keydown', (event) => {
    const from = chosen(event);
    const to = from === null ? null : neighbour(from, event.key, tensor);
    if (to === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (cells[to]!.getAttribute('aria-disabled') !== 'true') cells[to]!.focus();
  });
  return (looks) => cells.forEach((cell, index) => update(cell, index, looks));
}

function makeCell(index: number): HTMLButtonElement {
  const cell = document.createElement('button');
  cell.type = 'button';
  cell.className = 'cell';
  cell.dataset['index'] = String(index);
  return cell;
}

function makePatch({ N, C }: Place, cells: readonly HTMLElement[]): HTMLElement {
  const patch = document.createElement('div');
  patch.className = 'patch';
  patch.setAttribute('role', 'group');
  patch.setAttribute('aria-label', `Sample ${N}, channel ${C}`);
  placeAt(patch, N + 1, C + 1);
  patch.append(...cells);
  return patch;
}

function makeLabel(axis: 'N' | 'C', at: number): HTMLElement {
  const label = document.createElement('span');
  label.className = `label of-${axis}`;
  label.setAttribute('aria-hidden', 'true');
  label.innerHTML = `<b>${axis === 'N' ? 'sample' : 'channel'}</b> ${at}`;
  placeAt(label, axis === 'N' ? at + 1 : 0, axis === 'C' ? at + 1 : 0);
  return label;
}

/** Line 0 is that of the labels. The style says which axis goes down and which to the right. */
function placeAt(element: HTMLElement, N: number, C: number): void {
  element.style.setProperty('--n', String(N + 1));
  element.style.setProperty('--c', String(C + 1));
}

function update(cell: HTMLElement, index: number, { active, lit, marked, batch, shades }: Looks): void {
  const { N, H, W } = PLACES[index]!;
  const together = lit.has(index);
  cell.classList.toggle('lit', together);
  cell.classList.toggle('marked', marked.has(index));
  cell.classList.toggle('active', index === active);
  cell.tabIndex = index === active ? 0 : -1;
  cell.style.setProperty('--v', shades[index]!.toFixed(3));
  cell.setAttribute('aria-disabled', String(N >= batch));
  cell.setAttribute('aria-label', `row ${H}, column ${W}: ${VALUES[index]}${together ? ', in the group' : ''}`);
}

/** The element that a key leads to, as they are seen. */
function neighbour(from: number, key: string, tensor: HTMLElement): number | null {
  const across = (getComputedStyle(tensor).getPropertyValue('--across').trim() || 'C') as 'N' | 'C';
  const down = across === 'C' ? 'N' : 'C';
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!step) return null;
  const place: Record<Axis, number> = { ...PLACES[from]! };
  for (const [block, inner, by] of [
    [across, 'W', step[0]!],
    [down, 'H', step[1]!],
  ] as const) {
    const at = place[block] * SIZES[inner] + place[inner] + by;
    place[block] = Math.floor(at / SIZES[inner]);
    place[inner] = at - place[block] * SIZES[inner];
  }
  return AXES.every((axis) => place[axis] >= 0 && place[axis] < SIZES[axis]) ? indexOf(place) : null;
}
