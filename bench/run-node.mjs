import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, root } from '../test/setup/install.mjs';
import { commitOf } from './terminal/commit.mjs';

/** `npm run bench:node`: bundles `node.ts`, and runs it. */

installPackages();
const { build } = await import('vite');
const { dawnEnvironment, findBrowser } = await import('../test/setup/browser.mjs');

// An interruption is for the process below: once that has ended, so does this one.
process.on('SIGINT', () => {});
// Beside the packages, so that the bundle finds `webgpu`.
const outDir = mkdtempSync(join(root, 'node_modules', '.bench-'));
try {
  await build({ root, configFile: join(root, 'bench', 'node.config.ts'), build: { outDir } });
  const browser = await findBrowser();
  const { status } = spawnSync(process.execPath, [join(outDir, 'bench.mjs'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...(browser && dawnEnvironment(browser)), BENCH_COMMIT: commitOf() ?? undefined },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(outDir, { recursive: true, force: true });
}
