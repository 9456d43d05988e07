import { join } from 'node:path';
import { installPackages, root } from '../test/setup/install.mjs';
import { PAGES } from './pages.mjs';

/** `npm run site`: builds the pages of this folder into `site`, to be served from any path, by any server of files. */

/**
 * Builds pages, and the one that leads to the first of them.
 *
 * @param {string} outDir
 * @param {readonly string[]} folders
 */
export async function buildSite(outDir, folders = PAGES.map(({ folder }) => folder)) {
  const { build } = await import('vite');
  const checks = { pluginTimings: false };
  const pages = ['', ...folders].map((folder) => join(root, 'examples', folder, 'index.html'));
  await build({
    root: join(root, 'examples'),
    base: './',
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    worker: { format: 'es', rollupOptions: { checks } },
    build: {
      outDir,
      emptyOutDir: true,
      lib: false,
      minify: true,
      sourcemap: false,
      license: { fileName: 'licenses.md' },
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: Infinity,
      rollupOptions: { input: pages, checks },
    },
  });
}

if (import.meta.filename === process.argv[1]) {
  installPackages();
  const folder = join(root, 'site');
  await buildSite(folder);
  console.log(`Written: ${folder}. Serve it from any path, without headers of its own.`);
}
