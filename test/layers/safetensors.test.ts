import { describe, expect, it } from 'vitest';
import { NormError } from '../../src/errors.ts';
import { entriesUnder, readSafetensors, writeSafetensors } from '../../src/layers/index.ts';
import { file } from './file.ts';

describe('reading safetensors', () => {
  it('finds entries wherever they lie, with a padded header and metadata', () => {
    const header = JSON.stringify({
      __metadata__: { format: 'pt' },
      'norm.weight': { dtype: 'F32', shape: [2], data_offsets: [8, 16] },
      'norm.num_batches_tracked': { dtype: 'I64', shape: [], data_offsets: [0, 8] },
    });
    const data = new Uint8Array(16);
    new DataView(data.buffer).setBigInt64(0, 42n, true);
    new DataView(data.buffer).setFloat32(8, 1.5, true);
    new DataView(data.buffer).setFloat32(12, -2, true);
    const shifted = new Uint8Array([0, 0, 0, ...file(`${header}   `, data)]).subarray(3);
    const entries = readSafetensors(shifted);
    expect(Object.keys(entries).toSorted()).toEqual(['norm.num_batches_tracked', 'norm.weight']);
    expect(entries['norm.weight']).toEqual({ dtype: 'F32', shape: [2], data: Float32Array.of(1.5, -2) });
    expect(entries['norm.num_batches_tracked']).toEqual({ dtype: 'I64', shape: [], data: BigInt64Array.of(42n) });
    expect(readSafetensors(file(header, data).buffer as ArrayBuffer)).toEqual(entries);
  });

  it('reads a Buffer of Node, whose slice() would share memory', () => {
    const bytes = Buffer.from(file({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, Float32Array.of(1.5)));
    const { a } = readSafetensors(bytes);
    bytes.fill(0);
    expect(a).toEqual({ dtype: 'F32', shape: [1], data: Float32Array.of(1.5) });
  });

  it('widens F16 and BF16 exactly', () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x8000, 0x7c00);
    const read = (dtype: string, data: Uint16Array): Float32Array =>
      readSafetensors(file({ a: { dtype, shape: [data.length], data_offsets: [0, 2 * data.length] } }, data))['a']!
        .data as Float32Array;
    expect([...read('F16', halves)]).toEqual([1, -2, 65504, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, -0, Infinity]);
    expect(read('F16', Uint16Array.of(0x7e00))[0]).toBeNaN();
    expect([...read('BF16', Uint16Array.of(0x3f80, 0xc000, 0x0001))]).toEqual([1, -2, 2 ** -133]);
  });

  it('reads one layer of a model whose other entries it could not', () => {
    const header = {
      'embed.weight': { dtype: 'U8', shape: [4], data_offsets: [0, 4] },
      'norm.weight': { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
    };
    const bytes = file(header, new Uint8Array([1, 2, 3, 4, 0, 0, 128, 63]));
    expect(() => readSafetensors(bytes)).toThrow(/embed\.weight holds U8; F32, I64, F16, BF16 can be read/);
    expect(entriesUnder('norm.', readSafetensors(bytes, { only: 'norm.' }))).toEqual({
      weight: { dtype: 'F32', shape: [1], data: Float32Array.of(1) },
    });
  });

  const one = (entry: object): object => ({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...entry } });
  const four = new Uint8Array(4);
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(3), /3 bytes, too few/],
    ['a header beyond the file', file({}, null, 1000n), /header would have 1000 bytes, but the file has 10/],
    ['a header beyond all files', file({}, null, 2n ** 60n), /header would have 1152921504606846976 bytes/],
    ['a header that is no JSON', file('{"a": '), /no JSON/],
    ['a header that is a list', file('[]'), /no object/],
    ['an entry beyond the data', file(one({ data_offsets: [0, 8], shape: [2] }), four), /a lies at 0 to 8 of 4 bytes/],
    ['an entry that ends before it begins', file(one({ data_offsets: [4, 0] }), four), /a lies at 4 to 0/],
    ['an entry without a place', file({ a: { dtype: 'F32', shape: [1] } }, four), /a lies at undefined/],
    [
      'a shape that its bytes do not fill',
      file(one({ shape: [3] }), four),
      /a has 4 bytes, but 3 elements of F32 take 12/,
    ],
    ['a negative size', file(one({ shape: [-1] }), four), /a has shape -1/],
    [
      'entries that overlap',
      file({ ...one({}), b: { dtype: 'F32', shape: [1], data_offsets: [2, 6] } }, new Uint8Array(6)),
      /b begins at 2, but what lies before it ends at 4/,
    ],
    [
      'a gap',
      file(one({ data_offsets: [4, 8] }), new Uint8Array(8)),
      /a begins at 4, but what lies before it ends at 0/,
    ],
    ['data that belongs to none', file(one({}), new Uint8Array(8)), /data has 8 bytes, but the entries take 4/],
    ['doubles', file(one({ dtype: 'F64', data_offsets: [0, 8] }), new Uint8Array(8)), /a holds F64/],
  ])('refuses %s', (_, bytes, says) => {
    expect(() => readSafetensors(bytes)).toThrow(NormError);
    expect(() => readSafetensors(bytes)).toThrow(says);
  });
});

it('what is written is read again, each entry aligned to its elements', () => {
  const entries = {
    weight: { dtype: 'F32', shape: [3], data: Float32Array.of(1, 2, 3) },
    num_batches_tracked: { dtype: 'I64', shape: [], data: BigInt64Array.of(-7n) },
    'ü.bias': { dtype: 'F32', shape: [1, 2], data: Float32Array.of(4, 5, 6, 7).subarray(1, 3) },
  } as const;
  const bytes = writeSafetensors(entries);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    { dtype: string; data_offsets: number[] }
  >;
  for (const { dtype, data_offsets } of Object.values(header))
    expect(data_offsets[0]! % (dtype === 'I64' ? 8 : 4)).toBe(0);
  expect(readSafetensors(bytes)).toEqual(entries);
});
