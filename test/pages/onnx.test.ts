import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { models } from './onnx-models.ts';
import { root, servePages } from './serve.ts';
import type { Pages } from './serve.ts';

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => pages.close());

describe('the page of two sessions', () => {
  it('ends with the numbers of one', async () => {
    const { page, complaints } = await pages.open('onnx/');
    await page.waitForSelector('html[data-state]', { state: 'attached', timeout: 120_000 });
    expect(await page.textContent('#status')).toMatch(/^The halves agree with the whole/);
    const difference = Number(await page.getAttribute('html', 'data-difference'));
    expect(difference).toBeGreaterThan(0); // ONNX Runtime sums in another order.
    expect(difference).toBeLessThanOrEqual(1e-5);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(Object.entries(models))('has %s as it is written here', (file, bytes) => {
    expect(new Uint8Array(readFileSync(`${root}examples/onnx/${file}`))).toEqual(new Uint8Array(bytes));
  });
});
