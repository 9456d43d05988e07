import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { moments } from '../../src/reference/index.ts';
import { batchOf, choose, distance, drawn, exactOf, openPictures, pixelsOf, ready, ROUNDED } from './pictures-page.ts';
import { servePages } from './serve.ts';
import type { Pages } from './serve.ts';

/** Where the page of pictures has its pictures from: files, a camera, and what it says where there is none. */

let pages: Pages;

beforeAll(async () => {
  pages = await servePages('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
});

afterAll(async () => pages.close());

/** A picture of one colour, of some size. */
async function pngOf(page: Page, name: string, width: number, height: number, colour: string) {
  const url = await page.evaluate(
    ([width, height, colour]) => {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width, height });
      const context = canvas.getContext('2d')!;
      context.fillStyle = colour;
      context.fillRect(0, 0, width, height);
      return canvas.toDataURL();
    },
    [width, height, colour] as const,
  );
  return { name, mimeType: 'image/png', buffer: Buffer.from(url.split(',')[1]!, 'base64') };
}

const namesOf = (page: Page) => page.$$eval('#places span', (names) => names.map(({ textContent }) => textContent));

/** The colour in the middle of the picture that is shown. */
async function colourOf(page: Page): Promise<number[]> {
  await drawn(page);
  const { before } = await pixelsOf(page);
  const { width, height } = await page.$eval('#stage canvas', (canvas) => ({
    width: (canvas as HTMLCanvasElement).width,
    height: (canvas as HTMLCanvasElement).height,
  }));
  const middle = 4 * (Math.floor(height / 2) * width + Math.floor(width / 2));
  return [...before.subarray(middle, middle + 3)];
}

const named = (page: Page, place: number, name: string) =>
  page.waitForSelector(`#places label:nth-of-type(${place + 1}) span:text-is("${name}")`);

const live = (page: Page) => page.waitForSelector('html[data-state="live"]', { state: 'attached' });

describe('files', () => {
  it('take the place of the picture that is shown and of those after it; what is none is named', async () => {
    const { page, complaints } = await openPictures(pages, '?cpu');
    const [red, teal] = [
      await pngOf(page, 'red.png', 500, 50, 'rgb(200 30 40)'),
      await pngOf(page, 'teal.png', 40, 300, 'teal'),
    ];
    await page.check('#places [value="3"]', { force: true });
    await page.setInputFiles('#file', [red, teal]);
    await named(page, 3, 'red.png');
    expect(await namesOf(page)).toEqual(['teal.png', 'Cat, darker', 'Coffee', 'red.png']);
    expect(await colourOf(page)).toEqual([200, 30, 40]);
    await page.setInputFiles('#file', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
    await page.waitForSelector('#problem:not(:empty)');
    expect(await page.textContent('#problem')).toContain('notes.txt could not be read as a picture (text/plain)');
    expect((await namesOf(page))[3]).toBe('red.png');
    await page.setInputFiles('#file', [red, red, red, teal, teal]);
    await named(page, 2, 'teal.png');
    expect(await page.textContent('#problem')).toBe('There is room for 4 pictures; the first 4 of 5 were taken.');
    await page.click('#samples');
    await named(page, 3, 'Rocket');
    expect(await page.textContent('#problem')).toBe('');
    await ready(page);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('may be dropped or pasted, in a hurry: the last one stays', async () => {
    const { page } = await openPictures(pages, '?cpu');
    const give = async (kind: 'drop' | 'paste', name: string): Promise<void> => {
      const { buffer } = await pngOf(page, name, 30, 30, name === 'last.png' ? 'navy' : 'gold');
      await page.evaluate(
        ([kind, name, text]) => {
          const file = new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name, {
            type: 'image/png',
          });
          const data = new DataTransfer();
          data.items.add(file);
          const init = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(
            kind === 'drop'
              ? new DragEvent('drop', { ...init, dataTransfer: data })
              : new ClipboardEvent('paste', { ...init, clipboardData: data }),
          );
        },
        [kind, name, buffer.toString('base64')] as const,
      );
    };
    await give('paste', 'first.png');
    await give('drop', 'second.png');
    await give('drop', 'last.png');
    await named(page, 0, 'last.png');
    expect(await colourOf(page)).toEqual([0, 0, 128]);
    await give('paste', 'pasted.png');
    await named(page, 0, 'pasted.png');
    await page.evaluate(() => document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true })));
    expect(await page.textContent('#problem')).toContain('What was dropped is not a file');
    await page.close();
  });
});

describe('the camera', () => {
  it.each(['', '?cpu'])('is normalized frame by frame, one at a time and without new textures, %s', async (query) => {
    const { page, complaints } = await openPictures(pages, query);
    await page.check('#places [value="1"]', { force: true });
    await choose(page, 'instance');
    await page.click('#camera');
    await live(page);
    await page.waitForFunction(() => Number.parseInt(document.querySelector('#rate')!.textContent) > 0);
    expect(await page.getAttribute('#camera', 'aria-pressed')).toBe('true');
    const first = await pixelsOf(page);
    const made = await page.evaluate(async () => {
      const made = { frames: 0, textures: 0, inFlight: 0, most: 0 };
      if (!navigator.gpu) return made;
      const { createTexture } = GPUDevice.prototype;
      GPUDevice.prototype.createTexture = function (descriptor) {
        made.textures++;
        return createTexture.call(this, descriptor);
      };
      const { onSubmittedWorkDone } = GPUQueue.prototype;
      GPUQueue.prototype.onSubmittedWorkDone = async function () {
        made.frames++;
        made.most = Math.max(made.most, ++made.inFlight);
        await onSubmittedWorkDone.call(this);
        made.inFlight--;
      };
      await new Promise((resolve) => setTimeout(resolve, 2500));
      return made;
    });
    if (!query) {
      expect(made.frames).toBeGreaterThan(3);
      expect(made.textures).toBe(0);
      expect(made.most).toBe(1);
    }
    expect((await pixelsOf(page)).after.equals(first.after)).toBe(false);

    await page.click('#camera');
    await drawn(page);
    expect(await page.getAttribute('#camera', 'aria-pressed')).toBe('false');
    expect(await page.textContent('#rate')).toBe('');
    const { before, after } = await pixelsOf(page);
    const { width, height } = await page.$eval('#stage canvas', (canvas) => ({
      width: (canvas as HTMLCanvasElement).width,
      height: (canvas as HTMLCanvasElement).height,
    }));
    expect(new Set(before).size).toBeGreaterThan(3);
    const batch = batchOf([before, before, before, before], width, height);
    // Resized, the picture has numbers between the bytes that are read here: they and their mean are half a byte off at most.
    const { variance } = moments(batch, { axes: [0, 2, 3] });
    const bound = ROUNDED + 0.2 / Math.sqrt(Math.min(...variance.data));
    expect(distance(after, exactOf('instance', batch, 0, 0), [-2.5, 2.5])).toBeLessThanOrEqual(bound);
    expect((await pixelsOf(page)).before.equals(before)).toBe(true);
    expect(complaints).toEqual([]);
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

describe('a GPU that goes away', () => {
  it('leaves the page to the reference', async () => {
    const { page } = await openPictures(pages);
    expect(await page.getAttribute('html', 'data-engine')).toBe('gpu');
    await page.evaluate(() => {
      const { contexts } = globalThis as unknown as {
        contexts: Map<unknown, { configuration: GPUCanvasConfiguration }>;
      };
      for (const { configuration } of contexts.values()) configuration.device.destroy();
    });
    await page.waitForSelector('html[data-engine="cpu"]', { state: 'attached' });
    await ready(page);
    expect(await page.textContent('#source')).toMatch(/^No WebGPU .*float64/);
    expect(
      await page.$$eval('.card', (cards) => new Set(cards.map((card) => (card as HTMLElement).dataset['path'])).size),
    ).toBe(1);
    await page.close();
  });
});
