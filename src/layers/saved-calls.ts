import type { Context } from '../runtime/context.ts';
import { NormError } from '../errors.ts';
import type { Saved } from '../calls/saved.ts';

/** Saved results of a layer's forward calls, which its backward calls use up from the last to the first. */
export class SavedCalls {
  readonly #context: Context;
  readonly #kept: Saved[] = [];
  /** Calls that are only planned leave what real ones kept as it is: each planning has a copy of the list. */
  readonly #planned = new WeakMap<object, Saved[]>();

  constructor(context: Context) {
    this.#context = context;
  }

  get last(): Saved | undefined {
    return this.#list().at(-1);
  }

  /** Saved results that hold memory. */
  get size(): number {
    return this.#kept.length;
  }

  /** @throws NormError `saved` where as many are kept as may be; calls that are only planned keep none. */
  checkRoom(layer: string, maxSaved: number): void {
    const { size } = this;
    if (this.#context.runtime.planned || size < maxSaved) return;
    throw new NormError(
      'saved',
      `${layer}: ${size} forward calls are kept for backward, and maxSaved is ${maxSaved}; call backward for them or ` +
        'freeSaved(), set a greater maxSaved, or where no gradient is wanted call eval() or set maxSaved to 0',
    );
  }

  push(saved: Saved): void {
    this.#list().push(saved);
  }

  /** Frees the last one. Where a compute pass mentions it that may be yet to run, it is left to the garbage collector. */
  pop(): void {
    const saved = this.#list().pop();
    if (saved && !this.#context.runtime.planned && !saved.mean.storage.allocation?.untold) saved.destroy();
  }

  clear(): void {
    while (this.last) this.pop();
  }

  #list(): Saved[] {
    const { planned } = this.#context.runtime;
    if (!planned) return this.#kept;
    let copy = this.#planned.get(planned);
    if (!copy) this.#planned.set(planned, (copy = [...this.#kept]));
    return copy;
  }
}
