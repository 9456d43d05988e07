import { describe, expect, it } from 'vitest';
import { tensorFromImage } from '../../../src/images/index.ts';
import { createContext, loadMoments, moments } from '../../../src/index.ts';
import { LayerNorm } from '../../../src/layers/index.ts';
import { gpu } from '../../setup/gpu.ts';

/**
 * Numbers in memory that threads share, or that may grow, as that of WebAssembly does: Dawn in Node crashes where a queue is given the one, browsers refuse
 * the other.
 */

const context = await createContext({ gpu: await gpu() });

type Numbers =
  | Float32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8ClampedArray<ArrayBuffer>;

type Memory = new (bytes: number, options?: { maxByteLength: number }) => ArrayBuffer;

const Growing = ArrayBuffer as Memory;
const MEMORIES: Record<string, (bytes: number) => ArrayBuffer> = {
  resizable: (bytes) => new Growing(bytes, { maxByteLength: 2 * bytes }),
};
// A page has shared memory only where it is isolated from others.
if (typeof SharedArrayBuffer === 'function') {
  const Shared = SharedArrayBuffer as unknown as Memory;
  MEMORIES['shared'] = (bytes) => new Shared(bytes);
  MEMORIES['growable, shared'] = (bytes) => new Shared(bytes, { maxByteLength: 2 * bytes });
}

describe.each(Object.entries(MEMORIES))('%s memory', (_, memoryOf) => {
  /** The same numbers in such memory, which types keep apart. */
  function inMemory<Data extends Numbers>(data: Data): Data {
    const copy = new (data.constructor as new (memory: ArrayBuffer) => Data)(memoryOf(data.byteLength));
    copy.set(data);
    return copy;
  }

  it('is taken for the data of a tensor', async () => {
    const [floats, bytes] = [Float32Array.of(1, 2, 3), Int8Array.of(1, 2, 3, 4)];
    expect(await context.tensor(inMemory(floats), [3]).read()).toEqual(floats);
    expect(await context.tensor(inMemory(bytes), [4]).read('i8')).toEqual(bytes);
    const bits = Uint16Array.of(0x3c00, 0x4000, 0x4200, 0);
    expect([...(await context.tensor(inMemory(bits), [4], { dtype: 'f16' }).read())]).toEqual([1, 2, 3, 0]);
    expect([...(await context.tensor(inMemory(bits.slice(0, 3)), [3], { dtype: 'f16' }).read())]).toEqual([1, 2, 3]);
  });

  it('is taken for the state of a layer', async () => {
    using layer = new LayerNorm(context, 3);
    const entry = (...data: number[]) =>
      ({ dtype: 'F32', shape: [3], data: inMemory(Float32Array.from(data)) }) as const;
    layer.loadStateDict({ weight: entry(1, 2, 3), bias: entry(4, 5, 6) });
    expect([...(await layer.stateDict())['bias']!.data]).toEqual([4, 5, 6]);
  });

  it('is taken for moments of another device, and for pixels', async () => {
    const part = await moments(context.tensor([1, 3], [2]), { axes: 0 }).read();
    expect([...(await loadMoments(context, { ...part, data: inMemory(part.data) }).mean.read())]).toEqual([2]);
    const pixels = { data: inMemory(new Uint8ClampedArray(16).fill(255)), width: 2, height: 2 };
    expect([...(await tensorFromImage(context, pixels).read())]).toEqual(Array(12).fill(1));
  });
});
