import { NormError } from '../../errors.ts';
import { checkAlone } from '../../options/checks.ts';
import { checkDict, wrongWith } from '../state.ts';
import type { StateDict, StateEntry } from '../state.ts';
import { METADATA } from './header.ts';
import type { HeaderEntry } from './header.ts';

/**
 * Writes a safetensors file, https://huggingface.co/docs/safetensors.
 *
 * @throws NormError `state` that names every entry that is none, and where a Promise is given; `option`.
 * @example const file: Uint8Array = writeSafetensors(await layer.stateDict());
 */
export function writeSafetensors(entries: StateDict, ...more: readonly never[]): Uint8Array<ArrayBuffer> {
  checkAlone('writeSafetensors', more);
  checkEntries(entries);
  // The wider elements first, so that every entry is aligned to its elements.
  const sorted = Object.entries(entries).toSorted(([, a], [, b]) => widthOf(b) - widthOf(a));
  let end = 0;
  const header = sorted.map(([name, { dtype, shape, data }]): [string, HeaderEntry] => {
    const from = end;
    end += data.byteLength;
    return [name, { dtype, shape: [...shape], data_offsets: [from, end] }];
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + length + end);
  file.fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(json, 8);
  sorted.forEach(([, { data }], index) => {
    const [from] = header[index]![1].data_offsets;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + length + from);
  });
  return file;
}

function widthOf({ data }: StateEntry): number {
  return data.BYTES_PER_ELEMENT;
}

function checkEntries(entries: unknown): void {
  checkDict('writeSafetensors', entries);
  const problems = Object.entries(entries).flatMap(([name, entry]) =>
    name === METADATA
      ? `${METADATA} is a name that the format keeps for itself; give the entry another`
      : (wrongWith(name, entry, { dtypes: ['F32', 'I64'] }) ?? []),
  );
  if (problems.length > 0) throw new NormError('state', `writeSafetensors: ${problems.join('; ')}`);
}
