import { sizeOf } from '../cases/case.ts';
import { isGrowth } from '../cases/growth.ts';
import type { Row } from './results.ts';

/** A time among others of its mode, as it grows with something. */
export interface Point {
  /** `growth` with the elements, `aspect` with how many of them are in a row. */
  series: 'growth' | 'aspect';
  mode: string;
  library: string;
  pass: Row['pass'];
  x: number;
  nanosecondsAnElement: number;
  /** The same as a multiple of the copy's. */
  copies: number | null;
}

export function pointsOf(rows: readonly Row[]): Point[] {
  return rows
    .filter((row) => isGrowth({ name: row.case }) && row.ms !== null)
    .map(({ case: name, library, pass, shape, ms, copyMultiple: copies }) => {
      const [series, mode] = name.split(' ') as [Point['series'], string];
      const elements = sizeOf(shape);
      const x = series === 'growth' ? elements : shape.at(-1)!;
      return { series, mode, library, pass, x, nanosecondsAnElement: (ms! * 1e6) / elements, copies };
    });
}
