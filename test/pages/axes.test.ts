import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { choose, ready, run, shown } from './axes-page.ts';
import { expectAccessible, expectFitsPhone, takeWebGpuAway, toPhone } from './checks.ts';
import { servePages } from './serve.ts';
import type { Opened, Pages } from './serve.ts';

let pages: Pages;
let opened: Opened;

const open = async (path: string, width = 1280): Promise<Opened> => {
  const fresh = await pages.open(path);
  await fresh.page.emulateMedia({ reducedMotion: 'reduce' });
  await fresh.page.setViewportSize({ width, height: 900 });
  await ready(fresh.page);
  return fresh;
};

beforeAll(async () => {
  pages = await servePages();
  opened = await open('axes/');
});

afterAll(async () => pages.close());

/** Holds what is shown of an element against its lit group, and against the code that is shown. */
async function check(page: Page, layout: 'NCHW' | 'NHWC', batch: number, statistic = 'mean-variance'): Promise<void> {
  const { element, facts, x, lit, code, formula, sentence } = await shown(page);
  const [n, c, h, w] = element.match(/\d/g)!.map(Number) as [number, number, number, number];
  const group = lit.map((index) => x[index]!);
  const mean = group.reduce((sum, value) => sum + value, 0) / group.length;
  const variance = group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / group.length;
  const own = x[((n * 6 + c) * 3 + h) * 3 + w]!;
  expect(lit, sentence).toContain(((n * 6 + c) * 3 + h) * 3 + w);
  expect(facts['count']).toBe(group.length);
  expect(facts['number']).toBe((batch * 54) / group.length);
  expect(facts['x']).toBe(own);
  expect(facts['mean']).toBeCloseTo(mean, 3.99);
  expect(facts['divisor']).toBeCloseTo(
    statistic === 'sum' ? mean * group.length : Math.sqrt(variance),
    statistic === 'sum' ? 1.99 : 3.99,
  );

  const data = new Float64Array(batch * 54);
  const offset = (n: number, c: number, h: number, w: number): number =>
    layout === 'NCHW' ? n * 54 + c * 9 + h * 3 + w : n * 54 + h * 18 + w * 6 + c;
  for (let index = 0; index < data.length; index++) {
    const [s, k, position] = [Math.floor(index / 54), Math.floor(index / 9) % 6, index % 9];
    data[offset(s, k, Math.floor(position / 3), position % 3)] = x[index]!;
  }
  const y = await run(code, data);
  expect(y.shape).toEqual(layout === 'NCHW' ? [batch, 6, 3, 3] : [batch, 3, 3, 6]);
  expect(facts['y'], code).toBeCloseTo(y.data[offset(n, c, h, w)]!, 3.99);
  expect(formula.replaceAll('−', '-')).toContain(`=${facts['y']!.toFixed(4)}`);
}

/** How many elements of 216 each mode lights, and whether they differ along N, C and the positions. */
const GROUPS: [mode: string, groups: string, size: number, samples: number, channels: number][] = [
  ['batch', '', 36, 4, 1],
  ['layer', '', 54, 1, 6],
  ['instance', '', 9, 1, 1],
  ['group', '0', 54, 1, 6],
  ['group', '2', 18, 1, 2],
  ['group', '3', 9, 1, 1],
  ['pixel', '', 24, 4, 6],
  ['activation', '', 4, 4, 1],
  ['free', '', 6, 1, 6],
];

describe('the page of axes', () => {
  it.each(GROUPS)(
    'lights the group of %s %s, with the numbers of the code that it shows',
    async (mode, groups, ...sizes) => {
      const { page } = opened;
      for (const layout of ['NCHW', 'NHWC'] as const) {
        await choose(page, { mode, ...(groups && { groups }), layout });
        await page.click(`.cell[data-index="${layout === 'NCHW' ? 130 : 77}"]`);
        const { lit } = await shown(page);
        const distinct = (of: (index: number) => number): number => new Set(lit.map(of)).size;
        expect([
          lit.length,
          distinct((index) => Math.floor(index / 54)),
          distinct((index) => Math.floor(index / 9) % 6),
        ]).toEqual(sizes);
        await check(page, layout, 4);
      }
      expect(await page.getAttribute('html', 'data-engine')).toBe('gpu');
    },
  );

  it('takes smaller batches, sums and axes of one’s own', async () => {
    const { page } = opened;
    await choose(page, { mode: 'batch', layout: 'NCHW', batch: '2' });
    await check(page, 'NCHW', 2);
    await choose(page, { batch: '1' });
    expect(await page.textContent('#note')).toContain('InstanceNorm');
    await check(page, 'NCHW', 1);
    await choose(page, { mode: 'group', groups: '1', batch: '3', statistic: 'sum', layout: 'NHWC' });
    await check(page, 'NHWC', 3, 'sum');
    expect(await page.textContent('#code')).toContain('reshape');
    await choose(page, { batch: '4', statistic: 'mean-variance' });
    const axis = (letter: string) => page.locator('#axes button', { has: page.locator(`b:text-is("${letter}")`) });
    expect(await axis('C').getAttribute('aria-pressed')).toBe('mixed');
    await axis('C').click();
    expect(await page.isChecked('[value="layer"]')).toBe(true);
    for (const letter of ['C', 'H']) await axis(letter).click();
    await axis('W').click({ force: true }); // the last one stays
    await ready(page);
    expect(await page.isChecked('[value="free"]')).toBe(true);
    expect((await shown(page)).lit).toHaveLength(3);
    await check(page, 'NHWC', 4);
  });

  it('is there for the keyboard', async () => {
    const { page } = opened;
    await choose(page, { mode: 'layer', layout: 'NCHW' });
    await page.click('.cell[data-index="0"]');
    for (const key of [
      'ArrowRight',
      'ArrowRight',
      'ArrowRight',
      'ArrowDown',
      'ArrowDown',
      'ArrowDown',
      'ArrowDown',
      'ArrowUp',
    ]) {
      await page.keyboard.press(key);
    }
    expect(await page.textContent('#element')).toBe('x[1, 1, 0, 0]');
    expect(await page.textContent('#sentence')).toContain('every channel of sample 1, at every position');
    await page.keyboard.press('ArrowUp');
    expect(await page.textContent('#element')).toBe('x[0, 1, 2, 0]');
    await check(page, 'NCHW', 4);
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('marked');
    await page.keyboard.press('Space');
    expect(await page.$$eval('.cell.marked', (cells) => cells.length)).toBe(4);
    await page.focus('[value="layer"]');
    await page.keyboard.press('ArrowRight');
    await ready(page);
    expect(await page.isChecked('[value="instance"]')).toBe(true);
    expect(await page.$$eval('.cell.marked', (cells) => cells.length)).toBe(36);
    await page.focus('#groups');
    await page.keyboard.press('ArrowLeft');
    expect(await page.getAttribute('#groups', 'aria-valuetext')).toBe('3 groups of 2 channels');
    await page.keyboard.press('Home');
    expect(await page.textContent('#note')).toContain('LayerNorm');
    await page.uncheck('#marked');
  });

  it('shows the group under a pointer, in the picture and in memory, and goes back', async () => {
    const { page } = opened;
    await choose(page, { mode: 'instance', layout: 'NHWC' });
    await page.click('.cell[data-index="0"]');
    await page.hover('.cell[data-index="215"]');
    expect(await page.textContent('#element')).toBe('x[3, 5, 2, 2]');
    await page.hover('#strip i:nth-child(8)');
    expect(await page.textContent('#element')).toBe('x[0, 1, 0, 1]');
    expect(await page.textContent('#runs')).toBe(
      'The group is 9 runs of 1 element, 6 apart. This element is number 7 = ((0 · 3 + 0) · 3 + 1) · 6 + 1.',
    );
    await page.hover('h1');
    expect(await page.textContent('#element')).toBe('x[0, 0, 0, 0]');
  });

  it('answers questions with settings, and nothing moves', async () => {
    const { page } = opened;
    const top = () => page.$eval('#questions', (list) => (list as HTMLElement).offsetTop);
    const before = await top();
    const settings = await page.$$('.setting');
    expect(settings.length).toBeGreaterThanOrEqual(14);
    for (const setting of settings) {
      await setting.click();
      await ready(page);
      expect(await top(), (await setting.textContent()) ?? '').toBe(before);
    }
    await page.click('.setting >> nth=1');
    await ready(page);
    expect(await page.textContent('#formula')).toContain('∑');
    await check(page, 'NHWC', 4, 'sum');
    const places = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin),
    );
    expect(new Set(places)).toEqual(new Set([new URL(page.url()).origin]));
    expect(opened.complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('has nothing for axe to find, %s', async (colorScheme) => {
    const { page } = opened;
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
  });

  it('explains without WebGPU, on a phone', async () => {
    const { page, complaints } = opened;
    await toPhone(page);
    await takeWebGpuAway(page);
    await page.reload();
    await ready(page);
    expect(await page.getAttribute('html', 'data-engine')).toBe('cpu');
    expect(await page.textContent('#source')).toMatch(/^No WebGPU .*float64/);
    await choose(page, { mode: 'batch', layout: 'NHWC' });
    await page.click('.cell[data-index="0"]');
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    expect(await page.textContent('#element'), 'samples to the right').toBe('x[1, 0, 1, 0]');
    await check(page, 'NHWC', 4);
    await expectFitsPhone(page);
    expect(complaints).toEqual([]);
  });
});
