import type { Failure } from './failure.ts';

/** GPU memory that one or several tensors show parts of. */
export interface Storage {
  readonly buffer: GPUBuffer;
  /** Names the buffer in cache keys. */
  readonly id: number;
  /** Whether the library made it, and may reuse or destroy it. */
  readonly owned: boolean;
  /** Whether its tensors were destroyed. */
  released: boolean;
  /** Whether a caller's encoder mentions it: then it must not be reused while that encoder may be yet to be submitted. */
  recorded: boolean;
  /** What the device found wrong when it was made, and with the work that wrote to it last. */
  shortage: Failure;
  failure: Failure;
}

const NONE: Failure = Promise.resolve(null);

const ids = new WeakMap<GPUBuffer, number>();
const destroyed = new WeakSet<GPUBuffer>();
let lastId = 0;

export function storageOf(buffer: GPUBuffer, owned: boolean): Storage {
  let id = ids.get(buffer);
  if (id === undefined) {
    ids.set(buffer, (id = ++lastId));
    noticeDestroy(buffer);
  }
  return { buffer, id, owned, released: false, recorded: false, shortage: NONE, failure: NONE };
}

/** Whether the memory can no longer be used: given back, or its buffer destroyed by the app. */
export function isGone({ buffer, released }: Storage): boolean {
  return released || destroyed.has(buffer);
}

/** WebGPU does not tell that a buffer was destroyed until work that uses it fails; noting it lets the call itself say so. */
function noticeDestroy(buffer: GPUBuffer): void {
  const { destroy } = buffer;
  const noticed = (): void => {
    destroyed.add(buffer);
    destroy.call(buffer);
  };
  // Assigning to a frozen one would throw; that one is not watched.
  Reflect.set(buffer, 'destroy', noticed);
}

/** Stands for memory while a call is only planned. */
export function imaginary(): Storage {
  const buffer = { size: 0, usage: 0 } as GPUBuffer;
  return { buffer, id: 0, owned: false, released: false, recorded: false, shortage: NONE, failure: NONE };
}
