import * as jax from '@jax-js/jax';
import type { NdArray } from '../../../src/reference/index.ts';
import * as bridge from '../../../src/jax/index.ts';
import { Composed } from '../../gpu/support/composed.ts';
import { optionsWith } from '../../gpu/support/run.ts';
import type { Filled } from '../../gpu/support/run.ts';
import { COUNTS, TRAINED } from '../support/library.ts';
import type { Numbers } from '../support/library.ts';

/** Calls of the bridge, and the same composed of operations of jax-js, by the numbers of a filled call. */

const { numpy: np } = jax;

type Arrays = Filled['x'];
type Norm = (x: jax.Array, ...rest: unknown[]) => jax.Array;
type Given = Record<string, jax.Array>;

export const toJax = ({ data, shape }: NdArray, name = ''): jax.Array =>
  COUNTS.includes(name)
    ? np.array(Int32Array.from(data), { shape: [...shape] })
    : np.array(Float32Array.from(data), { shape: [...shape] });

/** The bridge's function, called with arrays by name, which it gives up. */
export function normalizedByBridge({ op, options }: Filled, arrays: Given): jax.Array {
  const { x, style, ...others } = arrays;
  const norm = bridge[op] as unknown as Norm;
  const all = optionsWith(options, others);
  return style ? norm(x!, style, all) : norm(x!, all);
}

/** Takes references of its own: what it computes on is left to be collected. */
const composed = new Composed<jax.Array>({
  add: (a, b) => a.ref.add(typeof b === 'number' ? b : b.ref),
  sub: (a, b) => a.ref.sub(b.ref),
  mul: (a, b) => a.ref.mul(b.ref),
  div: (a, b) => a.ref.div(b.ref),
  sqrt: (x) => np.sqrt(x.ref),
  square: (x) => np.square(x.ref),
  abs: (x) => np.abs(x.ref),
  tanh: (x) => np.tanh(x.ref),
  erf: (x) => jax.scipySpecial.erf(x.ref),
  mean: (x, axes) => np.mean(x.ref, axes, { keepdims: true }),
  sum: (x, axes) => np.sum(x.ref, axes, { keepdims: true }),
  reshape: (x, shape) => x.ref.reshape(shape),
});

export function normalizedByComposition(filled: Filled, { x, ...others }: Given): jax.Array {
  return composed.call(filled, x!, others);
}

/** y where no gradient is asked for, y where one is, and all gradients of sum(dy · y), by way of jax.vjp. */
export async function resultsOf(norm: typeof normalizedByBridge, filled: Filled, dy: Arrays): Promise<Numbers> {
  const constants: Given = {};
  const trained: Given = {};
  for (const [name, array] of Object.entries({ x: filled.x, ...filled.arrays })) {
    (TRAINED.includes(name) ? trained : constants)[name] = toJax(array, name);
  }
  const names = Object.keys(trained);
  const alone = norm(filled, jax.tree.ref({ ...constants, ...trained }));
  const [y, pull] = jax.vjp(
    (...given: jax.Array[]) => norm(filled, { ...jax.tree.ref(constants), ...byName(names, given) }),
    Object.values(jax.tree.ref(trained)),
  );
  const gradients = pull(toJax(dy)) as jax.Array[];
  pull.dispose();
  jax.tree.dispose({ ...constants, ...trained });
  const results = { alone, y, ...Object.fromEntries(names.map((name, at) => [`d${name}`, gradients[at]!])) };
  return numbersOf(results as Given);
}

/** The numbers of arrays, which are given up. */
export async function numbersOf(arrays: Given): Promise<Numbers> {
  const read = Object.entries(arrays).map(async ([name, array]) => [name, await array.data()] as const);
  return Object.fromEntries(await Promise.all(read)) as Numbers;
}

function byName(names: readonly string[], arrays: readonly jax.Array[]): Given {
  return Object.fromEntries(names.map((name, at) => [name, arrays[at]!]));
}
