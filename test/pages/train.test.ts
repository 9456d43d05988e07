import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import type { Outcome } from '../../examples/train/outcome.ts';
import type { Row } from '../../examples/train/settings.ts';
import { takeWebGpuAway } from './checks.ts';
import { root, servePages } from './serve.ts';
import type { Opened, Pages } from './serve.ts';
import { inkOf, reach } from './train-page.ts';

/** Both experiments, as `npm run train` has them trained. */

let pages: Pages;
let first: Row[];
/** The page of the first test, for those after it: its kernels are compiled, which takes longer than a short training. */
let warm: Opened;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => pages.close());

const resultsOf = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { results: Outcome & { difference: number } }).results);

async function train(page: Page, search: string): Promise<void> {
  await page.evaluate(async (given) => {
    await (globalThis as unknown as { train: (search: string) => Promise<void> }).train(given);
  }, search);
  await reach(page, 'done');
}

describe('both experiments', () => {
  it('are trained on our kernels: the loss falls, and is drawn', async () => {
    warm = await pages.open('train/?run=tiny&seeds=5');
    const { page, complaints } = warm;
    await reach(page, 'done');
    const { rows, difference } = await resultsOf(page);
    first = rows;
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThanOrEqual(1e-5);
    for (const [experiment, norm] of [
      ['sigmoid', 'batch'],
      ['batch size', 'batch'],
      ['batch size', 'group'],
    ] as const) {
      const samples = rows.filter((row) => row.experiment === experiment && row.norm === norm);
      expect(samples.length).toBeGreaterThanOrEqual(4);
      expect(samples.every(({ seed }) => seed === 5)).toBe(true);
      expect(samples.at(-1)!.loss, `${experiment} ${norm}`).toBeLessThan(0.8 * samples[0]!.loss);
      expect(samples.at(-1)!.testError).toBeLessThan(0.75);
    }
    const [loss, error, , way] = await inkOf(page, '#recorded');
    for (const chart of [loss!, error!, way!]) {
      expect(chart.points).toBeGreaterThanOrEqual(8);
      expect(chart.coloured).toBeGreaterThan(100);
    }
    expect(complaints).toEqual([]);
  });

  it('give the same numbers for the same seed', async () => {
    const { page } = warm;
    await train(page, '?run=tiny&seeds=5');
    const { rows } = await resultsOf(page);
    expect(rows).toEqual(first);
  });

  it('end with f16 storage where f32 ends, within the spread of its seeds', async () => {
    const { page, complaints } = warm;
    await train(page, '?run=brief&seeds=1,2,3&dtype=f16');
    const { rows, comparison, difference } = await resultsOf(page);
    const { ends, holds, seeds } = comparison!;
    expect(seeds).toEqual([1, 2, 3]);
    expect(holds, JSON.stringify(ends)).toBe(true);
    expect(ends).toHaveLength(6);
    for (const { network, apart } of ends.filter(({ measure }) => measure === 'loss')) {
      expect(apart, `${network}: as good as in f32, but not the same numbers`).toBeGreaterThan(0);
    }
    for (const norm of ['batch', 'group'] as const) {
      const losses = rows.filter((row) => row.norm === norm && row.seed === 1).map(({ loss }) => loss);
      expect(losses.at(-1)!, norm).toBeLessThan(losses[0]!);
    }
    // Beyond what f32 may be off by: it is halves that the layers were given.
    expect(difference).toBeGreaterThan(1e-4);
    expect(await page.textContent('#comparison .verdict')).toContain('every training ends within the spread of f32');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('say so where there is no GPU, and what they do not understand', async () => {
    const { page } = await pages.open('train/?run=everything');
    await reach(page, 'error');
    expect(await page.textContent('#status')).toContain('?run=everything; there are full, quick, tiny');
    await takeWebGpuAway(page);
    await page.goto(page.url().replace('everything', 'tiny&dtype=f8'));
    await reach(page, 'error');
    expect(await page.textContent('#status')).toContain('?dtype=f8; there are f32, f16, bf16');
    await page.goto(page.url().replace('dtype=f8', 'seeds=1,two'));
    await reach(page, 'error');
    expect(await page.textContent('#status')).toContain('?seeds=1,two; seeds are whole numbers from 1 on');
    await page.goto(page.url().replace('seeds=1,two', 'dtype=f16'));
    await reach(page, 'error');
    expect(await page.textContent('#status')).toContain('this browser has no WebGPU');
    await page.close();
  });
});

describe('npm run train', () => {
  const run = (...parameters: string[]) =>
    spawnSync(process.execPath, ['examples/train/run.mjs', ...parameters], { cwd: root, encoding: 'utf8' });

  it('explains itself', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const option of ['--quick', '--seeds', '--dtype', '--redraw', '--out', '--headed', 'ten seeds']) {
      expect(stdout).toContain(option);
    }
  });

  it.each([
    ['--sedes=1', '--sedes'],
    ['--seeds=one', 'whole numbers from 1 on'],
    ['--seeds=', 'whole numbers from 1 on'],
    ['--seeds=2,2', 'given twice'],
    ['--dtype=f64', 'f32, f16 and bf16'],
    ['--dtype=f16 --seeds=1,2', 'give three seeds or more'],
    ['now', 'now'],
  ])('refuses %s', (option, reason) => {
    const { status, stderr } = run(...option.split(' '));
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
  });
});
