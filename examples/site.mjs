import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { giveUp, installPackages, optionsOf, root, run } from '../test/setup/install.mjs';
import { PAGES } from './pages.mjs';

/**
 * `npm run site`: builds the pages of this folder into `site`, to be served from any path, by any server of files; with the documentation
 * in `site/docs` by `-- --docs=/webgpu-norm/`, to be served from that path.
 */

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
  const { docs: path } = optionsOf({ docs: { type: 'string' } });
  if (path !== undefined && !/^\/(?:.*\/)?$/.test(path)) {
    giveUp(`--docs=${path}: give the path that the site is served from, as in --docs=/ or --docs=/webgpu-norm/.`);
  }
  installPackages();
  if (path) process.env['SITE_PATH'] = path;
  // First: once pages are built, this process is one of production, and npm installs no tools.
  if (path && !run('npm', ['run', 'docs:build'])) giveUp('The documentation could not be built (see above).');
  const folder = join(root, 'site');
  await buildSite(folder);
  if (path) cpSync(join(root, 'docs', '.vitepress', 'dist'), join(folder, 'docs'), { recursive: true });
  console.log(`Written: ${folder}. Serve it from ${path ?? 'any path'}, without headers of its own.`);
}
