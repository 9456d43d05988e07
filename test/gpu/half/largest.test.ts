import { afterAll, describe, expect, it, vi } from 'vitest';
import { layerNorm } from '../../../src/index.ts';
import { rounderOf } from '../../../src/reference/rounding.ts';
import { encode, roundTo } from '../support/formats.ts';
import { bitsOf, openHalfContexts } from '../support/half.ts';

/** Numbers about the largest of f16: up to half a step beyond it they are that, from there on infinite (IEEE 754, to the nearest, to even). */

const LARGEST = [65_504, 65_504.004, 65_512, 65_519, 65_519.996];
const INFINITE = [65_520, 65_520.004, 65_535, 65_536, 1e30, 3e38, Infinity];
const BELOW = [1, 65_472, 65_503.996];

/** Neighbours in a word, and in the two words that are packed at once, are all alike or all of another kind. */
const ROWS = {
  'the largest': LARGEST.flatMap((value) => [value, -value, value, value]),
  infinite: INFINITE.flatMap((value) => [value, -value, value, value]),
  'beside numbers below': [...LARGEST, ...INFINITE].flatMap((value) =>
    BELOW.flatMap((below) => [below, value, -value]),
  ),
  'beside NaN': LARGEST.flatMap((value) => [value, NaN, -value, Infinity]),
};

/** A device whose pack2x16float does what WGSL leaves open: of numbers beyond the largest, to whatever they are rounded, it makes others. */
const STRICT = `fn packed_strictly(value: vec2f) -> u32 {
    return select(pack2x16float(value), 0xdeadbeefu, any(abs(value) > vec2f(65504.0)));
}
`;
const strict = await openHalfContexts();
const { device } = strict[0]![1];
const compile = device.createShaderModule.bind(device);
const packing = vi.spyOn(device, 'createShaderModule').mockImplementation((descriptor) => {
  const code = descriptor.code.replaceAll(/\bpack2x16float\(/g, 'packed_strictly(');
  return compile({ ...descriptor, code: code === descriptor.code ? code : code + STRICT });
});
afterAll(() => packing.mockRestore());

const contexts = [
  ...(await openHalfContexts()),
  ...strict.map(([plans, context]) => [`${plans}, strictly packing,`, context] as const),
];

describe.each(contexts)('%s plans', (_, context) => {
  it.each(Object.entries(ROWS))('%s', async (__, numbers) => {
    const bias = Float32Array.from(numbers);
    const { length } = bias;
    using x = context.tensor(new Float32Array(length), [1, length]);
    using shift = context.tensor(bias, [length]);
    using y = layerNorm(x, { bias: shift, outputDtype: 'f16' });
    const exact = numbers.map((value) => roundTo('f16', Math.fround(value)));
    expect([...(await y.read('f32'))]).toEqual(exact);
    const finite = (await bitsOf(y)).filter((___, index) => !Number.isNaN(numbers[index]!));
    expect(finite).toEqual(
      encode(
        'f16',
        bias.filter((value) => !Number.isNaN(value)),
      ),
    );
    expect(numbers.map((value) => rounderOf('f16')(Math.fround(value)))).toEqual(exact);
  });
});
