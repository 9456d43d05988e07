import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { colourOf, named, pngOf } from './pictures-files.ts';
import { openPictures, ready } from './pictures-page.ts';
import { servePages } from './serve.ts';
import type { Pages } from './serve.ts';

/** Files as pictures of the page, and a GPU that goes away. */

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => pages.close());

const namesOf = (page: Page) => page.$$eval('#places span', (names) => names.map(({ textContent }) => textContent));

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

  it('are taken where those of the page cannot be loaded, which it says', async () => {
    const { page } = await pages.open('pictures/?cpu', undefined, async (page) =>
      page.route('**/coffee*.webp', async (route) => route.abort()),
    );
    await page.waitForSelector('html[data-engine]', { state: 'attached' });
    await ready(page);
    expect(await page.textContent('#problem')).toContain('The pictures of this page could not be loaded.');
    expect(await namesOf(page)).toEqual(['Blank', 'Blank', 'Blank', 'Blank']);
    await page.setInputFiles('#file', await pngOf(page, 'red.png', 50, 50, 'rgb(200 30 40)'));
    await named(page, 0, 'red.png');
    expect(await page.textContent('#problem')).toBe('');
    await ready(page);
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

it('gives back no picture by the numbers of one that was there before', async () => {
  const { page } = await openPictures(pages);
  expect(await page.getAttribute('html', 'data-engine')).toBe('gpu');
  await page.evaluate(() => {
    const map = GPUBuffer.prototype.mapAsync;
    const wanted = new Promise<void>((resolve) => Object.assign(globalThis, { goOn: resolve }));
    GPUBuffer.prototype.mapAsync = async function (...given) {
      await wanted;
      return map.apply(this, given);
    };
  });
  await page.click('#back');
  await page.setInputFiles('#file', await pngOf(page, 'red.png', 50, 50, 'rgb(200 30 40)'));
  await named(page, 0, 'red.png');
  await page.evaluate(() => (globalThis as unknown as { goOn(): void }).goOn());
  await ready(page);
  expect(await page.inputValue('[name="gamma-red"]')).toBe('1');
  await page.click('#back');
  await page.waitForFunction(
    () => document.querySelector<HTMLInputElement>('[name="beta-red"]')!.value === '0.78', // 200 / 255
  );
  await page.close();
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
