import * as m from './mathml.ts';
import { modeOf } from './modes.ts';
import type { Numbers } from './numbers.ts';
import { channelsPerGroup } from './sharing.ts';
import type { Sharing } from './sharing.ts';
import { sharingIn } from './state.ts';
import type { State } from './state.ts';
import { PLACES, SIZES, VALUES } from './tensor.ts';
import type { Axis, Place } from './tensor.ts';

/** What the page says about one element. */

const EPS = 1e-5;

export interface Explanation {
  element: string;
  sentence: string;
  /** Names and values, as HTML. */
  facts: readonly (readonly [name: string, value: string, id: string])[];
  formula: string;
}

/** `numbers` is null while they are computed. */
export function explain(state: State, active: number, count: number, numbers: Numbers | null): Explanation {
  const place = PLACES[active]!;
  const by = sharingIn(state);
  const words = wordsOf(state, active, count, numbers);
  const others = count === 1 ? 'alone' : `with ${count - 1} other${count === 2 ? '' : 's'}`;
  const result = numbers
    ? ` It is ${words.x}, the ${words.label} is ${words.divisor}; normalized it is ${words.y}.`
    : '';
  const sum = state.statistic === 'sum';
  return {
    element: `x[${place.N}, ${place.C}, ${place.H}, ${place.W}]`,
    sentence: `Normalized ${others}: ${describeGroup(place, by, state.batch)}.<span class="unseen">${result}</span>`,
    facts: [
      ['Elements in the group', String(count), 'count'],
      ['Groups', String((state.batch * VALUES.length) / SIZES.N / count), 'number'],
      ['Mean μ', words.mean, 'mean'],
      [sum ? 'Sum Σ' : 'Deviation σ', words.divisor, 'divisor'],
      ['Before x', words.x, 'x'],
      ['After y', words.y, 'y'],
      ['γ and β', parametersOf(state), 'parameters'],
    ],
    formula: sum ? sumFormula(words) : deviationFormula(words),
  };
}

interface Words {
  x: string;
  y: string;
  mean: string;
  variance: string;
  label: string;
  divisor: string;
}

function wordsOf({ statistic }: State, active: number, count: number, numbers: Numbers | null): Words {
  const place = PLACES[active]!;
  const sum = statistic === 'sum';
  const say = (of: (numbers: Numbers) => number, digits: number): string =>
    numbers ? format(of(numbers), digits) : '…';
  return {
    x: VALUES[active]!.toFixed(2),
    y: say(({ y }) => y(place), 4),
    mean: say(({ mean }) => mean(place), 4),
    variance: say(({ variance }) => variance(place), 5),
    label: sum ? 'sum of the group' : 'deviation of the group',
    divisor: say((known) => (sum ? count * known.mean(place) : Math.sqrt(known.variance(place))), sum ? 2 : 4),
  };
}

/** With a minus as wide as the digits, and no negative zero. */
function format(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
}

function deviationFormula({ x, y, mean, variance }: Words): string {
  const top = m.row(m.name('x'), m.sign('−'), m.name('μ'));
  const bottom = m.root(m.row(m.square(m.name('σ')), m.sign('+'), m.name('ε')));
  const numbers = m.fraction(
    m.row(m.number(x), m.sign('−'), number(mean)),
    m.root(m.row(m.number(variance), m.sign('+'), m.number(EPS.toFixed(5)))),
  );
  return twoLines(m.fraction(top, bottom), numbers, y);
}

function sumFormula({ x, y, divisor }: Words): string {
  const sum = m.row(m.sign('∑'), m.name('x'));
  return twoLines(m.fraction(m.name('x'), sum), m.fraction(m.number(x), m.number(divisor)), y);
}

const number = (digits: string): string =>
  digits.startsWith('−') ? m.row(m.sign('('), m.number(digits), m.sign(')')) : m.number(digits);

const twoLines = (general: string, numbers: string, result: string): string =>
  m.math(m.name('y'), m.sign('='), general) + m.math(m.sign('='), numbers, m.sign('='), m.number(result));

/** Which elements a group has, in words. */
function describeGroup(place: Place, by: Sharing, batch: number): string {
  const all = (axis: Axis): boolean => by.axes.includes(axis);
  const sample = all('N') && batch > 1 ? 'every sample' : `sample ${place.N}`;
  return `${channelsOf(place, by)} of ${sample}, ${positionsOf(place, all('H'), all('W'))}`;
}

function channelsOf({ C }: Place, by: Sharing): string {
  if (!by.axes.includes('C')) return `channel ${C}`;
  if (by.groups === 1) return 'every channel';
  const each = channelsPerGroup(by);
  const first = Math.floor(C / each) * each;
  return each === 2 ? `channels ${first} and ${first + 1}` : `channels ${first} to ${first + each - 1}`;
}

function positionsOf({ H, W }: Place, rows: boolean, columns: boolean): string {
  if (rows && columns) return 'at every position';
  if (!rows && !columns) return `at row ${H}, column ${W} alone`;
  return rows ? `every row of column ${W}` : `every column of row ${H}`;
}

/** How many parameters there are, and how they are shaped. */
function parametersOf({ mode, statistic }: State): string {
  const along = modeOf(mode).parametersAlong;
  if (statistic === 'sum') return 'none';
  if (!along) return 'any that broadcast to x';
  const shape = (['C', 'H', 'W'] as const).filter((axis) => !along.includes(axis)).map((axis) => SIZES[axis]);
  const each = shape.reduce((product, size) => product * size, 1);
  return `[${shape.join(', ')}] each: ${2 * each} numbers`;
}
