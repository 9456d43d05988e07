import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { sidebarOf } from './pages.ts';

const docs = new URL('../', import.meta.url);
const reference = new URL('api/typedoc-sidebar.json', docs);
const modules = existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : [];

/** A static site; `DOCS_BASE` is the path that it is served from, `/docs/` for example. */
export default defineConfig({
  title: 'webgpu-norm',
  description: 'Normalization kernels for WebGPU, with gradients',
  lang: 'en',
  base: process.env['DOCS_BASE'] ?? '/',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Modes', link: '/choosing' },
      { text: 'Models', link: '/models' },
      { text: 'Reference', link: '/api/' },
    ],
    sidebar: {
      '/': sidebarOf(docs),
      '/api/': [
        { text: 'Guide', link: '/' },
        { text: 'Reference', link: '/api/', items: modules },
      ],
    },
  },
});
