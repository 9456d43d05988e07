import type { Array as JaxArray } from '@jax-js/jax';
import type { Kind } from '../bridge/kind.ts';
import type { Named } from '../bridge/options.ts';
import { isResidualGradientDx } from '../calls/backward.ts';
import { operandsOf } from '../calls/saved.ts';
import type { ForwardResult } from '../calls/types.ts';
import type { GradientName } from '../plan/gradient-request.ts';
import { emptyArray, onDevice, report, tensorOf } from './arrays.ts';
import type { Connection } from './connection.ts';

/**
 * The gradients of a call: computed all at once when the first is asked for, handed out one by one. Arrays that they are computed from are held by a
 * reference each; statistics, and the sum of x and a residual, are in memory of the context.
 */
export class Pullback {
  readonly #kind: Kind;
  readonly #connection: Connection;
  readonly #result: ForwardResult;
  /** Names of the operands that are trained. */
  readonly #arrays: Named<JaxArray>;
  readonly #names: readonly string[];
  readonly #held: readonly JaxArray[];
  #dy: JaxArray | null = null;
  #gradients = new Map<string, JaxArray>();

  /** `names` are those of the arrays that are trained. */
  constructor(
    kind: Kind,
    connection: Connection,
    result: ForwardResult,
    arrays: Named<JaxArray>,
    names: readonly string[],
  ) {
    this.#kind = kind;
    this.#connection = connection;
    this.#result = result;
    this.#arrays = arrays;
    this.#names = names;
    const read = Object.keys(operandsOf(result.saved)).filter((name) => name !== 'x' || !result.residualOut);
    this.#held = read.map((name) => arrays[name]!.ref);
  }

  /** The gradient of one of the arrays, by that of the result. */
  take(name: string, dy: JaxArray): JaxArray {
    if (this.#dy !== dy || !this.#gradients.has(name)) {
      this.#drop();
      this.#compute(dy);
    }
    const gradient = this.#gradients.get(name)!;
    this.#gradients.delete(name);
    if (this.#gradients.size === 0) this.#dy = null;
    return gradient;
  }

  /** Gives up what the gradients are computed from. */
  release(): void {
    this.#drop();
    const { saved, residualOut } = this.#result;
    for (const array of this.#held) array.dispose();
    saved.destroy();
    residualOut?.destroy();
  }

  #compute(dy: JaxArray): void {
    const { op, backward } = this.#kind;
    const { saved } = this.#result;
    const names = this.#names;
    // A residual that is added as it is has the gradient of x: one array with two references.
    const shares = ['x', 'residual'].every((name) => names.includes(name)) && isResidualGradientDx(saved);
    const made = names.filter((name) => !(shares && name === 'residual'));
    const arrays = made.map((name) => [name, emptyArray(op, this.#connection, this.#arrays[name]!)] as const);
    const out = Object.fromEntries(
      arrays.map(([name, array]) => [`d${name}`, tensorOf(this.#connection, array)] as const),
    );
    const arriving = onDevice(this.#connection, dy);
    try {
      const gradients = names.map((name) => `d${name}` as GradientName);
      backward(tensorOf(this.#connection, arriving), saved, { gradients, out });
    } catch (error) {
      for (const [, array] of arrays) array.dispose();
      throw error;
    } finally {
      arriving.dispose();
    }
    for (const tensor of Object.values(out)) void report(tensor);
    this.#dy = dy;
    this.#gradients = new Map(arrays);
    if (shares) this.#gradients.set('residual', this.#gradients.get('x')!.ref);
  }

  #drop(): void {
    for (const gradient of this.#gradients.values()) gradient.dispose();
    this.#gradients.clear();
  }
}
