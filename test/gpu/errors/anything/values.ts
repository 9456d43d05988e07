import { NormError } from '../../../../src/index.ts';

/** What may be put in the place of any argument or option. */
export const VALUES: Readonly<Record<string, unknown>> = {
  null: null,
  undefined,
  true: true,
  false: false,
  '0': 0,
  '-1': -1,
  '1.5': 1.5,
  NaN: NaN,
  '1e400': Infinity,
  '1e300': 1e300,
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
  'a Proxy of one': new Proxy(new Float32Array(3), {}),
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

/** What comes of a call with something in the place of each argument and option. */
export interface Outcomes {
  /** What was neither taken nor refused by a NormError, and what a call that was refused left behind. */
  readonly failed: readonly string[];
  /** What was taken, by its place: `eps: 0`. Undefined is left out in any. */
  readonly taken: readonly string[];
}

/** Puts everything in the place of each argument and option of a call in turn, and more behind them; `inUse`: bytes that a refused call must not add to. */
export async function outcomesOf({ name, call, given, options }: Right, inUse = (): number => 0): Promise<Outcomes> {
  const failed: string[] = [];
  const taken: string[] = [];
  const method = name.split('.').at(-1)!;
  const attempt = async (place: string, is: string, all: readonly unknown[]): Promise<void> => {
    const before = inUse();
    try {
      await call(...(all as never[]));
      if (is !== 'undefined') taken.push(`${place}: ${is}`);
    } catch (error) {
      if (!(error instanceof NormError)) failed.push(`${name}(${place}: ${is}): ${String(error)}`);
      else if (inUse() > before) failed.push(`${name}(${place}: ${is}) keeps ${inUse() - before} bytes`);
    }
  };
  const right = async (when: string): Promise<void> => {
    try {
      await call(...(given() as never[]));
    } catch (error) {
      failed.push(`${name} as it should be, ${when}: ${String(error)}`);
    }
  };
  await right('before');
  const { length } = given();
  for (const [is, value] of Object.entries(VALUES)) {
    for (let at = 0; at <= length; at++) {
      await attempt(
        at === options?.at ? 'options' : `${method} ${at}`,
        is,
        Object.assign([...given()], { [at]: value }),
      );
    }
    for (const option of options?.names ?? []) {
      const all = [...given()];
      all[options!.at] = { ...(all[options!.at] as object), [option]: value };
      await attempt(option, is, all);
    }
  }
  await right('after');
  return { failed, taken };
}
