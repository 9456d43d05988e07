import type { Encoder } from '../runtime/encoder.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { mention } from '../runtime/submissions.ts';

/** A field of a struct in a shader: where it begins, in words, and its numbers. */
type Field = readonly [word: number, type: 'f32' | 'i32' | 'u32', ...numbers: readonly number[]];

const SET = { f32: 'setFloat32', i32: 'setInt32', u32: 'setUint32' } as const;

/** Structs of so many words as uniforms of a call, each where it can be bound. Another call with the same numbers writes nothing. */
export function parametersOf(
  runtime: Runtime,
  words: number,
  structs: readonly (readonly Field[])[],
  encoder: Encoder | undefined,
): GPUBufferBinding[] {
  const { uniforms } = runtime.executor;
  const allocation = uniforms.reserve(structs.length, 4 * words);
  if (encoder) mention(runtime.device.queue, encoder, [allocation]);
  const { buffer } = allocation;
  return structs.map((fields) => ({
    buffer,
    offset: uniforms.slotOf(bytesOf(words, fields)).offset,
    size: uniforms.slotBytes,
  }));
}

function bytesOf(words: number, fields: readonly Field[]): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(4 * words));
  for (const [word, type, ...numbers] of fields) {
    numbers.forEach((number, at) => bytes[SET[type]](4 * (word + at), number, true));
  }
  return bytes.buffer;
}
