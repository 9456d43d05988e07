import { expect, it } from 'vitest';
import { createContext, layerNormBackward, layerNormForward } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';

/** Gradients that are sums, of halves that fill no whole words, into a tensor of the caller's while dy is a view: only what has an element for each of x lies as a view. */

const context = await createContext({ gpu: await gpu() });
const SHAPE = [6, 5, 4];

const cases = (['f16', 'bf16'] as const).flatMap((dtype) =>
  (['dby', 'dadd'] as const).flatMap((name) =>
    (['out', 'accumulate'] as const).flatMap((list) =>
      [
        [1, 5, 1],
        [6, 5, 1],
      ].map((shape) => ({ dtype, name, list, shape })),
    ),
  ),
);

it.each(cases)('$name [$shape] in $dtype, $list', async ({ dtype, name, list, shape }) => {
  const random = new Random(5);
  const tensor = (of: number[]) => context.tensor(random.normals(sizeOf(of), 0, 1), of, { dtype });
  const [x, wide, small] = [tensor(SHAPE), tensor([6, 5, 8]), tensor(shape)];
  const fused = name === 'dby' ? { multiply: { by: small } } : { add: small };
  const { saved } = layerNormForward(x, { ...fused, activation: 'silu' });
  const dy = wide.slice(2, 0, 4);
  const alone = layerNormBackward(dy, saved)[name]!;
  const given = context.tensor(new Float32Array(small.size), shape, { dtype });
  const { [name]: taken } = layerNormBackward(dy, saved, { [list]: { [name]: given } });
  expect(taken).toBe(given);
  const numbers = await alone.read();
  expect(numbers.some((value) => value !== 0)).toBe(true);
  expect(await given.read()).toEqual(numbers);
});
