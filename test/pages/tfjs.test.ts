import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePages } from './serve.ts';
import type { Pages } from './serve.ts';

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => pages.close());

describe('the page of a model of TensorFlow.js', () => {
  it('learns, and is the same once saved and loaded', async () => {
    const { page, complaints } = await pages.open('tfjs/');
    await page.waitForSelector('html[data-state]', { state: 'attached', timeout: 120_000 });
    const status = (await page.textContent('#status'))!;
    const [, trained, loaded] = /^Told the way of (\d+) % of new stripes, and of (\d+) %/.exec(status) ?? [status];
    expect(Number(trained)).toBeGreaterThanOrEqual(90);
    expect(loaded).toBe(trained);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
