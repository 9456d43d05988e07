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
  /** Whether it stands for memory of calls that are only planned. */
  readonly planned: boolean;
  /** Whether its tensors were destroyed. */
  released: boolean;
  /** Parts of which the device may yet find an error in the work that wrote to them last, or in what that read; or did. */
  doubts: readonly Doubt[];
}

/** A part of a buffer, in bytes, as it is bound. */
export interface BufferRange {
  storage: Storage;
  offset: number;
  size: number;
  /** Where a tensor begins that cannot be bound there, and is bound from before. */
  first?: number;
  /** How a tensor lies that has not all of its bytes: between them are others'. */
  gaps?: string | undefined;
}

export type Bytes = Pick<BufferRange, 'offset' | 'size'>;

/** Whether some are of both. */
export function meet(a: Bytes, b: Bytes): boolean {
  return a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

/** The bytes of a storage that some work wrote, and the error that the device finds in it. */
export interface Doubt extends Bytes, Pick<BufferRange, 'gaps'> {
  failure: Failure;
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
  return { buffer, identity, id, allocation, planned: false, released: false, doubts: [] };
}

/** Storage in a buffer of the app's. */
export function borrowedStorage(buffer: GPUBuffer): Storage {
  const identity = identityOf(buffer);
  return { buffer, identity, id: identity.id, allocation: null, planned: false, released: false, doubts: [] };
}

/** Whether the memory can no longer be used: given back, or its buffer destroyed by the app. */
export function isGone({ identity, released }: Storage): boolean {
  return released || identity.destroyed;
}

/** The reason why memory can no longer be used, and the cure where it was destroyed. */
export function whyGone({ planned }: Storage, cure: string): string {
  return planned
    ? 'was made by calls that were only planned, and has no memory; make it outside of what explain, prepare or ready calls'
    : `was destroyed; ${cure}`;
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

/** Stands for memory while a call is only planned, or until there is some. */
export function imaginary(planned: boolean): Storage {
  const buffer = { size: 0, usage: 0 } as GPUBuffer;
  const identity = { id: IMAGINARY, destroyed: false };
  return { buffer, identity, id: IMAGINARY, allocation: null, planned, released: false, doubts: [] };
}

export function isImaginary({ id }: Storage): boolean {
  return id === IMAGINARY;
}
