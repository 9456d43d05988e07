import type { Page } from 'playwright';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { batchOf, distance, exactOf, ready, ROUNDED } from './pictures-page.ts';
import { DRAWN_BY_SOFTWARE, openLibrary, servePages } from './serve.ts';
import type { Library, Pages } from './serve.ts';
import { SITTINGS } from '../../bench/cases/shapes.ts';
import type { ShapesMeasured } from '../../bench/analysis/shapes.ts';
import type { Request, ShapesRequest } from '../../bench/report/main.ts';

/** The browser's GPU process, with every device in it, crashes under an app: all that it waits for says so, and a new context goes on. */

let pages: Pages;

// After a few crashes a browser is done with GPUs: each test has one of its own.
beforeEach(async () => {
  pages = await servePages(...DRAWN_BY_SOFTWARE);
});

afterEach(async () => pages.close());

/** A crash of the process that draws for the page. */
async function crasher(page: Page): Promise<() => Promise<void>> {
  const browser = await page.context().browser()!.newBrowserCDPSession();
  return async () => void (await browser.send('Browser.crashGpuProcess').catch(() => undefined));
}

/** What an app of the page waits for, before the crash and after, and what it has once it goes on. */
async function outlived() {
  const { norm, crash } = globalThis as unknown as Library & { crash: () => Promise<void> };
  const { createContext, layerNorm, groupNorm, layerNormForward, layerNormBackward } = norm;
  const data = Float32Array.from({ length: 4096 }, (_, index) => Math.sin(index));
  const context = await createContext();
  const x = context.tensor(data, [16, 256]);
  const before = await layerNorm(x).read();
  const { saved } = layerNormForward(x);

  const ended = async (what: Promise<unknown>): Promise<string> =>
    what.then(
      () => 'as if nothing had happened',
      (error: Error & { code?: string }) => `${error.name} ${error.code}`,
    );
  // Work that takes the device seconds, so that all that is waited for comes after the crash.
  const busy = context.empty([4096, 4096]);
  for (let call = 0; call < 16; call++) layerNorm(busy, { out: busy });
  const waits: Record<string, Promise<unknown>> = {
    read: layerNorm(x).read(),
    'read of a gradient': layerNormBackward(x, saved).dx.read(),
    prepare: context.prepare(() => groupNorm(x, { numGroups: 4, activation: 'gelu' })),
    ready: context.ready(() => groupNorm(x, { numGroups: 8, activation: 'silu' })),
    'createContext on its device': createContext({ device: context.device }),
  };
  const meanwhile = Object.entries(waits).map(async ([name, what]) => [name, await ended(what)]);
  await crash();
  const told = Object.fromEntries(await Promise.all(meanwhile)) as Record<string, string>;
  await context.device.lost;
  let atOnce = 'as if nothing had happened';
  try {
    layerNorm(x);
  } catch (error) {
    atOnce = `${(error as Error).name} ${(error as { code?: string }).code}`;
  }

  const next = await createContext();
  const after = await layerNorm(next.tensor(data, [16, 256])).read();
  return { told, atOnce, isSame: after.every((value, index) => value === before[index]) };
}

it('is told by all that waits, and a new context gives the same bits', async () => {
  const { page } = await openLibrary(pages);
  await page.exposeFunction('crash', await crasher(page));
  const { told, atOnce, isSame } = await page.evaluate(outlived);
  for (const [what, how] of Object.entries(told)) expect(how, what).toBe('NormError lost');
  expect(atOnce).toBe('NormError lost');
  expect(isSame).toBe(true);
});

/** The bytes of canvases that the CPU drew, RGBA. */
const bytesOf = async (page: Page, selector: string): Promise<Buffer[]> => {
  const texts = await page.$$eval(selector, (canvases) =>
    (canvases as HTMLCanvasElement[]).map((canvas) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''));
    }),
  );
  return texts.map((text) => Buffer.from(text, 'base64'));
};

it('has the reference go on, once, on the page of axes', async () => {
  const { page } = await pages.open('axes/');
  const thrown: string[] = [];
  page.on('pageerror', ({ message }) => thrown.push(message));
  await page.waitForSelector('html[data-engine="gpu"][data-state="ready"]', { state: 'attached' });
  const lost = page.waitForEvent('console', (message) => message.type() === 'warning');
  await (
    await crasher(page)
  )();
  await lost;
  // Three settings before the first of them fails.
  await page.$eval('#groups', (slider: HTMLInputElement) => {
    for (const value of ['0', '1', '3']) {
      slider.value = value;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
  });
  await page.waitForSelector('html[data-engine="cpu"][data-state="ready"]', { state: 'attached' });
  expect(await page.textContent('#source')).toMatch(/^No WebGPU \(.*the device was lost/);
  expect(thrown).toEqual([]);
});

it('ends a run on the page of speed, whose last word is that', async () => {
  const { page } = await pages.open('speed/?recorded=none');
  await page.waitForFunction(() => 'runBenchmark' in globalThis);
  const crash = await crasher(page);
  const request: Request = {
    cases: ['LayerNorm [4096,768]'],
    libraries: ['copy', 'webgpu-norm', 'textbook'],
    passes: ['forward'],
    pace: 'quick',
  };
  await page.evaluate((wanted) => {
    const { runBenchmark } = globalThis as unknown as { runBenchmark(of: Request): Promise<unknown> };
    const said: string[] = [];
    Object.assign(globalThis, { said });
    const status = document.getElementById('status')!;
    new MutationObserver(() => void said.push(status.textContent)).observe(status, { childList: true });
    void runBenchmark(wanted).catch(() => {});
  }, request);
  await page.waitForFunction(() => document.getElementById('status')!.textContent.endsWith(': copy …'));
  await crash();
  const words = 'This did not work. the device was lost';
  const said = async (): Promise<string[]> => page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
  await expect.poll(said, { timeout: 60_000 }).toContain(words);
  // What is left of the run ends by itself, as the GPU is gone.
  await page.waitForTimeout(5000);
  expect((await said()).at(-1)).toBe(words);
});

it('ends a run of ever new shapes, after which there may be another', async () => {
  const { page } = await pages.open('speed/?recorded=none');
  await page.waitForFunction(() => 'runShapes' in globalThis);
  const crash = await crasher(page);
  const begin = async (calls: number): Promise<string> =>
    page.evaluate(
      async (wanted) => {
        const { runShapes } = globalThis as unknown as { runShapes(of: ShapesRequest): Promise<ShapesMeasured> };
        return runShapes(wanted).then(
          ({ shapes }) => shapes.map(({ error }) => error ?? 'measured').join(),
          (problem: Error) => problem.message,
        );
      },
      { sitting: { ...SITTINGS[0]!, calls, more: 0 }, libraries: ['copy', 'webgpu-norm'], seed: 3 },
    );
  await page.evaluate(() => {
    const { submit } = GPUQueue.prototype;
    GPUQueue.prototype.submit = function (buffers) {
      Object.assign(globalThis, { submitted: ((globalThis as { submitted?: number }).submitted ?? 0) + 1 });
      return submit.call(this, buffers);
    };
  });
  const ended = begin(300);
  await page.waitForFunction(() => (globalThis as { submitted?: number }).submitted! > 20);
  await crash();
  expect(await ended).toBe('the device was lost');
  expect(await begin(2)).toBe('measured,measured');
});

it('leaves no canvas of the page of pictures blank: the reference draws', async () => {
  const { page } = await pages.open('pictures/');
  await ready(page);
  expect(await page.getAttribute('html', 'data-engine')).toBe('gpu');
  const thumbs = await bytesOf(page, '#places canvas, #styles canvas');
  await page.check('#modes [value="instance"]', { force: true });
  await (
    await crasher(page)
  )();
  await page.waitForSelector('html[data-engine="cpu"]', { state: 'attached' });
  await ready(page);
  const [before, after] = await bytesOf(page, '#stage canvas');
  const { width, height } = await page.$eval('#stage canvas', ({ width, height }: HTMLCanvasElement) => ({
    width,
    height,
  }));
  expect(new Set(before).size).toBeGreaterThan(100);
  const batch = batchOf([before!, before!, before!, before!], width, height);
  expect(distance(after!, exactOf('instance', batch, 0, 0), [-2.5, 2.5])).toBeLessThanOrEqual(2 * ROUNDED);
  const still = await bytesOf(page, '#places canvas, #styles canvas');
  expect(still.map((bytes, index) => bytes.equals(thumbs[index]!))).toEqual(thumbs.map(() => true));
});
