import { expect, it } from 'vitest';
import { createContext, layerNorm } from '../../../src/index.ts';
import { gpu, runtime } from '../../setup/gpu.ts';

it('finds an adapter, and normalizes on it', async () => {
  using context = await createContext({ gpu: await gpu() });
  const { vendor, architecture, description } = context.adapterInfo;
  console.log(`${runtime}: ${vendor} ${architecture} ${description}`);
  expect(vendor).not.toBe('');
  const y = layerNorm(context.tensor([1, 2, 3, 4], [1, 4]), { eps: 0 });
  const expected = [-3, -1, 1, 3].map((value) => value / Math.sqrt(5));
  for (const [index, value] of (await y.read()).entries()) expect(value).toBeCloseTo(expected[index]!, 6);
});
