import { join } from 'node:path';
import { build, preview } from 'vite';
import { root } from '../test/setup/install.mjs';
import { OWN_PROCESS } from './headers.mjs';

/** The pages of the benchmark, built. */

const configOf = (page, options) => ({
  root,
  base: './',
  configFile: join(root, 'vite.config.ts'),
  logLevel: 'error',
  build: {
    lib: false,
    emptyOutDir: true,
    sourcemap: false,
    minify: true,
    modulePreload: { polyfill: false },
    ...options,
    rollupOptions: { input: join(root, page), ...options.rollupOptions },
  },
});

/**
 * Builds the page that measures into a folder, and serves it.
 *
 * @param {string} outDir
 */
export async function servePage(outDir) {
  await build(configOf('examples/speed/index.html', { outDir }));
  const server = await preview({
    root,
    base: './',
    configFile: false,
    logLevel: 'error',
    build: { outDir },
    preview: { port: 0, headers: OWN_PROCESS },
  });
  return {
    url: `${server.resolvedUrls.local[0]}examples/speed/index.html?recorded=none`,
    close: async () => server.close(),
  };
}

/**
 * The page that shows results, with these in it, as one file.
 *
 * @param {string} json
 * @returns {Promise<string>}
 */
export async function singleFile(json) {
  const { output } = await build(
    configOf('bench/report/saved.html', { write: false, rollupOptions: { output: { codeSplitting: false } } }),
  );
  const textOf = (kind, ending) =>
    output
      .filter(({ type, fileName }) => type === kind && fileName.endsWith(ending))
      .map(({ code, source }) => code ?? source)
      .join('\n');
  const script = textOf('chunk', '.js').replaceAll('</script', '<\\/script');
  const page = textOf('asset', '.html').replaceAll(
    /<(script type="module"|link rel="stylesheet")[^>]*>(<\/script>)?/g,
    '',
  );
  const parts = [
    `<style>${textOf('asset', '.css')}</style>`,
    `<script type="application/json" id="results">${json.replaceAll('<', '\\u003c')}</script>`,
    `<script type="module">${script}</script>`,
  ];
  return page
    .replace(/<script type="application\/json".*?<\/script>/, '')
    .replace('</body>', () => `${parts.join('\n')}\n</body>`);
}
