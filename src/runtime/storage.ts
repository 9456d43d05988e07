import { firstOf } from './failure.ts';
import type { Failure } from './failure.ts';
import type { MemoryKind } from './ledger.ts';

/** Facts known of a buffer, whoever made it. */
interface Identity {
  /** Names the buffer in cache keys. */
  readonly id: number;
  /** Whether somebody destroyed it, as far as is known: of a buffer of the app's it is not. */
  destroyed: boolean;
}

/** A buffer of ours from its making to its end, whoever uses it meanwhile. */
export interface Allocation {
  readonly buffer: GPUBuffer;
  readonly identity: Identity;
  /** Names the buffer in cache keys. */
  readonly id: number;
  /** Bytes. */
  readonly size: number;
  /** The error that the device found when it was made; null once it found none. */
  shortage: Failure | null;
  /** Whether it found one. */
  spoiled: boolean;
  kind: MemoryKind;
  /** Command encoders of the app's that mention it and are yet to be submitted. */
  pending: number;
  /** Whether an open compute pass of the app's mentions it, of which nobody tells when it is submitted. */
  untold: boolean;
  /** Whether the app has seen the buffer, which it may then use without the tensor. */
  seen: boolean;
  /** The work to be done once nothing is pending. */
  onSettled: (() => void) | null;
  /** The tick in which it was used last. */
  usedAt: number;
}

/** GPU memory that one or several tensors show parts of. */
export interface Storage {
  readonly buffer: GPUBuffer;
  readonly identity: Identity;
  /** Names the buffer in cache keys. */
  readonly id: number;
  /** Where the buffer is ours, what may be reused or destroyed; null where it is the app's. */
  readonly allocation: Allocation | null;
  /** Whether its tensors were destroyed. */
  released: boolean;
  /** The error that the device found in the work that wrote to it last, or in what that read; null once it found none. */
  failure: Failure | null;
}

const identities = new WeakMap<GPUBuffer, Identity>();
let lastId = 0;

export function allocationOf(buffer: GPUBuffer, kind: MemoryKind, shortage: Failure | null = null): Allocation {
  const { size } = buffer;
  const identity = identityOf(buffer);
  noticeDestroy(buffer, identity);
  const state = { spoiled: false, pending: 0, untold: false, seen: false, onSettled: null, usedAt: 0 };
  const allocation: Allocation = { buffer, identity, id: identity.id, size, shortage, kind, ...state };
  void shortage?.then((wrong) => {
    if (wrong) allocation.spoiled = true;
    else allocation.shortage = null;
  });
  return allocation;
}

/** Storage of ours. */
export function storageOf(allocation: Allocation): Storage {
  const { buffer, identity, id } = allocation;
  return { buffer, identity, id, allocation, released: false, failure: null };
}

/** Storage in a buffer of the app's. */
export function borrowedStorage(buffer: GPUBuffer): Storage {
  const identity = identityOf(buffer);
  return { buffer, identity, id: identity.id, allocation: null, released: false, failure: null };
}

/** Whether the memory can no longer be used: given back, or its buffer destroyed by the app. */
export function isGone({ identity, released }: Storage): boolean {
  return released || identity.destroyed;
}

/** The error that the device may yet find in what memory holds, or did; null where there is none. */
export function doubtOf({ allocation, failure }: Storage): Failure | null {
  const shortage = allocation?.shortage ?? null;
  return shortage && failure ? firstOf([shortage, failure]) : (shortage ?? failure);
}

/** Notes what may be wrong with what is written to memory. */
export function putInDoubt(storage: Storage, failure: Failure): void {
  storage.failure = failure;
  void failure.then((wrong) => {
    if (!wrong && storage.failure === failure) storage.failure = null;
  });
}

function identityOf(buffer: GPUBuffer): Identity {
  let identity = identities.get(buffer);
  if (!identity) identities.set(buffer, (identity = { id: ++lastId, destroyed: false }));
  return identity;
}

/**
 * A buffer of ours that the app destroys, having got it from a tensor, must not be handed to the next call. Of the app's own buffers nothing is
 * changed: that one was destroyed the device tells, when work that mentions it fails.
 */
function noticeDestroy(buffer: GPUBuffer, identity: Identity): void {
  const { destroy } = buffer;
  buffer.destroy = () => {
    identity.destroyed = true;
    destroy.call(buffer);
  };
}

/** The number of all that is imaginary: buffers are counted from one on. */
const IMAGINARY = 0;

/** Stands for memory while a call is only planned. */
export function imaginary(): Storage {
  const buffer = { size: 0, usage: 0 } as GPUBuffer;
  const identity = { id: IMAGINARY, destroyed: false };
  return { buffer, identity, id: IMAGINARY, allocation: null, released: false, failure: null };
}

export function isImaginary({ id }: Storage): boolean {
  return id === IMAGINARY;
}
