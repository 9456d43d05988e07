import type { Random } from './random.ts';

/** What heads are rotated by: cos and sin of angles, and positions. */

/** Tables and positions as numbers. */
export interface Tables {
  cos: Numbers;
  sin: Numbers;
  positions?: { data: Uint32Array<ArrayBuffer>; shape: number[] };
}

export interface Numbers {
  data: Float32Array<ArrayBuffer>;
  shape: number[];
}

/** Of what kind the tables of a call are. */
export const TABLES = ['rows', 'more rows', 'positions', 'positions of samples', 'rows of samples'] as const;
/** And more rows than each sample has tokens. */
export const ALL_TABLES = [...TABLES, 'more rows of samples'] as const;

/** Tables of angles that are no two alike, so that a wrong row or pair shows. */
export function tablesFor(
  { shape, tokenAxis, dims }: { shape: readonly number[]; tokenAxis: number; dims: number },
  kind: (typeof ALL_TABLES)[number],
  random: Random,
): Tables {
  const tokens = shape.at(tokenAxis)!;
  const hasSamples = shape.length > 2 && tokenAxis !== 0;
  const perSample = hasSamples && kind.endsWith('samples');
  const rows = kind === 'rows' || kind === 'rows of samples' ? tokens : tokens + 5;
  const of = perSample && kind.includes('rows') ? [shape[0]!, rows, dims / 2] : [rows, dims / 2];
  const angles = Float64Array.from({ length: of.reduce((a, b) => a * b, 1) }, () => 2 * Math.PI * random.uniform());
  const table = (of_: (angle: number) => number): Numbers => ({ data: Float32Array.from(angles, of_), shape: of });
  const tables: Tables = { cos: table(Math.cos), sin: table(Math.sin) };
  if (!kind.startsWith('positions')) return tables;
  const given = perSample ? [shape[0]!, tokens] : [tokens];
  const data = Uint32Array.from({ length: given.reduce((a, b) => a * b, 1) }, () =>
    Math.floor(random.uniform() * rows),
  );
  return { ...tables, positions: { data, shape: given } };
}
