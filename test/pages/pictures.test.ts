import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODES } from '../../examples/pictures/modes.ts';
import { expectAccessible, expectFitsPhone, takeWebGpuAway, toPhone } from './checks.ts';
import {
  batchOf,
  choose,
  countsUnder,
  distance,
  drawn,
  EXACT,
  exactOf,
  fillBatch,
  openPictures,
  pixelsOf,
  ready,
  ROUNDED,
  shiftOf,
  show,
} from './pictures-page.ts';
import { servePages } from './serve.ts';
import type { Opened, Pages } from './serve.ts';

/** What the page of pictures draws and says, held against the float64 reference. */

let pages: Pages;
let opened: Opened;
let width: number;
let height: number;
let bytes: Buffer[];
let x: ReturnType<typeof batchOf>;

beforeAll(async () => {
  pages = await servePages();
  opened = await openPictures(pages);
  ({ width, height, bytes } = await fillBatch(opened.page));
  x = batchOf(bytes, width, height);
});

afterAll(async () => pages.close());

function countsOf(values: readonly number[], from: number, to: number): number[] {
  const counts = Array.from({ length: 64 }, () => 0);
  for (const value of values) counts[Math.min(63, Math.floor(((value - from) / (to - from)) * 64))]!++;
  return counts;
}

describe('the page of pictures', () => {
  it('draws the picture as it is, and every mode as the reference has it', async () => {
    const { page } = opened;
    expect(await page.getAttribute('html', 'data-engine')).toBe('gpu');
    expect(MODES.map(({ id }) => id).toSorted()).toEqual(Object.keys(EXACT).toSorted());
    for (const [at, mode] of Object.keys(EXACT).entries()) {
      const place = Math.floor(at / 4); // the wall is computed anew for each
      await show(page, place);
      await choose(page, mode);
      const { before, after } = await pixelsOf(page);
      expect(before.equals(bytes[place]!), mode).toBe(true);
      expect(distance(after, exactOf(mode, x, place, 2), EXACT[mode]![2]), mode).toBeLessThanOrEqual(ROUNDED);
    }
  });

  it('multiplies by γ and adds β, each colour by its own', async () => {
    const { page } = opened;
    await show(page, 1);
    const sliders = { 'gamma-red': '0.5', 'gamma-blue': '1.75', 'beta-green': '-0.4' };
    for (const mode of ['batch-training', 'layer-chw', 'layer-last', 'group-3', 'pixel']) {
      await choose(page, mode);
      for (const [name, value] of Object.entries(sliders)) await page.fill(`[name="${name}"]`, value);
      await drawn(page);
      const exact = exactOf(mode, x, 1, 2);
      const plane = width * height;
      const wanted = Float64Array.from(exact, (value, index) => {
        const channel = Math.floor(index / plane);
        return [0.5, 1, 1.75][channel]! * value + [0, -0.4, 0][channel]!;
      });
      expect(distance((await pixelsOf(page)).after, wanted, [-2.5, 2.5]), mode).toBeLessThanOrEqual(ROUNDED);
    }
    await page.check('#alike');
    await page.fill('[name="gamma-green"]', '0.25');
    expect(await page.inputValue('[name="gamma-blue"]')).toBe('0.25');
    await page.uncheck('#alike');
    await page.click('#begin');
    expect(await page.inputValue('[name="gamma-red"]')).toBe('1');
  });

  it('gives the input back by γ = √(σ² + ε) and β = μ: BatchNorm of all pictures, the others of one', async () => {
    const { page } = opened;
    for (const mode of ['batch-training', 'batch-inference', 'layer-chw', 'instance']) {
      await show(page, 3);
      await choose(page, mode);
      expect((await pixelsOf(page)).after.equals(bytes[3]!)).toBe(false);
      await page.click('#back');
      await page.waitForSelector('[value="picture"]:checked', { state: 'attached' });
      await drawn(page);
      const worst = async (place: number): Promise<number> => {
        return (await pixelsOf(page)).after.reduce(
          (most, byte, index) => Math.max(most, Math.abs(byte - bytes[place]![index]!)),
          0,
        );
      };
      expect(await worst(3), mode).toBeLessThanOrEqual(1);
      await show(page, 0);
      if (mode.startsWith('batch')) expect(await worst(0), mode).toBeLessThanOrEqual(1);
      else expect(await worst(0), mode).toBeGreaterThan(20);
    }
    await choose(page, 'activation');
    expect(await page.isDisabled('#back')).toBe(true);
    expect(await page.innerText('#back-said p:not([hidden])')).toContain('pixels have means of their own');
  });

  it('goes from the content to the style of another picture', async () => {
    const { page } = opened;
    await show(page, 0);
    await choose(page, 'adain');
    await page.check('#styles [value="3"]', { force: true });
    const style = exactOf('adain', x, 0, 3);
    const own = x.data.subarray(0, style.length);
    for (const alpha of [0, 0.4, 1]) {
      await page.fill('#alpha', String(alpha));
      await drawn(page);
      const exact = Float64Array.from(own, (value, index) => alpha * style[index]! + (1 - alpha) * value);
      expect(distance((await pixelsOf(page)).after, exact, [0, 1]), String(alpha)).toBeLessThanOrEqual(ROUNDED);
    }
    await page.check('#styles [value="2"]', { force: true });
  });

  it('counts the values of each colour, before and after, and says what is shared', async () => {
    const { page } = opened;
    await show(page, 1);
    await choose(page, 'layer-chw');
    const plane = width * height;
    const y = exactOf('layer-chw', x, 1, 2);
    const label = (await page.getAttribute('#histogram-after', 'aria-label'))!.replaceAll('−', '-');
    const [from, to] = label
      .split(/ from | to /)
      .slice(1)
      .map(Number) as [number, number];
    const channels = [0, 1, 2];
    const own = (values: ArrayLike<number>, start: number): number[][] =>
      channels.map((channel) => Array.from({ length: plane }, (_, at) => values[start + channel * plane + at]!));
    const wanted = {
      before: own(x.data, 3 * plane).map((values) => countsOf(values.map(Math.fround), 0, 1)),
      after: own(y, 0).map((values) => countsOf(values, from, to)),
    };
    for (const which of ['before', 'after'] as const) {
      for (const bin of [16, 24, 31, 40]) {
        const counts = await countsUnder(page, which, bin);
        for (const channel of channels) {
          // After: a value on an edge may be rounded to the other side.
          const apart = Math.abs(counts[channel]! - wanted[which][channel]![bin]!);
          expect(apart, `${which} ${bin}`).toBeLessThanOrEqual(which === 'before' ? 0 : plane / 1000);
        }
      }
    }
    const facts = await page.$$eval('#facts tr:not(.empty)', (rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent)),
    );
    const all = x.data.subarray(3 * plane, 6 * plane);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    expect(facts[0]).toEqual(['Elements a group', String(3 * plane)]);
    expect(Number(facts[1]![1])).toBeCloseTo(mean, 2.99);
    expect(facts.slice(3).flat()).toEqual(['Mean after', '≈ 0', 'Deviation after', '1']);
    await choose(page, 'sum-channel');
    expect(await page.textContent('#facts tr:nth-child(6)')).toBe('Sum after111');
  });

  it('has all modes at a glance, each within a millionth of float64, and opens one large', async () => {
    const { page } = opened;
    await ready(page);
    const cards = await page.$$eval('.card', (list) => list.map((card) => ({ ...(card as HTMLElement).dataset })));
    expect(cards.map(({ mode }) => mode)).toEqual(MODES.map(({ id }) => id));
    for (const { mode, path, difference, magnitude } of cards) {
      expect(path, mode).toBe('gpu');
      expect(Number(difference) / Number(magnitude), mode).toBeLessThanOrEqual(1e-6);
    }
    await page.click('.card[data-mode="l1"]');
    await drawn(page);
    expect(await page.isChecked('#modes [value="l1"]')).toBe(true);
    expect(await page.textContent('#source')).toMatch(/^Computed in f32 on .* differs by \d/);
  });

  it('moves the divider by pointer and by keys', async () => {
    const { page } = opened;
    const at = async (): Promise<number> => Number(await page.getAttribute('.divider', 'aria-valuenow'));
    const box = (await page.locator('#stage').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 4, box.y + 10);
    expect(await at()).toBe(25);
    await page.mouse.move(box.x - 50, box.y + 10);
    await page.mouse.up();
    expect(await at()).toBe(0);
    await page.mouse.move(box.x + box.width / 2, box.y + 10);
    expect(await at()).toBe(0);
    for (const key of ['End', 'PageDown', 'ArrowLeft']) await page.keyboard.press(key);
    expect(await at()).toBe(88);
    expect(await page.getAttribute('.divider', 'aria-valuetext')).toBe('88 % before, 12 % after');
  });

  it('stays where it is whatever is chosen, and asks nobody else', async () => {
    const { page, complaints } = opened;
    expect(await shiftOf(page)).toBe(0);
    await choose(page, MODES.at(-1)!.id);
    const top = () => page.$eval('#wall', (wall) => Math.round(wall.getBoundingClientRect().top + scrollY));
    for (const width of [360, 900, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const before = await top();
      await page.focus('#modes :checked');
      for (const { title } of MODES) {
        await page.keyboard.press('ArrowRight');
        const now = await page.textContent('#mode-title');
        expect([now, await top()], String(width)).toEqual([title, before]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), title).toBeLessThanOrEqual(width);
      }
    }
    await drawn(page);
    const places = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin),
    );
    expect(new Set(places.filter((origin) => origin !== 'null'))).toEqual(new Set([new URL(page.url()).origin]));
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('has nothing for axe to find, %s', async (colorScheme) => {
    const { page } = opened;
    await page.emulateMedia({ colorScheme });
    for (const mode of ['instance', 'adain']) {
      await choose(page, mode);
      await expectAccessible(page);
    }
  });

  it('draws the same without WebGPU, on a phone', async () => {
    const { page, complaints } = await openPictures(pages, '#batch-training', takeWebGpuAway);
    await toPhone(page);
    expect(await page.getAttribute('html', 'data-engine')).toBe('cpu');
    expect(await page.textContent('#source')).toMatch(/^No WebGPU .*float64/);
    const small = await fillBatch(page);
    const batch = batchOf(small.bytes, small.width, small.height);
    for (const mode of ['batch-training', 'instance', 'adain', 'sum-image', 'moments']) {
      await choose(page, mode);
      const { before, after } = await pixelsOf(page);
      expect(before.equals(small.bytes[0]!)).toBe(true);
      expect(distance(after, exactOf(mode, batch, 0, 2), EXACT[mode]![2]), mode).toBeLessThanOrEqual(ROUNDED);
    }
    await expectFitsPhone(page);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
