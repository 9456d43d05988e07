import { describe, expect, it } from 'vitest';
import { NormError } from '../../src/errors.ts';
import { entriesUnder, readSafetensors } from '../../src/layers/index.ts';
import { caught } from './caught.ts';
import { file } from './file.ts';

const bytes = file({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, Float32Array.of(1.5));
const entries = { a: { dtype: 'F32', shape: [1], data: Float32Array.of(1.5) } };
const memory = bytes.buffer as ArrayBuffer;

function shared(): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}

describe('what a safetensors file is read from', () => {
  it.each<[string, () => ArrayBufferLike | Uint8Array | DataView]>([
    ['an ArrayBuffer', () => memory],
    ['a SharedArrayBuffer', shared],
    ['a Uint8Array of shared memory', () => new Uint8Array(shared())],
    ['a Buffer', () => Buffer.from(bytes)],
    ['a DataView of a part', () => new DataView(Uint8Array.of(7, ...bytes, 7).buffer, 1, bytes.length)],
  ])('%s', (_, give) => {
    expect(readSafetensors(give())).toEqual(entries);
  });

  it.each([
    ['a Blob', () => new Blob([memory])],
    ['a Response', () => new Response(memory)],
  ])('%s, which is awaited', async (_, give) => {
    expect(await readSafetensors(give())).toEqual(entries);
    expect(await readSafetensors(give(), { only: 'b' })).toEqual({});
    expect(() => readSafetensors(give(), { typo: 1 } as never)).toThrow(NormError);
  });

  it.each<[string, () => Response, RegExp]>([
    ['of a page that says there is none', () => new Response('nothing', { status: 404 }), /has status 404; it is not/],
    ['of no file', () => new Response('abc'), /3 bytes, too few/],
  ])('a Response %s rejects', async (_, give, says) => {
    const reading = readSafetensors(give());
    await expect(reading).rejects.toThrow(NormError);
    await expect(reading).rejects.toThrow(says);
  });

  it('a Response rejects whose body was read before', async () => {
    const response = new Response(memory);
    await response.arrayBuffer();
    await expect(readSafetensors(response)).rejects.toThrow(/was read before/);
  });

  const transferred = new ArrayBuffer(8);
  structuredClone(transferred, { transfer: [transferred] });
  it.each<[string, unknown, string]>([
    ['a Promise', Promise.resolve(memory), 'file is a Promise (await it first); it must be'],
    ['a path', 'model.safetensors', 'file is the text "model.safetensors"; it must be a Uint8Array'],
    ['a whole file as text', 'x'.repeat(1000), `file is the text "${'x'.repeat(40)}…"; it must be`],
    ['nothing', undefined, 'file is undefined; it must be'],
    ['null', null, 'file is null; it must be'],
    ['a number', 5, 'file is 5; it must be'],
    ['a bigint', 5n, 'file is 5n (a BigInt); it must be'],
    ['halves', new Uint16Array(4), 'file is a Uint16Array of 4; it must be a Uint8Array'],
    ['floats', new Float32Array(4), 'file is a Float32Array of 4; it must be'],
    ['a list', [1, 2], 'file is [1,2]; it must be'],
    ['an object', {}, 'file is an object; it must be'],
    ['a function', () => memory, 'file is a function; it must be'],
    ['a URL', new URL('file:///a'), 'file is a URL; it must be'],
    ['memory that was transferred', transferred, 'file is an ArrayBuffer whose memory was transferred'],
  ])('%s is refused', (_, given, says) => {
    const { code, message } = caught(() => readSafetensors(given as never));
    expect(code).toBe('state');
    expect(message).toContain(`readSafetensors: ${says}`);
  });

  it.each<[string, unknown, string]>([
    ['a misspelt option', { onyl: 'norm.' }, "no option 'onyl'; the options are only, f64"],
    ['no options', null, 'options are null'],
    ['a number as prefix', { only: 5 }, 'only is 5; it must be text'],
    ['another rounding', { f64: true }, "f64 is true; it must be 'round'"],
  ])('%s is refused', (_, options, says) => {
    const { code, message } = caught(() => readSafetensors(bytes, options as never));
    expect(code).toBe('option');
    expect(message).toContain(says);
  });

  it('a part of a state dict is taken of a state dict only', () => {
    const wrong = caught(() => entriesUnder('a', readSafetensors(new Blob([memory])) as never));
    expect(wrong.code).toBe('state');
    expect(wrong.message).toContain(
      'entriesUnder: the state dict is a Promise (await it first); it must be an object of entries',
    );
    expect(caught(() => entriesUnder(5 as never, {})).message).toContain('prefix is 5; it must be text');
  });
});
