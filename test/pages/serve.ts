import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { preview } from 'vite';
import { inject } from 'vitest';
import type * as images from '../../src/images/index.ts';
import type * as norm from '../../src/index.ts';
import { buildSite } from '../../examples/site.mjs';
import { browserArguments, findBrowser } from '../setup/browser.mjs';

/** The pages of `examples`, opened in a real browser. */

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Arguments by which the software driver draws pages too: without a GPU Chromium has canvases of WebGPU and imported frames by these alone. */
export const DRAWN_BY_SOFTWARE = [
  '--use-webgpu-adapter=swiftshader',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-features=Vulkan',
];

export interface Opened {
  page: Page;
  /** Errors and warnings of the page so far. */
  complaints: string[];
}

export interface Pages {
  /** Opens a page by its path below `examples`, in a profile of its own or in that of another page; `prepare` comes before. */
  open(path: string, beside?: Page, prepare?: (page: Page) => Promise<unknown>): Promise<Opened>;
  close(): Promise<void>;
}

/** Starts the browser, with further arguments, on the pages as they are in `examples`. */
export async function servePages(...more: readonly string[]): Promise<Pages> {
  return browse(inject('pagesUrl'), undefined, more);
}

/** What a page of {@link openBlank} has. */
export interface Library {
  norm: typeof norm;
  images: typeof images;
}

const BLANK = `<!doctype html><body style="margin: 0"><script type="module">
  import * as norm from '/src/index.ts';
  import * as images from '/src/images/index.ts';
  Object.assign(globalThis, { norm, images });
</script>`;

/** Opens a page with nothing on it, and the library on its `globalThis`. */
export async function openBlank(pages: Pages): Promise<Opened> {
  const fulfil = async (page: Page): Promise<unknown> =>
    page.route('**/blank.html', async (route) => route.fulfill({ contentType: 'text/html', body: BLANK }));
  const opened = await pages.open('blank.html', undefined, fulfil);
  await opened.page.waitForFunction(() => 'norm' in globalThis);
  return opened;
}

/** Builds some of the pages into a folder, serves it below `/some/where/`, and starts the browser, with further arguments. */
export async function serveSite(
  outDir: string,
  folders: readonly string[],
  more: readonly string[] = [],
): Promise<Pages> {
  await buildSite(outDir, folders);
  const server = await preview({
    root: outDir,
    base: '/some/where/',
    configFile: false,
    logLevel: 'error',
    build: { outDir },
    preview: { port: 0 },
  });
  return browse(server.resolvedUrls!.local[0]!, async () => server.close(), more);
}

/** Starts the browser, with pages below an address. */
export async function browse(
  url: string,
  closeServer?: () => Promise<void>,
  more: readonly string[] = [],
): Promise<Pages> {
  const args = [...browserArguments, ...more];
  const browser = await chromium.launch({ executablePath: (await findBrowser()) ?? undefined, args });
  return {
    open: async (path, beside, prepare) => {
      const page = await (beside?.context() ?? (await browser.newContext())).newPage();
      // Software that draws, on a busy machine.
      page.setDefaultTimeout(120_000);
      const complaints: string[] = [];
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await prepare?.(page);
      await page.goto(url + path);
      return { page, complaints };
    },
    close: async () => {
      await browser.close();
      await closeServer?.();
    },
  };
}
