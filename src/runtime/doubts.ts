import { firstOf } from './failure.ts';
import type { Failure } from './failure.ts';
import { meet } from './storage.ts';
import type { BufferRange, Bytes, Doubt } from './storage.ts';

/** Errors that the device may yet find, by the bytes that they are about. */

/** The error that the device may yet find in what a part of memory holds, or did; null where there is none. */
export function doubtOf(range: BufferRange): Failure | null {
  const { allocation, doubts } = range.storage;
  const own = bytesOf(range);
  const failures = doubts.filter((doubt) => meet(doubt, own)).map(({ failure }) => failure);
  if (allocation?.shortage) failures.unshift(allocation.shortage);
  return failures.length > 1 ? firstOf(failures) : (failures[0] ?? null);
}

/**
 * Notes what may be wrong with what is written to a part of memory, or that nothing is; of all that lies in it, but for its gaps, nothing else is any
 * more.
 */
export function putInDoubt(range: BufferRange, failure: Failure | null): void {
  const { storage, gaps } = range;
  const { offset, size } = bytesOf(range);
  const isOver = (doubt: Doubt): boolean => {
    const within = doubt.offset >= offset && doubt.offset + doubt.size <= offset + size;
    return within && (gaps === undefined || gaps === doubt.gaps);
  };
  const left = storage.doubts.filter((doubt) => !isOver(doubt));
  if (!failure) {
    storage.doubts = left;
    return;
  }
  const written: Doubt = { offset, size, failure, gaps };
  storage.doubts = [...left, written];
  void failure.then((wrong) => {
    if (!wrong) storage.doubts = storage.doubts.filter((doubt) => doubt !== written);
  });
}

/** The bytes that are the tensor's own. */
function bytesOf({ offset, size, first = offset }: BufferRange): Bytes {
  return { offset: first, size: offset + size - first };
}
