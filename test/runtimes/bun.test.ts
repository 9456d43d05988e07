import { expect, it } from 'vitest';
import { boundOf, printed } from './printed.ts';
import type { Called } from './printed.ts';

it('calls in f32 are right in Bun, whose WebGPU is Dawn by bun-webgpu', async () => {
  const results = await printed<Called[]>('bun', 'run.mjs');
  expect(results).toHaveLength(40);
  for (const called of results) expect(called.error, called.call).toBeLessThanOrEqual(boundOf(called));
});
