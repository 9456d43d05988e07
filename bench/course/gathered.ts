import { noiseOf } from '../analysis/noise.ts';
import type { Device, Finished, Measured, Row } from '../analysis/results.ts';
import { OURS } from '../libraries/names.ts';
import { emptyRow } from '../measure/row.ts';
import { leftOf } from './parts.ts';
import type { Part } from './parts.ts';

/** What a run has found so far, with what an earlier one had that it goes on with. */
export class Gathered {
  readonly #parts: readonly Part[];
  readonly #finished: Finished[] = [];
  readonly #rows: Row[] = [];

  /** @param earlier Of it counts what was finished, and is of these parts. */
  constructor(parts: readonly Part[], earlier: Pick<Measured, 'results' | 'finished'> = { results: [], finished: [] }) {
    this.#parts = parts;
    for (const end of earlier.finished) {
      if (this.#place(end) < 0) continue;
      this.add(
        end,
        earlier.results.filter((row) => row.case === end.case && row.pass === end.pass),
      );
    }
  }

  /** From 0 to 1. */
  get share(): number {
    return this.#finished.length / this.#parts.flatMap(({ passes }) => passes).length;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  left(): Part[] {
    return leftOf(this.#parts, this.#finished);
  }

  /** A pass, and its rows. */
  add(end: Finished, rows: readonly Row[]): void {
    this.#finished.push(end);
    this.#rows.push(...rows);
  }

  /** A case that could not be measured to its end: one row says why. */
  addFailure({ of, passes }: Part, error: string): Row {
    const row = { ...emptyRow(of, passes[0]!, OURS), error };
    this.#rows.push(row);
    return row;
  }

  /** In the order of the parts, whenever each was measured. */
  measured(device: Device): Measured {
    const ordered = <T extends Row | Finished>(items: readonly T[]): T[] =>
      items.toSorted((a, b) => this.#place(a) - this.#place(b));
    return {
      ...device,
      noise: noiseOf(this.#finished),
      results: ordered(this.#rows),
      finished: ordered(this.#finished),
    };
  }

  /** Negative where it is of none of the parts. */
  #place({ case: name, pass }: Pick<Finished, 'case' | 'pass'>): number {
    return this.#parts
      .flatMap(({ of, passes }) => passes.map((each) => ({ name: of.name, each })))
      .findIndex((place) => place.name === name && place.each === pass);
  }
}
