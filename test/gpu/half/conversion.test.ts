import { expect, it } from 'vitest';
import { Converter } from '../../../examples/train/worker/conversion.ts';
import { openContexts } from '../support/contexts.ts';

/** How the example of training takes f32 tensors to halves and back on the GPU: as the library does it on the CPU. */

const { software: context } = await openContexts();
const converter = new Converter(context);

/** Even and odd numbers of elements, one workgroup and several. */
const SIZES = [1, 2, 5, 128, 1001];

it.each(['f16', 'bf16'] as const)('f32 to %s and back', async (dtype) => {
  for (const size of SIZES) {
    const data = Float32Array.from({ length: size }, (_, index) => Math.sin(index + 1) * 2 ** ((index % 20) - 9));
    const numbers = context.tensor(data, [size]);
    const halves = converter.narrow(numbers, dtype);
    const expected = await context.tensor(data, [size], { dtype }).read('f32');
    expect(await halves.read('f32'), `${size} elements narrowed`).toEqual(expected);
    const widened = converter.widen(halves);
    expect(widened.dtype).toBe('f32');
    expect(await widened.read(), `${size} elements widened`).toEqual(expected);
  }
});
