import { areTogether } from './sharing.ts';
import type { Sharing } from './sharing.ts';
import { SIZES } from './tensor.ts';
import type { Place } from './tensor.ts';

/**
 * The tensor as a block, after figure 2 of Wu and He 2018: channels to the left, samples to the right, positions downwards;
 * what shares statistics with the element of the front edge is lit.
 */

const POSITIONS = SIZES.H * SIZES.W;
/** One step along each axis, in units of the drawing. */
const STEPS = { N: [7.4, -4.3], C: [-7.4, -4.3], P: [0, 5.4] } as const;
const MARGIN = 1;
/** At either side, for a name. */
const ROOM = 14;
const LEFT = SIZES.C * 7.4 + MARGIN;
const TOP = (SIZES.N + SIZES.C) * 4.3 + MARGIN;
/** Of the edge at the left. */
const SIDE_TOP = SIZES.N * 4.3 + MARGIN;

type Solid = 'N' | 'C' | 'P';
type Counts = Readonly<Record<Solid, number>>;
const FACES: readonly { name: string; axes: readonly [Solid, Solid] }[] = [
  { name: 'top', axes: ['N', 'C'] },
  { name: 'left', axes: ['C', 'P'] },
  { name: 'right', axes: ['N', 'P'] },
];

export function drawCube(by: Sharing, batch: number): string {
  const counts = { N: batch, C: SIZES.C, P: POSITIONS };
  const width = (SIZES.N + SIZES.C) * 7.4 + 2 * MARGIN;
  const height = TOP + POSITIONS * 5.4 + MARGIN;
  const faces = FACES.map((face) => {
    const [a, b] = face.axes;
    const all = quad(a, 0, counts[a], b, 0, counts[b]);
    return `<path class="${face.name}" d="${all}"/><path class="lit ${face.name}" d="${litOf(a, b, counts, by)}"/><path class="lines" d="${linesOf(a, b, counts)}"/>`;
  });
  return `<svg class="cube" viewBox="${-ROOM} 0 ${(width + 2 * ROOM).toFixed(1)} ${height.toFixed(1)}" aria-hidden="true">${faces.join('')}${labels(width, height)}</svg>`;
}

/** The names of the axes, beside the edges that they run along. */
function labels(width: number, height: number): string {
  const middle = (TOP + SIDE_TOP + POSITIONS * STEPS.P[1]) / 2;
  return `<text x="${(LEFT / 2 - 8).toFixed(1)}" y="${height - 6}">C</text>
    <text x="${((LEFT + width) / 2 + 9).toFixed(1)}" y="${height - 3}">N</text>
    <text transform="translate(-2 ${middle.toFixed(1)}) rotate(-90)">H·W</text>`;
}

function litOf(a: Solid, b: Solid, counts: Counts, by: Sharing): string {
  const lit: string[] = [];
  for (let i = 0; i < counts[a]; i++) {
    for (let j = 0; j < counts[b]; j++) {
      if (areTogether(placeAt({ [a]: i, [b]: j }), placeAt({}), by)) lit.push(quad(a, i, i + 1, b, j, j + 1));
    }
  }
  return lit.join('');
}

function placeAt({ N = 0, C = 0, P = 0 }: Partial<Record<Solid, number>>): Place {
  return { N, C, H: Math.floor(P / SIZES.W), W: P % SIZES.W };
}

function linesOf(a: Solid, b: Solid, counts: Counts): string {
  const along = (axis: Solid, other: Solid): string =>
    Array.from(
      { length: counts[axis] + 1 },
      (_, at) => `M${point({ [axis]: at, [other]: 0 })}L${point({ [axis]: at, [other]: counts[other] })}`,
    ).join('');
  return along(a, b) + along(b, a);
}

function quad(a: Solid, from: number, to: number, b: Solid, first: number, last: number): string {
  const corners = [
    [from, first],
    [to, first],
    [to, last],
    [from, last],
  ].map(([i, j]) => point({ [a]: i!, [b]: j! }));
  return `M${corners.join('L')}Z`;
}

function point({ N = 0, C = 0, P = 0 }: Partial<Record<Solid, number>>): string {
  const [x, y] = [0, 1].map((d) => N * STEPS.N[d]! + C * STEPS.C[d]! + P * STEPS.P[d]!);
  return `${(LEFT + x!).toFixed(1)} ${(TOP + y!).toFixed(1)}`;
}
