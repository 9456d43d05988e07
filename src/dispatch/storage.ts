/** GPU memory that one or several tensors show parts of. */
export interface Storage {
  readonly buffer: GPUBuffer;
  /** Names the buffer in cache keys. */
  readonly id: number;
  /** Whether the library made it, and may reuse or destroy it. */
  readonly owned: boolean;
  destroyed: boolean;
  /** Whether a caller's encoder mentions it: then it must not be reused while that encoder may be yet to be submitted. */
  recorded: boolean;
}

const ids = new WeakMap<GPUBuffer, number>();
let lastId = 0;

export function storageOf(buffer: GPUBuffer, owned: boolean): Storage {
  let id = ids.get(buffer);
  if (id === undefined) ids.set(buffer, (id = ++lastId));
  return { buffer, id, owned, destroyed: false, recorded: false };
}

/** Stands for memory while a call is only planned. */
export function imaginary(): Storage {
  return storageOf({ size: 0, usage: 0 } as GPUBuffer, false);
}
