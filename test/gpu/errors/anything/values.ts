import { NormError } from '../../../../src/index.ts';

/** What may be put in the place of any argument or option. */
export const VALUES: Readonly<Record<string, unknown>> = {
  null: null,
  undefined,
  true: true,
  '0': 0,
  '-1': -1,
  '1.5': 1.5,
  NaN: NaN,
  '1e400': Infinity,
  'a BigInt': 3n,
  'a Symbol': Symbol('anything'),
  "''": '',
  "'text'": 'text',
  '[]': [],
  '[null]': [null],
  '[1.5, -7]': [1.5, -7],
  'a list with holes': Array(2),
  '{}': {},
  '{ length }': { length: 3 },
  'an object without a prototype': Object.create(null),
  'a function': () => {},
  'an object of a class': new (class Anything {})(),
  'a Date': new Date(0),
  'a Map': new Map(),
  'a Promise': Promise.resolve(null),
  'a Float32Array': new Float32Array(3),
  'an ArrayBuffer': new ArrayBuffer(4),
};

/** The names of all options of normalizations, and one that is none. */
export const NAMES: readonly string[] = (
  'axes eps unbiased weight bias zeroCenteredWeight mask maskOutput segments residual gate inputBias modulation multiply add activation rotary ' +
  'negativeSlope alpha inputShift layout channelAxis training moments useInputStats meanScale runningMean runningVar momentum numBatchesTracked ' +
  'numGroups partial statistic style out encoder misspelt'
).split(' ');

/** A call that is right: its function and what it is given, made anew for each time; `options`: the argument that holds options, and all of their names. */
export interface Right {
  readonly name: string;
  readonly call: (...given: never[]) => unknown;
  readonly given: () => readonly unknown[];
  readonly options?: { readonly at: number; readonly names: readonly string[] };
}

/** What comes of a call other than that it works or is refused by a NormError; null: nothing. */
async function wrongWith(call: Right['call'], given: readonly unknown[]): Promise<string | null> {
  try {
    await call(...(given as never[]));
    return null;
  } catch (error) {
    if (error instanceof NormError) return null;
    return String(error);
  }
}

/** Puts everything in the place of each argument and option of a call in turn, and more behind them; what does not end as it should. */
export async function unguarded({ name, call, given, options }: Right): Promise<string[]> {
  const failed: string[] = [];
  const attempt = async (says: string, change: (all: unknown[]) => void): Promise<void> => {
    const all = [...given()];
    change(all);
    const wrong = await wrongWith(call, all);
    if (wrong !== null) failed.push(`${name}(${says}): ${wrong}`);
  };
  try {
    await call(...(given() as never[]));
  } catch (error) {
    failed.push(`${name} as it should be: ${String(error)}`);
  }
  for (const [is, value] of Object.entries(VALUES)) {
    for (let at = 0; at <= given().length; at++)
      await attempt(`argument ${at}: ${is}`, (all) => void (all[at] = value));
    for (const option of options?.names ?? []) {
      await attempt(
        `${option}: ${is}`,
        (all) => void (all[options!.at] = { ...(all[options!.at] as object), [option]: value }),
      );
    }
  }
  return failed;
}
