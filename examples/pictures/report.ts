import { largestOf } from './cpu-engine.ts';
import { blackAndWhite } from './engine.ts';
import type { Engine, Measured } from './engine.ts';
import { factsOf, NO_FACTS } from './facts.ts';
import { format, inTen } from './format.ts';
import { Histogram } from './histogram.ts';
import { rangeOf } from './counts.ts';
import { modeOf, MODES } from './modes.ts';
import { drawShares } from './shares.ts';
import type { State } from './state.ts';

/** What the page says of the mode, and of the numbers before and after. */
export interface Report {
  describe(state: State): void;
  show(state: State, measured: Measured): void;
  source(engine: Engine, difference: number | null): string;
}

const element = (id: string): HTMLElement => document.getElementById(id)!;
const AXES = ['N', 'C', 'H', 'W'];

export function makeReport(): Report {
  const before = new Histogram(element('histogram-before'), 'Before');
  const after = new Histogram(element('histogram-after'), 'After');
  const notes = MODES.map(({ id, note }) => {
    const paragraph = document.createElement('p');
    paragraph.dataset['mode'] = id;
    paragraph.textContent = note;
    return paragraph;
  });
  element('notes').append(...notes);
  element('facts').innerHTML = NO_FACTS;
  let described: string | null = null;

  const sayDrawn = (black: number, white: number): void => {
    element('drawn').textContent = `Black is ${format(black)}, white ${format(white)}.`;
  };

  return {
    describe: (state) => {
      const mode = modeOf(state.mode);
      const range = blackAndWhite(mode, state);
      if (range) sayDrawn(...range);
      if (described === mode.id) return;
      described = mode.id;
      const axes = mode.shares.map((axis) => AXES[axis]).join(', ');
      const middle = mode.shares.includes(2) && mode.shares.includes(3) ? '' : '; of the pixel in the middle';
      element('mode-title').textContent = mode.title;
      for (const note of notes) note.hidden = note.dataset['mode'] !== mode.id;
      element('shares').innerHTML = drawShares(mode.shares);
      element('formula').innerHTML = mode.formula;
      element('facts-said').textContent = `Statistics over ${axes}${middle}.`;
    },
    show: (state, measured) => {
      const mode = modeOf(state.mode);
      const drawn = blackAndWhite(mode, state) ?? [0, largestOf(measured.after) || 1];
      sayDrawn(...drawn);
      before.draw({ values: measured.before, range: [0, 1], drawn: [0, 1] });
      after.draw({ values: measured.after, range: rangeOf(measured.after), drawn });
      element('facts').innerHTML = factsOf(mode, measured);
    },
    source: ({ kind, description }, difference) => {
      if (kind === 'cpu') return `No WebGPU (${description}): computed in float64 on the CPU.`;
      const checked = difference === null ? '' : ` From float64 it differs by ${inTen(difference)} at most.`;
      return `Computed in f32 on ${description}.${checked}`;
    },
  };
}

/** How many frames are drawn a second, and of which size where that is not the largest. */
export function paceOf(perSecond: number, { size, sizes }: Engine): string {
  const smaller = size === sizes[0] ? '' : `, ${size.width} × ${size.height} to keep pace`;
  return `${Math.round(perSecond)} frames a second${smaller}.`;
}
