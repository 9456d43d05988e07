import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { minifiedShaders } from './build/shaders.ts';
import { navigation } from './examples/pages.mjs';
import { browserArguments, dawnEnvironment, findBrowser, roomyHeap } from './test/setup/browser.mjs';
import { leftToAnotherRound, leftToDawn } from './test/setup/left-out.ts';
import { onLavapipe } from './test/setup/lavapipe.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const browser = await findBrowser();
if (browser && process.env['VITEST']) Object.assign(process.env, dawnEnvironment(browser), roomyHeap);

/** Which part of the tests this run has; undefined: all of them (test/setup/rounds.mjs). */
const round = process.env['ROUND'];

/** What runs on the built package, or on the served page. */
const onBuild = ['test/package/**/*.test.ts', 'test/pages/**/*.test.ts', 'test/runtimes/**/*.test.ts'];
/** What runs in Wine, in `npm run test:matrix`. */
const onWindows = 'test/runtimes/windows.test.ts';
/** What asks AMD's compiler. */
const onCompiler = 'test/isa/compiler.test.ts';
const testTimeout = 600_000;
const onGpu = { include: ['test/gpu/**/*.test.ts'], testTimeout };
/** Files of one process (or of one page): starting one for each takes a fifth of the time. They run after all others. */
const together = { isolate: false, sequence: { groupOrder: 1 } };

/** The browser, for each project anew: Vitest changes what it is given. */
const inChromium = () => ({
  enabled: true,
  headless: true,
  fileParallelism: false,
  screenshotFailures: false,
  provider: playwright({
    launchOptions: {
      executablePath: browser ?? undefined,
      args: [...browserArguments, '--js-flags=--expose-gc'],
    },
  }),
  instances: [{ browser: 'chromium' as const }],
});

const output = {
  // Where Deno and JSR find the types of an entry.
  banner: ({ isEntry, name }: { isEntry: boolean; name: string }): string =>
    isEntry ? `/* @ts-self-types="./${name === 'index' ? name : `${name}/index`}.d.ts" */` : '',
};

/** What the package is built by, and pages are not: they bring the libraries that bridges meet, and nobody asks them for types. */
const packaging: Plugin = {
  name: 'packaging',
  apply: 'build',
  config: ({ build }) =>
    build?.lib ? { build: { rolldownOptions: { external: [/^@tensorflow\//, '@jax-js/jax'], output } } } : null,
};

export default defineConfig({
  plugins: [minifiedShaders, packaging, navigation],
  resolve: {
    alias: [
      { find: /^webgpu-norm\/reference$/, replacement: here('./src/reference/index.ts') },
      { find: /^webgpu-norm\/images$/, replacement: here('./src/images/index.ts') },
      { find: /^webgpu-norm\/jax$/, replacement: here('./src/jax/index.ts') },
      { find: /^webgpu-norm\/layers$/, replacement: here('./src/layers/index.ts') },
      { find: /^webgpu-norm\/onnx$/, replacement: here('./src/onnx/index.ts') },
      { find: /^webgpu-norm\/sync$/, replacement: here('./src/sync/index.ts') },
      { find: /^webgpu-norm\/tfjs$/, replacement: here('./src/tfjs/index.ts') },
      { find: /^webgpu-norm$/, replacement: here('./src/index.ts') },
    ],
  },
  build: {
    target: 'esnext',
    minify: false,
    sourcemap: true,
    lib: {
      entry: {
        index: here('./src/index.ts'),
        images: here('./src/images/index.ts'),
        jax: here('./src/jax/index.ts'),
        layers: here('./src/layers/index.ts'),
        onnx: here('./src/onnx/index.ts'),
        reference: here('./src/reference/index.ts'),
        sync: here('./src/sync/index.ts'),
        tfjs: here('./src/tfjs/index.ts'),
      },
      formats: ['es'],
    },
  },
  test: {
    env: Object.fromEntries(
      ['SEED', 'ROUND', 'LONG_RUN', 'WHOLE', 'CASES', 'ORACLE'].flatMap((name) =>
        process.env[name] ? [[name, process.env[name]]] : [],
      ),
    ),
    // As many files at once as there are cores, and beside them a page of the browser: more in the browser at once take longer than one after the other.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          ...together,
          include: ['test/**/*.test.ts'],
          exclude: ['test/gpu/**', 'test/chromium/**', 'test/lavapipe/**', onCompiler, ...onBuild],
        },
      },
      // One long file. Vitest starts projects in the order of their names, and at the end it would leave a core idle.
      { extends: true, test: { name: 'amd', include: [onCompiler], testTimeout: 180_000 } },
      {
        extends: true,
        // One copy of TensorFlow.js, with the gradients that are registered by importing a file of it.
        test: { name: 'dawn', ...onGpu, ...together, pool: 'forks', server: { deps: { inline: [/@tensorflow/] } } },
      },
      { extends: true, test: { name: 'lavapipe', ...onGpu, ...together, ...onLavapipe('lavapipe') } },
      // Vitest itself runs in Deno then.
      ...('Deno' in globalThis
        ? [{ extends: true as const, test: { name: 'deno', ...onGpu, ...onLavapipe('Deno') } }]
        : []),
      {
        extends: true,
        test: {
          name: 'chromium',
          ...onGpu,
          ...together,
          exclude: leftToDawn(round),
          browser: inChromium(),
        },
      },
      // What is once a page, such as the other libraries: each file has one of its own.
      {
        extends: true,
        test: { name: 'chromium pages', include: ['test/chromium/**/*.test.ts'], testTimeout, browser: inChromium() },
      },
      ...(process.env['WHOLE'] === '1'
        ? [
            {
              extends: true as const,
              test: { ...onLavapipe('lavapipe'), name: 'windows', include: [onWindows], testTimeout: 3_600_000 },
            },
          ]
        : []),
      {
        extends: true,
        test: {
          name: 'build',
          include: onBuild,
          exclude: [onWindows, ...leftToAnotherRound(round)],
          globalSetup: 'test/setup/pages-server.ts',
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
