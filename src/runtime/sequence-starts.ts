import type { SegmentStarts } from '../problem/segments.ts';
import { MOST } from './bounds.ts';
import { Cache } from './cache.ts';
import type { Storage } from './storage.ts';

/** Starts of packed sequences, as they were when they were uploaded. */
interface Uploaded {
  numbers: Uint32Array<ArrayBuffer>;
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
  #ofNumbers = new Cache<string, Uploaded>(MOST.sequenceStarts);

  constructor(upload: Upload) {
    this.#upload = upload;
  }

  /** Where those numbers are; null: nowhere yet. The same array with the same numbers costs a comparison. */
  find(segments: SegmentStarts): Storage | null {
    let uploaded = this.#ofArrays.get(segments);
    if (!uploaded || !isSame(uploaded.numbers, segments)) {
      // What is no number has no key, or throws when it is made text.
      if (segments.some((start) => typeof start !== 'number')) return null;
      uploaded = this.#ofNumbers.find(segments.join());
      if (!uploaded) return null;
      this.#ofArrays.set(segments, uploaded);
    }
    return uploaded.storage.allocation?.spoiled ? null : uploaded.storage;
  }

  /** Uploads those that `find` did not. */
  add(segments: SegmentStarts): Storage {
    const copy = Uint32Array.from(segments);
    const uploaded = { numbers: copy, storage: this.#upload(copy) };
    this.#ofNumbers.add(copy.join(), uploaded);
    this.#ofArrays.set(segments, uploaded);
    return uploaded.storage;
  }

  /** Lets go of all: what no call has is collected. */
  clear(): void {
    this.#ofArrays = new WeakMap();
    this.#ofNumbers = new Cache(MOST.sequenceStarts);
  }
}

function isSame(numbers: Uint32Array, segments: SegmentStarts): boolean {
  return numbers.length === segments.length && numbers.every((start, index) => start === segments[index]);
}
