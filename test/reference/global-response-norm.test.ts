import { expect, it } from 'vitest';
import { globalResponseNorm, globalResponseNormBackward } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';
import { dot, expectSlopes } from './differences.ts';

/** GRN (G24). */

it('adds each channel times its share of the norms', () => {
  // Norms 5 and 15 of a mean of 10.
  const x = array([1, 2, 2], [3, 4, 9, 12]);
  const { y, rstd } = globalResponseNorm(x, { weight: array([2], [2, 4]), bias: array([2], [0, 1]), eps: 0 });
  expectClose(y, array([1, 2, 2], [3 + 3, 4 + 4, 9 + 54 + 1, 12 + 72 + 1]));
  expectClose(rstd, array([1, 2, 1], [0.5, 1.5]));
});

it.each(['NCL', 'NLC', 'CNL'])('its gradients, with all fusions, are slopes: %s', (layout) => {
  const shape = [...layout].map((letter) => ({ N: 2, C: 3, L: 4 })[letter]!);
  const arrays = {
    x: randomArray(shape, 1),
    residual: randomArray(shape, 2),
    gate: randomArray([3], 3),
    weight: randomArray([3], 4),
    bias: randomArray([3], 5),
    scale: randomArray([2, 3], 6),
    shift: randomArray([3], 7),
    add: randomArray(shape, 8),
  };
  const [dy, dresidualOut] = [randomArray(shape, 11), randomArray(shape, 12)];
  const { x, scale, shift, ...others } = arrays;
  const options = { ...others, layout, modulation: { scale, shift }, activation: 'silu', eps: 0.1 } as const;
  const loss = (): number => {
    const { y, residualOut } = globalResponseNorm(x, options);
    return dot(dy, y) + dot(dresidualOut, residualOut!);
  };
  const gradients = globalResponseNormBackward(dy, x, { ...options, dresidualOut }) as unknown as Record<
    string,
    typeof x
  >;
  for (const [name, given] of Object.entries(arrays)) expectSlopes(gradients[`d${name}`], name, given, loss);
});

it('refuses samples without positions', () => {
  expect(() => globalResponseNorm(array([2, 3, 0], []))).toThrow('x [2,3,0] has no elements to take statistics of');
});
