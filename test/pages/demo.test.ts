import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modes } from '../../examples/demo/modes.ts';
import { browserArguments, findBrowser } from '../setup/browser.mjs';

/** `npm start`, and the page it serves, in a real browser. */

const root = fileURLToPath(new URL('../..', import.meta.url));
let server: ChildProcess;
let url: string;
let browser: Browser;

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
  url = await new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += String(chunk);
      const found = /Demo page: (\S+)/.exec(said);
      if (found) resolve(found[1]!);
    };
    server.stdout!.on('data', listen);
    server.stderr!.on('data', listen);
    server.on('exit', () => reject(new Error(`npm start ended: ${said}`)));
  });
  browser = await chromium.launch({ executablePath: (await findBrowser()) ?? undefined, args: browserArguments });
});

afterAll(async () => {
  await browser.close();
  server.removeAllListeners('exit');
  process.kill(-server.pid!);
});

interface Card {
  id: string | undefined;
  path: string | undefined;
  error: number;
  magnitude: number;
  picture: string;
}

async function open(query: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url + query);
  return { page, complaints };
}

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
    const { page, complaints } = await open(query);
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
    const { page } = await open('');
    const before = await cardsOf(page);
    const dataUrl = await page.evaluate(() => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [300, 77];
      const context = canvas.getContext('2d')!;
      context.fillStyle = 'teal';
      context.fillRect(0, 0, 200, 50);
      return canvas.toDataURL();
    });
    const file = (name: string, mimeType: string, buffer: Buffer) =>
      page.setInputFiles('#file', { name, mimeType, buffer });
    await file('notes.txt', 'text/plain', Buffer.from('no picture'));
    await page.waitForSelector('#problem:not([hidden])');
    expect(await page.textContent('#problem')).toContain('notes.txt could not be read as a picture');
    await file('mine.png', 'image/png', Buffer.from(dataUrl.split(',')[1]!, 'base64'));
    await page.waitForSelector('html[data-state="busy"]', { state: 'attached' });
    const after = await cardsOf(page);
    expect(await page.isHidden('#problem')).toBe(true);
    for (const [index, card] of after.entries()) expect(card.picture, card.id).not.toBe(before[index]!.picture);
    await page.close();
  });

  it('fits a phone', async () => {
    const { page } = await open('?cpu');
    await page.setViewportSize({ width: 360, height: 800 });
    await cardsOf(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.close();
  });
});
