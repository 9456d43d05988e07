import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { measureSizes } from '../../build/size.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

beforeAll(() => {
  if (!existsSync(`${root}/dist/index.js`)) execFileSync('npm', ['run', 'build'], { cwd: root });
});

it('takes an app no more bytes than it did', async () => {
  for (const { name, bytes, limit } of await measureSizes()) {
    expect(bytes, name).toBeLessThan(limit);
    // A limit far above what is reached holds nothing.
    expect(bytes, `${name}: lower its limit in build/size.mjs`).toBeGreaterThan(0.93 * limit);
  }
});
