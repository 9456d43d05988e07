import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modes } from '../../examples/demo/modes.ts';
import { expectFitsPhone, toPhone } from './checks.ts';
import { browse, root } from './serve.ts';
import type { Pages } from './serve.ts';

/** `npm start`, and the page it serves, in a real browser. */

let server: ChildProcess;
let pages: Pages;

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

beforeAll(async () => {
  const port = String(await freePort());
  server = spawn('npm', ['start', '--', '--port', port], {
    cwd: root,
    env: { ...process.env, CI: '1' },
    detached: true,
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += String(chunk);
      const found = /: (\S+\/demo\/)\s/.exec(said);
      if (found) resolve(found[1]!);
    };
    server.stdout!.on('data', listen);
    server.stderr!.on('data', listen);
    server.on('exit', () => reject(new Error(`npm start ended: ${said}`)));
  });
  pages = await browse(url);
});

afterAll(async () => {
  server.removeAllListeners('exit');
  process.kill(-server.pid!);
  await pages.close();
});

interface Card {
  id: string | undefined;
  path: string | undefined;
  error: number;
  magnitude: number;
  picture: string;
}

async function pngOf(page: Page, width: number, height: number, colour: string): Promise<Buffer> {
  const dataUrl = await page.evaluate(
    ([width, height, colour]) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext('2d')!;
      context.fillStyle = colour;
      context.fillRect(0, 0, (width * 2) / 3, (height * 2) / 3);
      return canvas.toDataURL();
    },
    [width, height, colour] as const,
  );
  return Buffer.from(dataUrl.split(',')[1]!, 'base64');
}

/** Chooses a file, as a visitor would, without waiting for the result. */
const choose = (page: Page, name: string, mimeType: string, buffer: Buffer): Promise<void> =>
  page.setInputFiles('#file', { name, mimeType, buffer });

const busy = (page: Page) => page.waitForSelector('html[data-state="busy"]', { state: 'attached' });

/** Waits until another picture is on a canvas. */
const changed = (page: Page, canvas: string): Promise<void> =>
  page.evaluate(
    (selector) =>
      new Promise<void>((resolve) => {
        const canvas = document.querySelector<HTMLCanvasElement>(selector)!;
        const before = canvas.toDataURL();
        const look = (): void => (canvas.toDataURL() === before ? void setTimeout(look, 5) : resolve());
        look();
      }),
    canvas,
  );

/** The pictures at the very moment when the page next says that it is ready. */
const picturesWhenReady = (page: Page): Promise<string[]> =>
  page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const root = document.documentElement;
        const watcher = new MutationObserver(() => {
          if (root.dataset['state'] !== 'ready') return;
          resolve(
            [...document.querySelectorAll<HTMLCanvasElement>('.card canvas')].map((canvas) => canvas.toDataURL()),
          );
        });
        watcher.observe(root, { attributeFilter: ['data-state'] });
      }),
  );

async function cardsOf(page: Page): Promise<Card[]> {
  await page.waitForSelector('html[data-state="ready"]', { state: 'attached', timeout: 120_000 });
  return page.$$eval('.card', (cards) =>
    cards.map((card) => {
      const { mode, path, maxError, magnitude } = (card as HTMLElement).dataset;
      const picture = card.querySelector('canvas')!.toDataURL();
      return { id: mode, path, error: Number(maxError), magnitude: Number(magnitude), picture };
    }),
  );
}

describe('the demo page', () => {
  it.each([
    ['', 'gpu', /^Running on \S+/],
    ['?cpu', 'cpu', /^No WebGPU .* reference/],
  ])('%s shows every mode by the %s', async (query, path, status) => {
    const { page, complaints } = await pages.open(query);
    const cards = await cardsOf(page);
    expect(cards.map((card) => card.id)).toEqual(modes.map((mode) => mode.id));
    for (const card of cards) {
      expect(card.path, card.id).toBe(path);
      expect(card.error / card.magnitude, card.id).toBeLessThanOrEqual(1e-6);
    }
    expect(await page.textContent('#status')).toMatch(status);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('takes a picture of the visitor’s, and says so where a file is none', async () => {
    const { page, complaints } = await pages.open('');
    const before = await cardsOf(page);
    await choose(page, 'notes.txt', 'text/plain', Buffer.from('no picture'));
    await page.waitForSelector('#problem:not([hidden])');
    expect(await page.textContent('#problem')).toContain('notes.txt could not be read as a picture');
    await choose(page, 'mine.png', 'image/png', await pngOf(page, 300, 75, 'teal'));
    await busy(page);
    const after = await cardsOf(page);
    expect(await page.isHidden('#problem')).toBe(true);
    expect(await page.textContent('#shape')).toBe('[4, 3, 48, 192]');
    for (const [index, card] of after.entries()) {
      expect(card.picture, card.id).not.toBe(before[index]!.picture);
      expect(card.error / card.magnitude, card.id).toBeLessThanOrEqual(1e-5);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows the last of pictures chosen in a hurry, on every card', async () => {
    const { page } = await pages.open('');
    await cardsOf(page);
    const [first, last] = [await pngOf(page, 200, 150, 'crimson'), await pngOf(page, 200, 150, 'teal')];
    await choose(page, 'last.png', 'image/png', last);
    await busy(page);
    const wanted = await cardsOf(page);
    const ahead = changed(page, '.card:nth-child(8) canvas');
    await choose(page, 'first.png', 'image/png', first);
    await ahead;
    const shown = picturesWhenReady(page);
    await choose(page, 'last.png', 'image/png', last);
    expect(await shown).toEqual(wanted.map((card) => card.picture));
    await page.close();
  });

  it('goes back to the bundled picture, and takes complaints away', async () => {
    const { page } = await pages.open('?cpu');
    const before = await cardsOf(page);
    await choose(page, 'notes.txt', 'text/plain', Buffer.from('no picture'));
    await page.waitForSelector('#problem:not([hidden])');
    await page.click('#reset');
    expect(await page.isHidden('#problem')).toBe(true);
    expect(await cardsOf(page)).toEqual(before);
    await page.close();
  });

  it('fits a phone', async () => {
    const { page } = await pages.open('?cpu');
    await toPhone(page);
    await cardsOf(page);
    await expectFitsPhone(page);
    await page.close();
  });
});
