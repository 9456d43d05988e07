import type { Failure } from './failure.ts';
import type { MemoryKind } from './ledger.ts';

/** A buffer of ours from its making to its end, whoever uses it meanwhile. */
export interface Allocation {
  readonly buffer: GPUBuffer;
  /** Names the buffer in cache keys. */
  readonly id: number;
  /** Bytes. */
  readonly size: number;
  /** What the device found wrong when it was made. */
  readonly shortage: Failure;
  /** Whether it did. */
  spoiled: boolean;
  kind: MemoryKind;
  /** Command encoders of the app's that mention it and are yet to be submitted. */
  pending: number;
  /** Whether an open compute pass of the app's mentions it, of which nobody tells when it is submitted. */
  untold: boolean;
  /** Whether the app has seen the buffer, which it may then use without the tensor. */
  seen: boolean;
  /** What is to be done once nothing is pending. */
  onSettled: (() => void) | null;
  /** The tick in which it was used last. */
  usedAt: number;
}

/** GPU memory that one or several tensors show parts of. */
export interface Storage {
  readonly buffer: GPUBuffer;
  /** Names the buffer in cache keys. */
  readonly id: number;
  /** Where the buffer is ours, what may be reused or destroyed; null where it is the app's. */
  readonly allocation: Allocation | null;
  /** Whether its tensors were destroyed. */
  released: boolean;
  /** What the device found wrong with the work that wrote to it last. */
  failure: Failure;
}

const NONE: Failure = Promise.resolve(null);

const ids = new WeakMap<GPUBuffer, number>();
const destroyed = new WeakSet<GPUBuffer>();
let lastId = 0;

export function allocationOf(buffer: GPUBuffer, kind: MemoryKind, shortage: Failure = NONE): Allocation {
  const { size } = buffer;
  const state = { spoiled: false, pending: 0, untold: false, seen: false, onSettled: null, usedAt: 0 };
  return { buffer, id: idOf(buffer), size, shortage, kind, ...state };
}

/** Storage of ours. */
export function storageOf(allocation: Allocation): Storage {
  const { buffer, id } = allocation;
  return { buffer, id, allocation, released: false, failure: NONE };
}

/** Storage in a buffer of the app's. */
export function borrowedStorage(buffer: GPUBuffer): Storage {
  return { buffer, id: idOf(buffer), allocation: null, released: false, failure: NONE };
}

/** Whether the memory can no longer be used: given back, or its buffer destroyed by the app. */
export function isGone({ buffer, released }: Storage): boolean {
  return released || isDestroyed(buffer);
}

export function isDestroyed(buffer: GPUBuffer): boolean {
  return destroyed.has(buffer);
}

function idOf(buffer: GPUBuffer): number {
  let id = ids.get(buffer);
  if (id === undefined) {
    ids.set(buffer, (id = ++lastId));
    noticeDestroy(buffer);
  }
  return id;
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
  return { buffer, id: 0, allocation: null, released: false, failure: NONE };
}
