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
    const bufferOf = ({ resource }: Binding): GPUBuffer | undefined => resources[resource]?.storage.buffer;
    const isShared = (read: Binding): boolean => {
      const buffer = isWritten(read) ? undefined : bufferOf(read);
      return buffer !== undefined && pass.bindings.some((one) => isWritten(one) && bufferOf(one) === buffer);
    };
    if (!pass.bindings.some(isShared)) return pass;
    const names: string[] = pass.bindings.filter(isShared).map(({ name }) => name);
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
