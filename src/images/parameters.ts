import type { BufferRange } from '../runtime/executor.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** A field of a struct in a shader: where it begins, in words, and its numbers. */
type Field = readonly [word: number, type: 'f32' | 'i32' | 'u32', ...numbers: readonly number[]];

const SET = { f32: 'setFloat32', i32: 'setInt32', u32: 'setUint32' } as const;

/**
 * Structs of so many words in memory of the pool, each where it can be bound; to be released once the work that reads them was submitted,
 * or is mentioned.
 */
export function parametersOf(runtime: Runtime, words: number, structs: readonly (readonly Field[])[]): BufferRange[] {
  const size = 4 * words;
  const step = Math.ceil(size / runtime.alignment) * runtime.alignment;
  const storage = runtime.take(step * structs.length, 'image', 'scratch');
  const bytes = new DataView(new ArrayBuffer(step * structs.length));
  structs.forEach((fields, index) => {
    for (const [word, type, ...numbers] of fields) {
      numbers.forEach((number, at) => bytes[SET[type]](index * step + 4 * (word + at), number, true));
    }
  });
  runtime.device.queue.writeBuffer(storage.buffer, 0, bytes.buffer);
  return structs.map((_, index) => ({ storage, offset: index * step, size }));
}
