import { NormError } from '../../errors.ts';
import { builtInType, formatValue } from '../../options/format-value.ts';

/** Bytes of a file; a Buffer of Node is a Uint8Array. */
export type Bytes = ArrayBufferLike | Uint8Array | DataView;

/** A source that gives them later: a Blob or File, a Response of fetch. */
export interface BytesLater {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Whether bytes have to be awaited. */
export function isLater(file: unknown): file is BytesLater {
  return typeof file === 'object' && file !== null && 'arrayBuffer' in file && typeof file.arrayBuffer === 'function';
}

/**
 * The bytes of a file, not copied, as a plain Uint8Array: slice() of Node's Buffer would not copy.
 *
 * @throws NormError `state` where it is something else, a typed array of other elements for example, or was transferred.
 */
export function bytesOf(file: unknown): Uint8Array {
  const kind = builtInType(file);
  try {
    if (kind === 'Uint8Array' || kind === 'DataView') {
      const { buffer, byteOffset, byteLength } = file as Uint8Array | DataView;
      return new Uint8Array(buffer, byteOffset, byteLength);
    }
    if (kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer') return new Uint8Array(file as ArrayBufferLike);
  } catch (cause) {
    throw refused(`file is ${formatValue(file)} whose memory was transferred; read it before that`, cause);
  }
  const wanted = 'a Uint8Array, ArrayBuffer or DataView of its bytes, a Blob, or the Response of fetch';
  throw refused(`file is ${formatValue(file)}; it must be ${wanted}`);
}

/** @throws NormError (rejects) `state` where a Response is none of a file, or was read before. */
export async function bytesOfLater(file: BytesLater): Promise<Uint8Array> {
  const { ok, status, bodyUsed } = file as Partial<Response>;
  if (ok === false) throw refused(`the response has status ${status}; it is not the file`);
  if (bodyUsed) throw refused('the body of the response was read before; give what was read, or a clone() of it');
  return bytesOf(await file.arrayBuffer());
}

function refused(why: string, cause?: unknown): NormError {
  return new NormError('state', `readSafetensors: ${why}`, { cause });
}
