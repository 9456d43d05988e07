import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { SIDEBAR } from './pages.ts';

/** The modules of the reference, which TypeDoc has written before. */
const modules = JSON.parse(readFileSync(new URL('../api/typedoc-sidebar.json', import.meta.url), 'utf8'));

/** The path of the site that it is a part of, beside the pages of examples. */
const sitePath = process.env['SITE_PATH'];

/** A static site; by itself, `DOCS_BASE` is the path that it is served from, `/docs/` for example. */
export default defineConfig({
  title: 'webgpu-norm',
  description: 'Normalization kernels for WebGPU, with gradients',
  lang: 'en',
  base: sitePath ? `${sitePath}docs/` : (process.env['DOCS_BASE'] ?? '/'),
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Modes', link: '/choosing' },
      { text: 'Models', link: '/models' },
      { text: 'Reference', link: '/api/' },
      // What is not a page of the documentation is no link for its router.
      ...(sitePath ? [{ text: 'See it', link: '/../axes/', target: '_self' }] : []),
    ],
    sidebar: {
      '/': SIDEBAR,
      '/api/': [
        { text: 'Guide', link: '/' },
        { text: 'Reference', link: '/api/', items: modules },
      ],
    },
  },
});
