import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { DRAWN_BY_SOFTWARE, giveAdapters, holdAdapters, root, servePages, shownAt } from './serve.ts';
import type { Pages } from './serve.ts';

let pages: Pages;

afterEach(async () => pages.close());

const SIZE = 224;
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

/** The picture's bytes, those drawn of it the second time, and what is asked of WebGPU meanwhile. */
async function drawnAgain() {
  const picture = document.querySelector<HTMLImageElement>('#picture')!;
  const bytesOf = (image: HTMLImageElement | HTMLCanvasElement): number[] => {
    const drawing = new OffscreenCanvas(224, 224).getContext('2d', { willReadFrequently: true })!;
    drawing.drawImage(image, 0, 0);
    return [...drawing.getImageData(0, 0, 224, 224).data];
  };
  const asked: string[] = [];
  const note = (prototype: object, name: string): void => {
    const methods = prototype as Record<string, (...given: unknown[]) => unknown>;
    const method = methods[name]!;
    methods[name] = function (this: unknown, ...given) {
      asked.push(name);
      return method.apply(this, given);
    };
  };
  note(GPUBuffer.prototype, 'mapAsync');
  for (const name of ['writeBuffer', 'writeTexture']) note(GPUQueue.prototype, name);
  note(GPUDevice.prototype, 'createBuffer');
  for (const name of ['beginComputePass', 'beginRenderPass']) note(GPUCommandEncoder.prototype, name);
  const source = bytesOf(picture);
  // After the page's own listener, in the task in which it drew.
  const drawn = new Promise<{ result: number[]; meanwhile: string[] }>((resolve) => {
    const look = (): void => {
      const meanwhile = [...asked];
      resolve({ result: bytesOf(document.querySelector<HTMLCanvasElement>('#result')!), meanwhile });
    };
    picture.addEventListener('load', look, { once: true });
  });
  picture.src = `${picture.src}#again`;
  return { source, ...(await drawn) };
}

/** A colour of a picture normalized by ImageNet, then by its own mean and deviation, times 0.2 and plus 0.5, as bytes. */
function exactOf(bytes: readonly number[], colour: number): number[] {
  const pixels = Array.from({ length: SIZE * SIZE }, (_, index) => bytes[4 * index + colour]! / 255);
  const values = pixels.map((pixel) => (pixel - MEAN[colour]!) / STD[colour]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const drawn = values.map((value) => ((value - mean) / Math.sqrt(variance + 1e-5)) * 0.2 + 0.5);
  return drawn.map((value) => Math.min(Math.max(value, 0), 1) * 255);
}

describe('the page of a picture', () => {
  it('draws what float64 says in three passes, and the second time writes, maps and makes no buffer', async () => {
    pages = await servePages(...DRAWN_BY_SOFTWARE);
    const { page, complaints } = await pages.open('images/');
    await page.waitForSelector('html[data-state="done"]', { state: 'attached', timeout: 120_000 });
    const { source, result, meanwhile } = await page.evaluate(drawnAgain);
    expect(new Set(source).size).toBeGreaterThan(100);
    for (const colour of [0, 1, 2]) {
      const apart = exactOf(source, colour).map((exact, index) => Math.abs(result[4 * index + colour]! - exact));
      expect(apart.reduce((most, one) => Math.max(most, one), 0)).toBeLessThanOrEqual(0.51);
    }
    expect(meanwhile).toEqual(['beginComputePass', 'beginComputePass', 'beginRenderPass']);
    expect(complaints).toEqual([]);
  });

  it('shows what it has drawn', async () => {
    pages = await servePages(...DRAWN_BY_SOFTWARE);
    const { page } = await pages.open('images/');
    await page.waitForSelector('html[data-state="done"]', { state: 'attached' });
    const { x, y, width, height } = (await page.locator('#result').boundingBox())!;
    // The sun of the picture becomes white; a canvas that shows nothing is not.
    await expect
      .poll(async () => shownAt(page, x + 0.62 * width, y + 0.5 * height), { timeout: 30_000 })
      .toEqual([255, 255, 255, 255]);
  });

  it('says that a file is no picture, draws the next one, and keeps neither', async () => {
    pages = await servePages(...DRAWN_BY_SOFTWARE);
    const { page } = await pages.open('images/');
    await page.waitForSelector('html[data-state="done"]', { state: 'attached' });
    const isKept = async (): Promise<boolean> =>
      page.$eval('#picture', async (picture) =>
        fetch((picture as HTMLImageElement).src).then(
          () => true,
          () => false,
        ),
      );
    const choose = async (name: string, text: string): Promise<void> =>
      page.setInputFiles('#file', { name, mimeType: 'image/svg+xml', buffer: Buffer.from(text) });
    await choose('wrong.svg', 'no picture');
    await page.waitForSelector('html[data-state="error"]', { state: 'attached' });
    expect(await page.textContent('#status')).toBe('The browser cannot show this file as a picture; choose another.');
    expect(await isKept()).toBe(false);
    await choose('right.svg', readFileSync(`${root}examples/images/picture.svg`, 'utf8'));
    await page.waitForSelector('html[data-state="done"]', { state: 'attached' });
    expect(await page.getAttribute('#picture', 'src')).toMatch(/^blob:/);
    expect(await isKept()).toBe(false);
  });

  it('takes a file once it can draw it, says which it cannot, and keeps none that another came before', async () => {
    pages = await servePages(...DRAWN_BY_SOFTWARE);
    const { page, complaints } = await pages.open('images/', undefined, async (page) => {
      await holdAdapters(page);
      await page.addInitScript(() => {
        const make = URL.createObjectURL;
        const made: string[] = [];
        URL.createObjectURL = (of: Blob) => made[made.push(make(of)) - 1]!;
        Object.assign(globalThis, { made });
      });
    });
    expect(await page.isDisabled('#file')).toBe(true);
    await giveAdapters(page);
    await page.waitForSelector('#file:enabled');
    const svg = (width: number): string => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="9"></svg>`;
    await page.setInputFiles('#file', {
      name: 'wide.svg',
      mimeType: 'image/svg+xml',
      buffer: Buffer.from(svg(20_000)),
    });
    await page.waitForSelector('html[data-state="error"]', { state: 'attached' });
    expect(await page.textContent('#status')).toContain('the image is of 20000 by 9 pixels');
    const kept = await page.evaluate(async (text) => {
      const input = document.querySelector<HTMLInputElement>('#file')!;
      for (const name of ['a.svg', 'b.svg']) {
        const files = new DataTransfer();
        files.items.add(new File([text], name, { type: 'image/svg+xml' }));
        input.files = files.files;
        input.dispatchEvent(new Event('change'));
      }
      await new Promise((resolve) => document.querySelector('#picture')!.addEventListener('load', resolve));
      const { made } = globalThis as unknown as { made: string[] };
      return Promise.all(
        made.map(async (url) =>
          fetch(url).then(
            () => true,
            () => false,
          ),
        ),
      );
    }, svg(90));
    expect(kept).toEqual([false, false, false]);
    expect(complaints.filter((words) => !words.includes('ERR_FILE_NOT_FOUND'))).toEqual([]);
  });
});
