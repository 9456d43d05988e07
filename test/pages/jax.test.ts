import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePages } from './serve.ts';
import type { Pages } from './serve.ts';

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => pages.close());

describe('the page of a network of jax-js', () => {
  it('learns', async () => {
    const { page, complaints } = await pages.open('jax/');
    await page.waitForSelector('html[data-state]', { state: 'attached', timeout: 120_000 });
    const status = (await page.textContent('#status'))!;
    const [, told] = /^Told the arm of (\d+) % of new points/.exec(status) ?? [status];
    expect(Number(told)).toBeGreaterThanOrEqual(90);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
