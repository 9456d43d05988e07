import { readFileSync } from 'node:fs';
import type axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright';
import { expect } from 'vitest';
import { root } from './serve.ts';

/** What every page is held to: no barrier, a browser without WebGPU, and a phone. */

/** Expects that axe finds nothing. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.addScriptTag({ content: readFileSync(`${root}node_modules/axe-core/axe.min.js`, 'utf8') });
  const violations = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as { axe: typeof axe };
    return (await checker.run()).violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
  });
  expect(violations).toEqual([]);
}

/** Takes WebGPU away from what is loaded next. */
export const takeWebGpuAway = async (page: Page | BrowserContext) =>
  page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));

const PHONE = { width: 360, height: 800 };

/** Shows the page on a phone. */
export const toPhone = async (page: Page): Promise<void> => page.setViewportSize(PHONE);

/** Expects that nothing of the page lies beside a phone's screen. */
export async function expectFitsPhone(page: Page): Promise<void> {
  expect(page.viewportSize()).toEqual(PHONE);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
}
