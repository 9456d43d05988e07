import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { browserArguments, dawnEnvironment, findBrowser } from './test/setup/browser.mjs';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const browser = await findBrowser();
if (browser && process.env['VITEST']) Object.assign(process.env, dawnEnvironment(browser));

const onGpu = { include: ['test/gpu/**/*.test.ts'], testTimeout: 180_000, fileParallelism: false };

export default defineConfig({
  resolve: {
    alias: [
      { find: /^webgpu-norm\/reference$/, replacement: here('./src/reference/index.ts') },
      { find: /^webgpu-norm$/, replacement: here('./src/index.ts') },
    ],
  },
  build: {
    target: 'esnext',
    minify: false,
    sourcemap: true,
    lib: {
      entry: { index: here('./src/index.ts'), reference: here('./src/reference/index.ts') },
      formats: ['es'],
    },
  },
  test: {
    env: process.env['SEED'] ? { SEED: process.env['SEED'] } : {},
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/gpu/**', 'test/package/**', 'test/pages/**'],
        },
      },
      { extends: true, test: { name: 'dawn', ...onGpu, pool: 'forks' } },
      {
        extends: true,
        test: {
          name: 'chromium',
          ...onGpu,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: browser ?? undefined, args: browserArguments } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'pages',
          include: ['test/package/**/*.test.ts', 'test/pages/**/*.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
