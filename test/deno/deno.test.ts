import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { dawnEnvironment, findBrowser } from '../setup/browser.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('runs in Deno, where Naga compiles the shaders', async () => {
  const env = { ...process.env, ...dawnEnvironment((await findBrowser())!) };
  const deno = join(root, 'node_modules', '.bin', 'deno');
  const printed = execFileSync(deno, ['run', '--unstable-webgpu', '--allow-all', join(root, 'test/deno/run.mjs')], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  const results = JSON.parse(printed) as { call: string; error: number }[];
  expect(results).toHaveLength(40);
  for (const { call, error } of results) {
    expect(error, call).toBeLessThanOrEqual((call.includes('gradient') ? 32 : 16) * 2 ** -24);
  }
});
