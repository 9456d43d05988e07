import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PAGES } from '../../examples/pages.mjs';
import { ready, shown } from './axes-page.ts';
import { drawn } from './pictures-page.ts';
import { root, servePages } from './serve.ts';
import type { Pages } from './serve.ts';
import { choose, reach, sampleFrom } from './train-page.ts';

/** The links between pages, and the site as it is built. */

const folders = PAGES.map(({ folder }) => folder);

/** What the links in a page lead to, and which of them says that it is this page. */
function linksIn(html: string) {
  const [, nav] = /<nav aria-label="Pages">(.*?)<\/nav>/s.exec(html)!;
  const links = [...nav!.matchAll(/<a href="([^"]+)"( aria-current="page")?>/g)];
  return { hrefs: links.map(([, href]) => href!), current: links.flatMap(([, href, here]) => (here ? [href] : [])) };
}

async function gzippedSize(response: Response): Promise<number> {
  return gzipSync(new Uint8Array(await response.arrayBuffer())).byteLength;
}

/** What a page was made of, all of it below its path, and how much that is over the wire. */
async function loadedBy(page: Page): Promise<{ urls: string[]; kilobytes: number }> {
  const loaded = await page.evaluate(() => [
    location.href,
    ...performance.getEntriesByType('resource').map(({ name }) => name),
  ]);
  const urls = [...new Set(loaded)].filter((url) => !url.startsWith('data:'));
  for (const url of urls) expect(new URL(url).pathname).toMatch(/^\/some\/where\//);
  const sizes = await Promise.all(urls.map(async (url) => gzippedSize(await fetch(url))));
  return { urls, kilobytes: sizes.reduce((sum, bytes) => sum + bytes, 0) / 1000 };
}

it('every page links all pages, and the documentation where that is built too, and says which one it is', async () => {
  const config = { configFile: `${root}/vite.config.ts`, server: { middlewareMode: true, hmr: false, watch: null } };
  const server = await createServer({ root, logLevel: 'error', ...config });
  for (const folder of folders) {
    const file = `${root}examples/${folder}/index.html`;
    const { hrefs, current } = linksIn(
      await server.transformIndexHtml(`/examples/${folder}/index.html`, readFileSync(file, 'utf8')),
    );
    expect(hrefs, folder).toHaveLength(PAGES.length);
    for (const href of hrefs) expect(existsSync(join(dirname(file), href, 'index.html')), href).toBe(true);
    expect(current).toEqual([`../${folder}/`]);
  }
  vi.stubEnv('SITE_PATH', '/some/where/');
  const html = await server.transformIndexHtml('/examples/axes/index.html', '<nav aria-label="Pages"></nav>');
  vi.unstubAllEnvs();
  expect(linksIn(html).hrefs).toEqual([...folders.map((folder) => `../${folder}/`), '../docs/']);
  await server.close();
});

describe('the site, below a path', () => {
  let pages: Pages;

  beforeAll(async () => {
    pages = await servePages();
  });

  afterAll(async () => pages.close());

  it('begins with the axes, computed on the GPU, in less than 300 KB', async () => {
    const { page, complaints } = await pages.open('');
    await page.waitForURL('**/some/where/axes/');
    await ready(page);
    const { lit, facts } = await shown(page);
    expect(lit).toHaveLength(facts['count']!);
    expect(await page.getAttribute('html', 'data-engine')).toBe('gpu');

    const { urls, kilobytes } = await loadedBy(page);
    expect(urls.some((url) => url.endsWith('.js'))).toBe(true);
    expect(kilobytes, `${urls.length} files`).toBeGreaterThan(20);
    expect(kilobytes, `${urls.length} files`).toBeLessThan(300);
    expect(complaints).toEqual([]);
  });

  it('has its pictures beside the page of pictures', async () => {
    const { page, complaints } = await pages.open('pictures/?cpu');
    await drawn(page);
    expect(await page.$$eval('#places span', (names) => names.length)).toBe(4);
    const { urls, kilobytes } = await loadedBy(page);
    expect(urls.filter((url) => url.endsWith('.webp'))).toHaveLength(3);
    expect(kilobytes, `${urls.length} files`).toBeLessThan(300);
    expect(complaints).toEqual([]);
  });

  it('trains in a worker that is loaded when it is asked for', async () => {
    const { page, complaints } = await pages.open('train/');
    await reach(page, 'ready');
    expect(page.workers()).toHaveLength(0);
    expect((await loadedBy(page)).kilobytes).toBeLessThan(300);
    await choose(page, { norm: 'none' });
    await page.click('#start');
    await sampleFrom(page, 12);
    expect(new URL(page.workers()[0]!.url()).pathname).toMatch(/^\/some\/where\/assets\/worker-.*\.js$/);
    expect(complaints).toEqual([]);
  });
});
