import { isWritten } from '../plan/plan.ts';
import type { Binding, Pass } from '../plan/plan.ts';
import type { BufferRange } from './storage.ts';

/**
 * Passes that read and write one buffer. WebGPU refuses one that a dispatch reads through one binding and writes through another, even in
 * separate ranges: where the app keeps x and y in one buffer, x is bound for writing too.
 */
export class SharedBuffers {
  readonly #variants = new WeakMap<Pass, Map<string, Pass>>();

  /** The pass as it runs with these resources: itself, where no buffer is both read and written. */
  variantOf(pass: Pass, resources: Readonly<Record<string, BufferRange>>): Pass {
    if (!pass.bindings.some((read) => isShared(read, pass, resources))) return pass;
    const names: string[] = pass.bindings.filter((read) => isShared(read, pass, resources)).map(({ name }) => name);
    let variants = this.#variants.get(pass);
    if (!variants) this.#variants.set(pass, (variants = new Map()));
    const key = names.join();
    let variant = variants.get(key);
    if (!variant) {
      const bindings = pass.bindings.map((binding): Binding =>
        names.includes(binding.name) ? { ...binding, access: 'update' } : binding,
      );
      variants.set(key, (variant = { ...pass, bindings, uniforms: { ...pass.uniforms } }));
    }
    return variant;
  }
}

/** Whether a pass reads what it writes through another binding. Asked of every pass of every call. */
function isShared(read: Binding, { bindings }: Pass, resources: Readonly<Record<string, BufferRange>>): boolean {
  const buffer = isWritten(read) ? undefined : resources[read.resource]?.storage.buffer;
  if (buffer === undefined) return false;
  for (const one of bindings) if (isWritten(one) && resources[one.resource]?.storage.buffer === buffer) return true;
  return false;
}
