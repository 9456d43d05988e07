import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { SITTINGS } from '../../bench/cases/shapes.ts';
import type { Request, ShapesRequest } from '../../bench/report/main.ts';
import type { Measured, Results } from '../../bench/analysis/results.ts';
import type { ShapesMeasured } from '../../bench/analysis/shapes.ts';
import { expectAccessible, expectFitsPhone, takeWebGpuAway, toPhone } from './checks.ts';
import { root, servePages } from './serve.ts';
import type { Opened, Pages } from './serve.ts';

let pages: Pages;
let opened: Opened;

const recorded = (file: string): Results =>
  JSON.parse(readFileSync(`${root}bench/results/${file}.json`, 'utf8')) as Results;

beforeAll(async () => {
  pages = await servePages();
  opened = await pages.open('speed/');
  await opened.page.waitForSelector('#report table');
});

afterAll(async () => pages.close());

/** Units and columns of time, as words of their own. */
const TIMES = /(?<!\p{L})(ms|ns|µs|quartiles)(?!\p{L})/u;

const choose = (page: Page, name: string) => page.click(`button:text-is("${name}")`);

/** The table of copies: cells by case and library. */
async function gridOn(page: Page): Promise<Record<string, Record<string, number>>> {
  const rows = await page.$$eval('#report table >> nth=0 >> tr', (all) =>
    all.map((row) => [...row.children].map(({ textContent }) => textContent)),
  );
  const [head, ...rest] = rows as [string[], ...string[][]];
  return Object.fromEntries(
    rest.map(([name, ...cells]) => [
      name!,
      Object.fromEntries(cells.map((cell, index) => [head[index + 1]!, Number(cell)])),
    ]),
  );
}

describe('the page of speed', () => {
  it('shows at once what was recorded on a GPU', async () => {
    const { page } = opened;
    expect(await page.textContent('#report .sheet .note >> nth=0')).toMatch(/AdaIN.* not in it/);
    const { results } = recorded('h100-dawn');
    for (const pass of ['backward', 'forward'] as const) {
      await choose(page, pass);
      const grid = await gridOn(page);
      const ours = results.filter((row) => row.pass === pass && row.library === 'webgpu-norm');
      expect(Object.keys(grid)).toHaveLength(ours.length);
      for (const row of ours) {
        expect(Object.keys(grid[row.case]!)).toEqual(['webgpu-norm']);
        expect(grid[row.case]!['webgpu-norm']! / row.copyMultiple!, row.case).toBeCloseTo(1, 1.99);
      }
      expect(await page.locator('#report figure svg').count()).toBe(ours.length);
    }
    await choose(page, 'every schedule');
    expect(await gridOn(page)).toHaveProperty(['LayerNorm [43690,768]', 'webgpu-norm, 64 lanes']);
    await choose(page, 'its own schedule');
    await page.click('summary');
    expect(await page.locator('.title >> nth=1').textContent()).toContain('ms');
  });

  it('tells no times of a CPU that pretends to be a GPU, but copies', async () => {
    const { page } = opened;
    await choose(page, 'SwiftShader, a CPU');
    const grid = await gridOn(page);
    const { results } = recorded('swiftshader-chromium');
    for (const row of results.filter((each) => each.pass === 'forward' && each.copyMultiple !== null)) {
      if (row.library === 'copy') continue;
      expect(grid[row.case]![row.library]! / row.copyMultiple!, `${row.case} ${row.library}`).toBeCloseTo(1, 1.99);
    }
    await page.click('summary');
    await page.click('summary');
    const text = await page.innerText('#report');
    expect(text).toContain('dispatches');
    expect(text).not.toMatch(TIMES);
  });

  it('measures here, and gives a table to take along', async () => {
    const { page, complaints } = opened;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const request: Request = {
      cases: ['LayerNorm [32,256]'],
      libraries: ['copy', 'webgpu-norm', 'textbook'],
      passes: ['forward'],
      pace: 'quick',
    };
    const { adapter, results } = await page.evaluate(
      (wanted) => (globalThis as unknown as { runBenchmark(of: Request): Promise<Measured> }).runBenchmark(wanted),
      request,
    );
    expect(await page.textContent('#status')).toBe(`Measured on ${adapter}.`);
    expect(await page.getAttribute('button:text-is("Measured here")', 'aria-pressed')).toBe('true');
    expect(await page.locator('#report figure svg text:text-is("textbook")').count()).toBe(1);
    await choose(page, 'Copy as Markdown');
    await page.waitForSelector('button:text-is("Copied")');
    const markdown = await page.evaluate(() => navigator.clipboard.readText());
    const [head, , line] = markdown.split('\n');
    expect(head).toBe('| forward, copies | webgpu-norm | textbook |');
    const cells = line!.split('|').map((cell) => cell.trim());
    expect(cells[1]).toBe('LayerNorm [32,256]');
    for (const [index, library] of ['webgpu-norm', 'textbook'].entries()) {
      const { copyMultiple } = results.find((row) => row.library === library)!;
      expect(Number(cells[index + 2]) / copyMultiple!).toBeCloseTo(1, 1.99);
    }
    expect(markdown).toContain(adapter);
    await choose(page, 'NVIDIA H200');
    expect(Object.keys(await gridOn(page)).length).toBeGreaterThan(20);
    expect(complaints).toEqual([]);
  });

  it('measures calls of ever new shapes, on a page that has seen none', async () => {
    const { page, complaints } = await pages.open('speed/?measure=shapes');
    await page.waitForFunction(() => document.getElementById('status')!.textContent.startsWith('New shapes: '));
    expect(await page.isVisible('#shapes')).toBe(false);
    await page.goto(page.url().replace(/\?.*/, '?recorded=none'));
    await page.waitForFunction(() => 'runShapes' in globalThis);
    const sitting = { ...SITTINGS[0]!, calls: 3, more: 0 };
    const { shapes } = await page.evaluate(
      (wanted) =>
        (globalThis as unknown as { runShapes(of: ShapesRequest): Promise<ShapesMeasured> }).runShapes(wanted),
      { sitting, libraries: ['copy', 'webgpu-norm'], seed: 3 },
    );
    const [, ours] = shapes;
    const cells = await page.$$eval('#report tr >> nth=2 >> td', (all) => all.map(({ textContent }) => textContent));
    expect(cells.slice(0, 2)).toEqual(['3', String(ours!.pipelines)]);
    expect(Number(cells[2]) / ours!.copies!.first).toBeCloseTo(1, 1.99);
    const text = await page.innerText('#report');
    expect(text).toContain('pipelines');
    expect(text).not.toMatch(TIMES);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([
    ['null', 'it has no results'],
    ['{ "results": [], "shapes": 5 }', 'it has no results'],
    ['{ "results": [null] }', 'a row of it is none of a benchmark'],
    ['{ "results": [{ "case": "A", "library": "copy" }] }', 'a row of it is none of a benchmark'],
    ['{ "results": [], "shapes": [{ "case": "A", "library": "copy" }] }', 'a row of it is none of a benchmark'],
  ])('refuses the file %s, shows what it did, and takes the file again', async (text, why) => {
    const { page, complaints } = opened;
    const before = await page.innerHTML('main');
    await page.setInputFiles('#file', { name: 'f.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await page.waitForFunction(
      (words) => document.getElementById('status')!.textContent === words,
      `f.json is no file of results: ${why}.`,
    );
    expect(await page.innerHTML('main')).toBe(before);
    expect(await page.inputValue('#file')).toBe('');
    expect(complaints).toEqual([]);
  });

  it('begins by a button, with progress', async () => {
    const { page, complaints } = await pages.open('speed/');
    await page.waitForSelector('#report table');
    await page.click('#quick');
    await page.waitForFunction(() => /^LayerNorm .* …$/.test(document.getElementById('status')!.textContent));
    expect(await page.isVisible('#progress')).toBe(true);
    expect(await page.isDisabled('#full')).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has nothing for axe to find, %s', async (colorScheme) => {
    const { page } = opened;
    await choose(page, 'Measured here');
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
  });

  it('shows what is recorded without WebGPU, on a phone', async () => {
    const { page, complaints } = opened;
    await toPhone(page);
    await takeWebGpuAway(page);
    await page.reload();
    await page.waitForSelector('#report table');
    expect(await page.textContent('#status')).toContain('no WebGPU');
    expect(await page.isVisible('#quick')).toBe(false);
    expect(await page.isVisible('#coarse')).toBe(true);
    await expectFitsPhone(page);
    expect(complaints).toEqual([]);
  });
});
