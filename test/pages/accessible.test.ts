import { afterAll, beforeAll, it } from 'vitest';
import { PAGES } from '../../examples/pages.mjs';
import { expectAccessible, expectFitsPhone, toPhone } from './checks.ts';
import { servePages } from './serve.ts';
import type { Pages } from './serve.ts';

/** Every page, as it opens: nothing for axe to find in either theme, and room for it on a phone. */

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => pages.close());

it.each(PAGES.map(({ folder }) => folder))('%s', async (folder) => {
  const { page } = await pages.open(`${folder}/`);
  await page.waitForSelector('main', { state: 'visible' });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
  }
  await toPhone(page);
  await expectFitsPhone(page);
  await page.close();
});
