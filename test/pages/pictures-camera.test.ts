import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { moments } from '../../src/reference/index.ts';
import { colourOf, named, pngOf, sizeOf } from './pictures-files.ts';
import {
  batchOf,
  choose,
  distance,
  drawn,
  exactOf,
  openPictures,
  pixelsOf,
  ROUNDED,
  shiftOf,
} from './pictures-page.ts';
import { servePages } from './serve.ts';
import type { Pages } from './serve.ts';

/** The camera of the page of pictures: Chromium's own, of 30 frames a second. */

let pages: Pages;

beforeAll(async () => {
  pages = await servePages('--use-fake-device-for-media-stream=fps=30', '--use-fake-ui-for-media-stream');
});

afterAll(async () => pages.close());

const live = (page: Page) => page.waitForSelector('html[data-state="live"]', { state: 'attached' });

/** Starts the camera in the place of a picture. */
async function start(page: Page, mode: string): Promise<void> {
  await page.check('#places [value="1"]', { force: true });
  await choose(page, mode);
  await page.click('#camera');
  await live(page);
  expect(await page.getAttribute('#camera', 'aria-pressed')).toBe('true');
}

/** Expects that what is shown of a frame is what the reference makes of it. */
async function expectExact(page: Page): Promise<void> {
  const { before, after } = await pixelsOf(page);
  const { width, height } = await sizeOf(page);
  expect(new Set(before).size).toBeGreaterThan(3);
  const batch = batchOf([before, before, before, before], width, height);
  // Resized, the picture has numbers between the bytes that are read here: they and their mean are half a byte off at most.
  const { variance } = moments(batch, { axes: [0, 2, 3] });
  const bound = ROUNDED + 0.2 / Math.sqrt(Math.min(...variance.data));
  expect(distance(after, exactOf('instance', batch, 0, 0), [-2.5, 2.5])).toBeLessThanOrEqual(bound);
  expect((await pixelsOf(page)).before.equals(before)).toBe(true);
}

/** Makes each frame of at least so many pixels take so many ms more, and counts frames and what is made for them. */
const slowDown = (page: Page, pixels: number, delay: number) =>
  page.evaluate(
    ([pixels, delay]) => {
      const counts = { frames: 0, textures: 0, buffers: 0, inFlight: 0, most: 0 };
      Object.assign(globalThis, { counts });
      const { createTexture, createBuffer } = GPUDevice.prototype;
      GPUDevice.prototype.createTexture = function (descriptor) {
        counts.textures++;
        return createTexture.call(this, descriptor);
      };
      GPUDevice.prototype.createBuffer = function (descriptor) {
        // Histograms and numbers are read apart from frames, now and then.
        if (!(descriptor.usage & GPUBufferUsage.MAP_READ)) counts.buffers++;
        return createBuffer.call(this, descriptor);
      };
      const { onSubmittedWorkDone } = GPUQueue.prototype;
      GPUQueue.prototype.onSubmittedWorkDone = async function () {
        counts.frames++;
        counts.most = Math.max(counts.most, ++counts.inFlight);
        const { width, height } = document.querySelector<HTMLCanvasElement>('#stage canvas')!;
        await onSubmittedWorkDone.call(this);
        if (width * height >= pixels) await new Promise((resolve) => setTimeout(resolve, delay));
        counts.inFlight--;
      };
    },
    [pixels, delay] as const,
  );

const countsIn = (page: Page) =>
  page.evaluate(() => ({
    ...(globalThis as unknown as { counts: Record<'frames' | 'textures' | 'buffers' | 'most', number> }).counts,
  }));

/** Waits until a size and a rate are said of which this holds. */
const paced = (page: Page, holds: (width: number, perSecond: number) => boolean) =>
  expect
    .poll(
      async () => {
        const { width } = await sizeOf(page);
        const rate = Number.parseInt((await page.textContent('#rate'))!);
        return holds(width, rate) || `${rate} frames a second of a width of ${width}`;
      },
      { timeout: 60_000, interval: 300 },
    )
    .toBe(true);

describe('the camera', () => {
  it.each(['', '?cpu'])('is drawn at the pace of its frames, or smaller; when it stops, in full, %s', async (query) => {
    const { page, complaints } = await openPictures(pages, query);
    const full = await sizeOf(page);
    await start(page, 'instance');
    const least = query ? 80 : 160;
    await paced(page, (width, rate) => rate >= 27 || width === least);
    const first = await pixelsOf(page);
    await expect.poll(async () => (await pixelsOf(page)).after.equals(first.after)).toBe(false);
    expect(await shiftOf(page)).toBe(0);
    await page.click('#camera');
    await drawn(page);
    expect(await page.getAttribute('#camera', 'aria-pressed')).toBe('false');
    expect(await page.textContent('#rate')).toBe('');
    expect(await sizeOf(page)).toEqual(full);
    await expectExact(page);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('has its size lowered where frames take too long, says so, and shows at that what the reference does', async () => {
    const { page, complaints } = await openPictures(pages);
    const full = await sizeOf(page);
    await slowDown(page, full.width * full.height, 60);
    await start(page, 'instance');
    await paced(page, (width) => width < full.width);
    const { width, height } = await sizeOf(page);
    const said = `frames a second, ${width} × ${height} to keep pace.`;
    await page.waitForFunction((words) => document.getElementById('rate')!.textContent.endsWith(words), said);
    expect(await page.textContent('#code')).toContain(`resize: [${height}, ${width}]`);
    expect((await countsIn(page)).most).toBe(1);
    await page.evaluate(() => {
      HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0;
    });
    await page.waitForTimeout(500);
    expect(await sizeOf(page)).toEqual({ width, height });
    await expectExact(page);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('makes nothing for a frame, which is drawn alone and dropped where another is under way', async () => {
    const { page } = await openPictures(pages);
    await start(page, 'instance');
    // Frames that take long at any size, so that it stays the smallest.
    await slowDown(page, 0, 60);
    await paced(page, (width) => width === 160);
    /** What is made within so many ms, by so many frames. */
    const within = async (span: number) => {
      const began = performance.now();
      const before = await countsIn(page);
      await page.waitForTimeout(span);
      const after = await countsIn(page);
      expect(after.frames - before.frames).toBeGreaterThan(3);
      expect(after.frames - before.frames).toBeLessThan((performance.now() - began) / 60 + 3);
      return after.textures - before.textures + after.buffers - before.buffers;
    };
    // The first frames of a size make what it needs.
    await expect.poll(async () => within(1500), { timeout: 30_000 }).toBe(0);
    expect((await countsIn(page)).most).toBe(1);
    await page.close();
  });

  it('is switched off when the page is not seen, or another picture takes its place', async () => {
    const { page } = await openPictures(pages, '?cpu', async (own) =>
      own.addInitScript(() => {
        const { getUserMedia } = MediaDevices.prototype;
        MediaDevices.prototype.getUserMedia = async function (constraints) {
          const stream = await getUserMedia.call(this, constraints);
          Object.assign(globalThis, { stream });
          return stream;
        };
      }),
    );
    const ended = () =>
      page.evaluate(() =>
        (globalThis as unknown as { stream: MediaStream }).stream
          .getTracks()
          .every((track) => track.readyState === 'ended'),
      );
    await page.click('#camera');
    await live(page);
    expect(await ended()).toBe(false);
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      Reflect.deleteProperty(document, 'hidden');
    });
    await drawn(page);
    expect(await ended()).toBe(true);
    expect(await page.textContent('#problem')).toBe('The camera was switched off while the page was not seen.');
    await page.click('#camera');
    await live(page);
    await page.setInputFiles('#file', await pngOf(page, 'teal.png', 40, 30, 'teal'));
    await named(page, 0, 'teal.png');
    expect(await colourOf(page)).toEqual([0, 128, 128]);
    expect(await ended()).toBe(true);
    await page.close();
  });

  it.each([
    ['NotAllowedError', 'was not allowed to use the camera'],
    ['NotFoundError', 'There is no camera.'],
    ['AbortError', 'The camera cannot be opened: no'],
  ])('says why there is none: %s', async (name, words) => {
    const { page, complaints } = await openPictures(pages, '?cpu', async (own) =>
      own.addInitScript((name) => {
        MediaDevices.prototype.getUserMedia = async () => Promise.reject(new DOMException('no', name));
      }, name),
    );
    await page.click('#camera');
    await page.waitForSelector('#problem:not(:empty)');
    expect(await page.textContent('#problem')).toContain(words);
    expect(await page.getAttribute('#camera', 'aria-pressed')).toBe('false');
    expect(complaints).toEqual([]);
    await page.close();
  });
});
