import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { measureSizes, sizesInWords } from '../../build/size.mjs';

declare module 'vitest' {
  interface TaskMeta {
    /** What was measured, in words, for the closing line of `npm test`. */
    sizes?: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

beforeAll(() => {
  if (!existsSync(`${root}/dist/index.js`)) execFileSync('npm', ['run', 'build'], { cwd: root });
});

it('takes an app no more bytes than it did', async ({ task }) => {
  const sizes = await measureSizes();
  task.meta.sizes = sizesInWords(sizes);
  for (const { name, bytes, limit } of sizes) {
    expect(bytes, name).toBeLessThan(limit);
    // A limit far above what is reached holds nothing.
    expect(bytes, `${name}: lower its limit in build/size.mjs`).toBeGreaterThan(0.93 * limit);
  }
});
