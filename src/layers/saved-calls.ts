import type { Context } from '../runtime/context.ts';
import type { Saved } from '../calls/saved.ts';

/** What the forward calls of a layer kept for its backward calls, which use it up from the last to the first. */
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

  /** Those that hold memory. */
  get size(): number {
    return this.#kept.length;
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
