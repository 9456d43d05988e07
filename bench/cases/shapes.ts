import { uniforms } from '../data.ts';
import type { Case } from './case.ts';

/** Calls whose shape is another one each time: pictures of any size, batches of any length. */

type Size = 'n' | 'h' | 'w';

/** What of a call stays, and which of its sizes do not. */
export interface Kind extends Omit<Case, 'shape'> {
  sizes: readonly (number | Size)[];
}

/** What is measured on a device that has seen none of it: kinds of calls, one after the other. */
export interface Sitting {
  /** Names it on the command line. */
  name: string;
  kinds: readonly Kind[];
  /** How many shapes each library is given of each kind. */
  calls: number;
  /** How many more webgpu-norm is given. */
  more: number;
}

/** The least and the most of each size. */
const RANGES: Record<Size, readonly [least: number, most: number]> = { n: [1, 400], h: [16, 160], w: [16, 160] };

const rows = kind('LayerNorm', ['n', 768], { norm: 'layerNorm', layout: 'rows', axes: 1 });
const instances = kind('InstanceNorm', [1, 32, 'h', 'w'], { norm: 'instanceNorm', layout: 'NCHW' });
const batches = kind('BatchNorm', [4, 32, 'h', 'w'], { norm: 'batchNorm', layout: 'NCHW' });

const KINDS: readonly Kind[] = [
  rows,
  kind('LayerNorm CHW', [2, 16, 'h', 'w'], { norm: 'layerNorm', layout: 'rows', axes: 3 }),
  instances,
  kind('GroupNorm + SiLU', [1, 64, 'h', 'w'], { norm: 'groupNorm', layout: 'NCHW', groups: 32, activation: 'silu' }),
  kind('BatchNorm', ['n', 32, 16, 16], { norm: 'batchNorm', layout: 'NCHW' }),
  batches,
];

export const SITTINGS: readonly Sitting[] = [
  ...KINDS.map((each) => ({ name: each.name, kinds: [each], calls: 30, more: 300 })),
  { name: 'ten shapes each', kinds: [instances, batches, rows], calls: 10, more: 0 },
];

/** The same with fewer shapes. */
export function shortened({ calls, more, ...rest }: Sitting): Sitting {
  return { ...rest, calls: Math.min(calls, 10), more: Math.min(more, 30) };
}

/** A call of another kind than any of these: after it a device is warm. */
export const WARM_UP: Case = { name: 'warm-up', norm: 'rmsNorm', shape: [16, 512], layout: 'rows', axes: 1 };

/** Names a kind in results: by its sitting too, where others were measured before it. */
export function titleOf({ name, kinds }: Sitting, of: Kind): string {
  return kinds.length === 1 ? name : `${name}: ${of.name}`;
}

/** A kind's call on a shape. */
export function caseOf({ sizes: _sizes, ...rest }: Kind, shape: readonly number[]): Case {
  return { ...rest, shape };
}

/** The largest shape there may be. */
export function largestShape({ sizes }: Kind): number[] {
  return sizes.map((size) => (typeof size === 'number' ? size : RANGES[size][1]));
}

/** As many shapes as told, no two alike: the same for the same seed. */
export function shapesOf({ sizes }: Kind, count: number, seed: number): number[][] {
  const uniform = uniforms(seed);
  const draw = ([least, most]: readonly [number, number]): number => least + Math.floor(uniform() * (most - least + 1));
  const found = new Map<string, number[]>();
  while (found.size < count) {
    const shape = sizes.map((size) => (typeof size === 'number' ? size : draw(RANGES[size])));
    found.set(shape.join(), shape);
  }
  return [...found.values()];
}

function kind(title: string, sizes: Kind['sizes'], rest: Omit<Kind, 'name' | 'sizes'>): Kind {
  return { name: `${title} [${sizes.join()}]`, sizes, ...rest };
}
