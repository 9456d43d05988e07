import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/layers/index.ts';
import { caught } from './caught.ts';
import { file } from './file.ts';

/** A file of one entry. */
function fileOf(name: string, dtype: unknown, data: ArrayBufferView & { length: number }): Uint8Array {
  return file({ [name]: { dtype, shape: [data.length], data_offsets: [0, data.byteLength] } }, data);
}

describe('types of a safetensors file', () => {
  it('F64 is rounded on request: to the nearest, of two as near to the even one', () => {
    const numbers = Float64Array.of(0.1, 1 + 2 ** -24, 1 + 3 * 2 ** -24, -1e-50, Infinity, 3.4028235e38);
    const { a } = readSafetensors(fileOf('a', 'F64', numbers), { f64: 'round' });
    const rounded = Float32Array.of(Math.fround(0.1), 1, 1 + 2 ** -22, -0, Infinity, 2 ** 128 - 2 ** 104);
    expect(a).toEqual({ dtype: 'F32', shape: [6], data: rounded });
    expect(readSafetensors(fileOf('a', 'F64', Float64Array.of(NaN)), { f64: 'round' })['a']!.data[0]).toBeNaN();
  });

  it('F64 beyond F32 is refused by its place', () => {
    const bytes = fileOf('a', 'F64', Float64Array.of(1, -1e39));
    const { code, message } = caught(() => readSafetensors(bytes, { f64: 'round' }));
    expect(code).toBe('state');
    expect(message).toContain('a has -1e+39 as element 1; F32 holds numbers up to 3.4028235e38');
  });

  it('F64 without that says how it can be read', () => {
    const { message } = caught(() => readSafetensors(fileOf('a', 'F64', new Float64Array(1))));
    expect(message).toContain("a holds F64; F32, I64, F16, BF16 can be read: { f64: 'round' } rounds it to F32, or");
    expect(message).toContain('{ only: ');
  });

  it.each<[string, ArrayBufferView & { length: number }]>([
    ['I32', new Int32Array(1)],
    ['U8', new Uint8Array(1)],
    ['BOOL', new Uint8Array(1)],
    ['F8_E4M3', new Uint8Array(1)],
    ['constructor', new Uint8Array(1)],
  ])('%s is refused, with the option that passes it over', (dtype, data) => {
    const { code, message } = caught(() => readSafetensors(fileOf('ids', dtype, data)));
    expect(code).toBe('state');
    expect(message).toContain(
      `ids holds ${dtype}; F32, I64, F16, BF16 can be read: cast it first, or pass it over: { only: `,
    );
  });

  it('a type that is none is refused', () => {
    const { message } = caught(() => readSafetensors(fileOf('a', 4, new Uint8Array(1))));
    expect(message).toContain('a holds 4; F32');
  });

  it('a count of batches is read as I32 too', () => {
    const name = 'norm.num_batches_tracked';
    expect(readSafetensors(fileOf(name, 'I32', Int32Array.of(-7)))).toEqual({
      [name]: { dtype: 'I64', shape: [1], data: BigInt64Array.of(-7n) },
    });
  });

  it('an entry may be called as what every object has', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const entries = names.map((name) => `"${name}": { "dtype": "F32", "shape": [0], "data_offsets": [0, 0] }`);
    expect(Object.keys(readSafetensors(file(`{ ${entries.join()} }`)))).toEqual(names);
  });

  it.each([[5], ['text'], [null], [{}]])('a place that is no pair of offsets is refused: %j', (data_offsets) => {
    const bytes = file({ a: { dtype: 'F32', shape: [0], data_offsets } });
    expect(caught(() => readSafetensors(bytes)).message).toContain('a lies at undefined');
  });
});
