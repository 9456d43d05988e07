import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePages } from './serve.ts';
import type { Pages } from './serve.ts';

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => pages.close());

describe('the page of BatchNorm over two workers', () => {
  it('ends with the numbers of one batch', async () => {
    const { page, complaints } = await pages.open('sync/');
    await page.waitForSelector('html[data-state]', { state: 'attached', timeout: 120_000 });
    expect(await page.textContent('#status')).toMatch(/^2 workers end with the numbers of one batch, on \S+/);
    const rows = await page.$$eval('#rows tr', (rows) =>
      rows.map((row) => ({ name: row.dataset['name'], difference: Number(row.dataset['difference']) })),
    );
    expect(rows.map(({ name }) => name)).toEqual(['y', 'dx', 'dweight', 'dbias']);
    for (const { name, difference } of rows) expect(difference, name).toBeLessThanOrEqual(1e-5);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('fits a phone', async () => {
    const { page } = await pages.open('sync/');
    await page.setViewportSize({ width: 360, height: 800 });
    await page.waitForSelector('html[data-state]', { state: 'attached', timeout: 120_000 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.close();
  });

  it('says so where there is no GPU', async () => {
    const { page } = await pages.open('sync/');
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
    await page.reload();
    await page.waitForSelector('html[data-state="error"]', { state: 'attached', timeout: 120_000 });
    expect(await page.textContent('#status')).toContain('there is no WebGPU here');
    await page.close();
  });
});
