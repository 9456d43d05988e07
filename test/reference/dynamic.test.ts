import { describe, expect, it } from 'vitest';
import { dynamicErf, dynamicErfBackward, dynamicTanh, dynamicTanhBackward } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';
import { dot, expectSlopes } from './differences.ts';

/** DyT and Derf (G26). */

const one = (value: number) => array([1], [value]);

describe('DyT', () => {
  it('is tanh(alpha · x) · weight + bias', () => {
    const { y, mean, rstd } = dynamicTanh(array([2, 2], [1, 2, -1, 0]), {
      alpha: one(0.5),
      weight: array([2], [2, 3]),
      bias: array([2], [0, 1]),
    });
    const [half, whole] = [Math.tanh(0.5), Math.tanh(1)];
    expectClose(y, array([2, 2], [2 * half, 3 * whole + 1, -2 * half, 1]));
    expect([mean.shape, rstd.shape]).toEqual([[0], [0]]);
  });

  it('has one alpha', () => {
    expect(() => dynamicTanh(array([2], [1, 2]), { alpha: array([2], [1, 1]) })).toThrow('it must have 1');
  });
});

describe('Derf', () => {
  it('is erf(alpha · x + inputShift)', () => {
    const { y } = dynamicErf(array([3], [0, 1, -3]), { alpha: one(0.5), inputShift: one(0.5) });
    expectClose(y, array([3], [0.5204998778130465, 0.8427007929497149, -0.8427007929497149]));
  });
});

it.each([
  ['DyT', dynamicTanh, dynamicTanhBackward, ['alpha']],
  ['Derf', dynamicErf, dynamicErfBackward, ['alpha', 'inputShift']],
] as const)('the gradients of %s, with all fusions, are slopes', (_, forward, backward, taken) => {
  const shape = [3, 4];
  const arrays = {
    x: randomArray(shape, 1),
    residual: randomArray(shape, 2),
    gate: randomArray([4], 3),
    weight: randomArray([4], 4),
    bias: randomArray([4], 5),
    scale: randomArray(shape, 6),
    shift: randomArray([4], 7),
    ...Object.fromEntries(taken.map((name, index) => [name, randomArray([1], 8 + index)])),
  };
  const dy = randomArray(shape, 11);
  const dresidualOut = randomArray(shape, 12);
  const { x, scale, shift, ...others } = arrays;
  const options = { ...others, modulation: { scale, shift }, activation: 'elu' } as unknown as { alpha: typeof x };
  const loss = (): number => {
    const { y, residualOut } = forward(x, options);
    return dot(dy, y) + dot(dresidualOut, residualOut!);
  };
  const gradients = backward(dy, x, { ...options, dresidualOut }) as unknown as Record<string, typeof x>;
  for (const [name, given] of Object.entries(arrays)) expectSlopes(gradients[`d${name}`], name, given, loss);
});
