import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { inject } from 'vitest';
import type * as images from '../../src/images/index.ts';
import type * as norm from '../../src/index.ts';
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
  /** Opens a page by its path on the site, in a profile of its own or in that of another page; `prepare` comes before. */
  open(path: string, beside?: Page, prepare?: (page: Page) => Promise<unknown>): Promise<Opened>;
  close(): Promise<void>;
}

/** Starts the browser, with further arguments, on the pages as `npm run site` builds them. */
export async function servePages(...more: readonly string[]): Promise<Pages> {
  return browse(inject('siteUrl'), more);
}

/** Opens a page with nothing on it, which may import the files of the repository: `/src/index.ts`. */
export async function openBlank(pages: Pages, beside?: Page): Promise<Opened> {
  return pages.open(`${inject('sourcesUrl')}test/pages/blank.html`, beside);
}

/** What a page of {@link openLibrary} has. */
export interface Library {
  norm: typeof norm;
  images: typeof images;
}

/** Opens a page with nothing on it, and the library on its `globalThis`. */
export async function openLibrary(pages: Pages): Promise<Opened> {
  const opened = await openBlank(pages);
  await opened.page.evaluate(`(async () => {
    globalThis.norm = await import('/src/index.ts');
    globalThis.images = await import('/src/images/index.ts');
  })()`);
  return opened;
}

/** Starts the browser, with pages below an address. */
export async function browse(url: string, more: readonly string[] = []): Promise<Pages> {
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
      await page.goto(new URL(path, url).href);
      return { page, complaints };
    },
    close: async () => browser.close(),
  };
}

/** The colour that a page shows at a place, as bytes. */
export async function shownAt(page: Page, x: number, y: number): Promise<number[]> {
  const shot = await page.screenshot({ clip: { x, y, width: 1, height: 1 } });
  return page.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const drawing = new OffscreenCanvas(1, 1).getContext('2d')!;
    drawing.drawImage(image, 0, 0);
    return [...drawing.getImageData(0, 0, 1, 1).data];
  }, shot.toString('base64'));
}

/** Lets a page wait for its GPU, until {@link giveAdapters}. */
export async function holdAdapters(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const request = GPU.prototype.requestAdapter;
    const wanted = new Promise<void>((resolve) => Object.assign(globalThis, { giveAdapters: resolve }));
    GPU.prototype.requestAdapter = async function (options) {
      await wanted;
      return request.call(this, options);
    };
  });
}

export async function giveAdapters(page: Page): Promise<void> {
  await page.evaluate(() => (globalThis as unknown as { giveAdapters(): void }).giveAdapters());
}
