import type { SegmentStarts } from '../problem/segments.ts';
import { MOST } from './bounds.ts';
import { Cache } from './cache.ts';
import type { Storage } from './storage.ts';

/** Starts of packed sequences, as they were when they were uploaded. */
interface Uploaded {
  starts: Uint32Array<ArrayBuffer>;
  storage: Storage;
}

/** Makes memory that holds numbers. */
type Upload = (numbers: Uint32Array<ArrayBuffer>) => Storage;

/**
 * Starts of packed sequences that came as numbers, on the GPU: once for each list of numbers, whichever array holds it. An array whose numbers
 * changed is another list, and none is ever written over: calls that are recorded, or saved, have those that they were given.
 */
export class UploadedStarts {
  readonly #upload: Upload;
  #ofArrays = new WeakMap<object, Uploaded>();
  #ofNumbers = new Cache<string, Uploaded>(MOST.starts);

  constructor(upload: Upload) {
    this.#upload = upload;
  }

  /** Where those numbers are; null: nowhere yet. The same array with the same numbers costs a comparison. */
  find(starts: SegmentStarts): Storage | null {
    let uploaded = this.#ofArrays.get(starts);
    if (!uploaded || !isSame(uploaded.starts, starts)) {
      uploaded = this.#ofNumbers.find(starts.join());
      // Text that reads as a number is none.
      if (!uploaded || !isSame(uploaded.starts, starts)) return null;
      this.#ofArrays.set(starts, uploaded);
    }
    return uploaded.storage.allocation?.spoiled ? null : uploaded.storage;
  }

  /** Uploads those that `find` did not. */
  add(starts: SegmentStarts): Storage {
    const copy = Uint32Array.from(starts);
    const uploaded = { starts: copy, storage: this.#upload(copy) };
    this.#ofNumbers.add(copy.join(), uploaded);
    this.#ofArrays.set(starts, uploaded);
    return uploaded.storage;
  }

  /** Lets go of all: what no call has is collected. */
  clear(): void {
    this.#ofArrays = new WeakMap();
    this.#ofNumbers = new Cache(MOST.starts);
  }
}

function isSame(starts: Uint32Array, given: SegmentStarts): boolean {
  return starts.length === given.length && starts.every((start, index) => start === given[index]);
}
