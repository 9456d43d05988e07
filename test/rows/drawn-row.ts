import { createContext } from '../../src/index.ts';
import type { Context, ContextOptions } from '../../src/index.ts';
import type { Case } from '../gpu/fuzz/case.ts';
import { fillCase } from '../gpu/fuzz/fill-case.ts';
import { adapterOf } from '../gpu/fuzz/run-case.ts';
import { Random } from '../gpu/support/random.ts';
import { callOf } from './call.ts';
import type { Call } from './call.ts';
import { lessUsual, neighboursOf, picked, withMore } from './neighbours.ts';
import type { FIRSTS } from './neighbours.ts';
import { NotingDevice } from './noting-device.ts';
import { INTO, Row } from './row.ts';
import type { Into } from './row.ts';

/** Invocations of a subgroup, where plans are for some. */
const SUBGROUP = 4;
/** Arrays of a pass where there are few: as many as any call takes. */
const MOST_ARRAYS = 8;

/** A random call, and those that are another in one thing. */
export class DrawnRow {
  /** The calls, and in what each is another than the first. */
  readonly calls: readonly (readonly [string, Call])[];
  readonly #adapter: ContextOptions;
  readonly #into: Into;

  private constructor(calls: DrawnRow['calls'], adapter: ContextOptions, into: Into) {
    this.calls = calls;
    this.#adapter = adapter;
    this.#into = into;
  }

  /** The row of a case, of another operation and with what it takes more; null where there is no such call. */
  static of({ profile, pieces, ...rest }: Case, [op, more]: (typeof FIRSTS)[number]): DrawnRow | null {
    const maxArrays = profile.maxArrays && MOST_ARRAYS;
    const random = new Random(rest.numbers);
    const less = { ...rest, profile: { ...profile, maxArrays }, pieces: rest.numbers % 4 === 0 ? pieces : 1 };
    const drawn = lessUsual(less, op, random);
    const filled = fillCase(drawn);
    const plain = callOf(drawn);
    if (!filled || !plain) return null;
    const first = more ? withMore(plain, more) : plain;
    const calls = [['the first', first] as const, ...neighboursOf(drawn, first, random)];
    // Only a pass has zeros written by dispatches, wherever there is nothing to normalize.
    const into = drawn.size.N === 0 ? 'a pass' : picked(INTO, random);
    return new DrawnRow(calls, adapterOf(filled, SUBGROUP), into);
  }

  /** What each has the device do alone. The first one comes last, and to a device that has no programs yet. */
  async alone(noting: NotingDevice): Promise<string[][]> {
    const told: string[][] = [];
    for (const [index, [, call]] of [...this.calls.entries()].toReversed()) {
      await this.#on(index === 0 ? new NotingDevice() : noting, (row) => {
        const lines = row.call(call);
        row.submit();
        told[index] = lines();
      });
    }
    return told;
  }

  /** Where calls have the device do something else than alone, if each follows the first on one context, and the first each of them. */
  async faults(noting: NotingDevice, alone: readonly (readonly string[])[]): Promise<string[]> {
    const faults: string[] = [];
    await this.#on(noting, (row) => {
      const order = this.calls.flatMap((_, index) => (index === 0 ? [0] : [index, 0]));
      const told = order.map((index) => row.call(this.calls[index]![1]));
      row.submit();
      told.forEach((lines, at) => {
        const [own, exact] = [lines(), alone[order[at]!]!];
        const line = Array.from({ length: Math.max(own.length, exact.length) }).findIndex(
          (_, i) => own[i] !== exact[i],
        );
        if (line < 0) return;
        const [name, before] = [order[at]!, order[at - 1] ?? 0].map((index) => this.calls[index]![0]);
        faults.push(`'${name}' after '${before}'\nalone    ${exact[line]}\nin a row ${own[line]}`);
      });
    });
    return faults;
  }

  async #on(noting: NotingDevice, work: (row: Row) => void): Promise<void> {
    using context: Context = await createContext({ device: noting.device, ...this.#adapter });
    work(new Row(context, noting, this.#into));
  }
}

/** Whether a call was none that is refused. */
export function isMade(told: readonly string[]): boolean {
  return told.some((line) => line.includes(': y '));
}
