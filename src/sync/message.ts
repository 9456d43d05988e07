import type { NormErrorCode } from '../errors.ts';

/** Terms that members of a group have to agree on. */
export interface Terms {
  /** Of the messages of this file. */
  protocol: number;
  size: number;
  /** The app's. */
  version: string;
  onLeave: 'error' | 'continue';
  atLeast: number;
}

export const PROTOCOL = 2;

/** Messages of peers; `part` and `result` carry numbers too. What members say has the name of who started their group: a peer may be taken for one of two. */
export type Message = { group?: string } & Said;

type Said =
  | { kind: 'hello'; terms: Terms }
  | { kind: 'start'; members: string[] }
  | { kind: 'refuse'; reason: string }
  | { kind: 'part'; step: number; label: string }
  | { kind: 'result'; step: number }
  | { kind: 'drop'; peer: string; reason: string }
  | { kind: 'fail'; code: NormErrorCode; reason: string }
  | { kind: 'leave' };

/** "wgns" in little endian: what does not begin with it is not ours. */
const MAGIC = 0x736e6777;
const HEAD = 8;

/**
 * A message as bytes: the magic number and the length of the text (u32 each, little endian), the message as JSON with spaces up
 * to a whole word, and the numbers as f32, little endian as on every machine that has WebGPU.
 */
export function encode(message: Message, numbers: Float32Array = new Float32Array()): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(message));
  const padded = Math.ceil(text.length / 4) * 4;
  const bytes = new Uint8Array(HEAD + padded + numbers.byteLength).fill(32, HEAD, HEAD + padded);
  const head = new DataView(bytes.buffer);
  head.setUint32(0, MAGIC, true);
  head.setUint32(4, padded, true);
  bytes.set(text, HEAD);
  bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), HEAD + padded);
  return bytes.buffer;
}

/** The message that bytes are, or null where they are none. */
export function decode(bytes: ArrayBuffer): { message: Message; numbers: Float32Array<ArrayBuffer> } | null {
  if (bytes.byteLength < HEAD || bytes.byteLength % 4 !== 0) return null;
  const head = new DataView(bytes);
  const begin = HEAD + head.getUint32(4, true);
  if (head.getUint32(0, true) !== MAGIC || begin > bytes.byteLength || begin % 4 !== 0) return null;
  try {
    const message = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, HEAD, begin - HEAD))) as Message | null;
    return typeof message?.kind === 'string' ? { message, numbers: new Float32Array(bytes, begin) } : null;
  } catch {
    return null;
  }
}
