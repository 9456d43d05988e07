import { describe, expect, it } from 'vitest';
import { tensorFromImage } from '../../../src/images/index.ts';
import { createContext, loadMoments, moments } from '../../../src/index.ts';
import { LayerNorm } from '../../../src/layers/index.ts';
import { gpu } from '../../setup/gpu.ts';

/** Numbers in memory that threads share, as those of WebAssembly are: Dawn in Node crashes where a queue is given them. */

const context = await createContext({ gpu: await gpu() });

type Numbers =
  | Float32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8ClampedArray<ArrayBuffer>;

/** The same numbers in shared memory, which types keep apart. */
function shared<Data extends Numbers>(data: Data): Data {
  const copy = new (data.constructor as new (memory: SharedArrayBuffer) => Data)(
    new SharedArrayBuffer(data.byteLength),
  );
  copy.set(data);
  return copy;
}

// A page has shared memory only where it is isolated from others.
describe.runIf(typeof SharedArrayBuffer === 'function')('shared memory', () => {
  it('is taken for the data of a tensor', async () => {
    const [floats, bytes] = [Float32Array.of(1, 2, 3), Int8Array.of(1, 2, 3, 4)];
    expect(await context.tensor(shared(floats), [3]).read()).toEqual(floats);
    expect(await context.tensor(shared(bytes), [4]).read('i8')).toEqual(bytes);
    const bits = Uint16Array.of(0x3c00, 0x4000, 0x4200, 0);
    expect([...(await context.tensor(shared(bits), [4], { dtype: 'f16' }).read())]).toEqual([1, 2, 3, 0]);
    expect([...(await context.tensor(shared(bits.slice(0, 3)), [3], { dtype: 'f16' }).read())]).toEqual([1, 2, 3]);
  });

  it('is taken for the state of a layer', async () => {
    using layer = new LayerNorm(context, 3);
    const entry = (...data: number[]) => ({ dtype: 'F32', shape: [3], data: shared(Float32Array.from(data)) }) as const;
    layer.loadStateDict({ weight: entry(1, 2, 3), bias: entry(4, 5, 6) });
    expect([...(await layer.stateDict())['bias']!.data]).toEqual([4, 5, 6]);
  });

  it('is taken for moments of another device, and for pixels', async () => {
    const part = await moments(context.tensor([1, 3], [2]), { axes: 0 }).read();
    expect([...(await loadMoments(context, { ...part, data: shared(part.data) }).mean.read())]).toEqual([2]);
    const pixels = { data: shared(new Uint8ClampedArray(16).fill(255)), width: 2, height: 2 };
    expect([...(await tensorFromImage(context, pixels).read())]).toEqual(Array(12).fill(1));
  });
});
