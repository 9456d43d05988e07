import { beforeAll, expect, it } from 'vitest';
import { measureSizes, sizesInWords } from '../../build/size.mjs';
import { ensureBuilt } from './build.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What was measured, in words, for the closing line of `npm test`. */
    sizes?: string;
  }
}

beforeAll(ensureBuilt);

it('takes an app no more bytes than it did', async ({ task }) => {
  const sizes = await measureSizes();
  task.meta.sizes = sizesInWords(sizes);
  for (const { name, bytes, limit } of sizes) {
    expect(bytes, name).toBeLessThan(limit);
    // A limit far above what is reached holds nothing.
    expect(bytes, `${name}: lower its limit in build/size.mjs`).toBeGreaterThan(0.93 * limit);
  }
});
