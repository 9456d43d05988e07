import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../examples/train/settings.ts';
import { expectAccessible, expectFitsPhone, takeWebGpuAway, toPhone } from './checks.ts';
import { giveAdapters, holdAdapters, root, servePages } from './serve.ts';
import type { Opened, Pages } from './serve.ts';
import type { Sample } from './train-page.ts';
import { choose, countIn, inkOf, keepSamples, reach, sampleFrom, samplesOf, tableIn } from './train-page.ts';

/** What a visitor sees recorded, and trains. */

const { rows, seeds } = JSON.parse(readFileSync(`${root}examples/train/results.json`, 'utf8')) as {
  rows: Row[];
  seeds: number[];
};

const recordedOf = (experiment: string, norm: string, batchSize: number, seed: number): Row[] =>
  rows.filter(
    (row) => row.experiment === experiment && row.norm === norm && row.batchSize === batchSize && row.seed === seed,
  );

/** The mean over the seeds of the mean of the last four samples. */
function endOf(experiment: string, norm: string, batchSize: number, measure: 'loss' | 'testError'): number {
  const lasts = seeds.flatMap((seed) => recordedOf(experiment, norm, batchSize, seed).slice(-4));
  expect(lasts).toHaveLength(4 * seeds.length);
  return lasts.reduce((sum, row) => sum + row[measure], 0) / lasts.length;
}

let pages: Pages;
let opened: Opened;

beforeAll(async () => {
  pages = await servePages();
  opened = await pages.open('axes/');
  const { page } = opened;
  // The page itself must do without a device: it trains in a worker.
  await page.addInitScript(() => {
    Object.assign(globalThis, { shifts: [] });
    GPUAdapter.prototype.requestDevice = () => {
      throw new Error('the page asks for a device');
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, sources } = entry as unknown as { value: number; sources: { node?: Element }[] };
        const moved = sources.map(({ node }) => node?.outerHTML?.slice(0, 60));
        (globalThis as unknown as { shifts: unknown[] }).shifts.push({ value, moved });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  opened.complaints.length = 0;
  await page.goto(page.url().replace('/axes/', '/train/'));
  await reach(page, 'ready');
  await keepSamples(page);
});

afterAll(async () => pages.close());

describe('training here', () => {
  it('shows at once what was recorded, by its numbers', async () => {
    const { page } = opened;
    const [loss, error] = await inkOf(page, '#live');
    for (const chart of [loss!, error!]) {
      expect(chart.points).toBe(2 * 16);
      expect(chart.coloured).toBeGreaterThan(500);
    }
    expect(await inkOf(page, '#recorded')).toHaveLength(4);
    for (const [settings, experiment, size, known] of [
      [{ experiment: 'batch size', batch: '2' }, 'batch size', 2, { batch: 'BatchNorm', group: 'GroupNorm' }],
      [{ experiment: 'sigmoid', batch: '60' }, 'sigmoid', 60, { none: 'without', batch: 'BatchNorm' }],
    ] as const) {
      await choose(page, settings);
      const ends = await tableIn(page, '#ends');
      expect(Object.keys(ends)).toHaveLength(3);
      for (const [norm, name] of Object.entries(known)) {
        const [shownLoss, shownError] = ends[`${name}, recorded`]!;
        expect(Number(shownLoss)).toBeCloseTo(endOf(experiment, norm, size, 'loss'), 2.99);
        expect(Number.parseFloat(shownError!)).toBeCloseTo(100 * endOf(experiment, norm, size, 'testError'), 0.99);
      }
    }
    const differences = await tableIn(page, '#differences tbody');
    expect(Object.keys(differences).sort()).toEqual(['16', '2', '32', '4', '8']);
    for (const [size, [batch, group, difference]] of Object.entries(differences)) {
      const [inBatch, inGroup] = ['batch', 'group'].map(
        (norm) => 100 * endOf('batch size', norm, Number(size), 'testError'),
      );
      expect(Number.parseFloat(batch!)).toBeCloseTo(inBatch!, 0.99);
      expect(Number.parseFloat(group!)).toBeCloseTo(inGroup!, 0.99);
      expect(Number.parseFloat(difference!.replace('\u2212', '-'))).toBeCloseTo(inBatch! - inGroup!, 0.99);
    }
  });

  it('lets choose what a network can take', async () => {
    const { page } = opened;
    await choose(page, { experiment: 'batch size', norm: 'instance', batch: '32' });
    expect(await page.textContent('#note')).toMatch(/192 steps, learning rate 0.1\.$/);
    expect(await page.isDisabled('[name="batch"][value="60"]')).toBe(true);
    await choose(page, { experiment: 'sigmoid' });
    expect(await page.isDisabled('[name="norm"][value="instance"]')).toBe(true);
    expect(await page.isChecked('[name="norm"][value="batch"]')).toBe(true);
    expect(await page.textContent('#note')).toContain('InstanceNorm needs positions');
    await choose(page, { seed: '0' });
    await page.click('#start');
    expect(await page.getAttribute('html', 'data-state')).toBe('ready');
    expect(await page.evaluate(() => document.activeElement!.getAttribute('name'))).toBe('seed');
    await choose(page, { seed: '1', experiment: 'batch size', norm: 'batch', batch: '32' });
  });

  it('trains as was recorded, in a worker; pauses before the next step, and goes on', async () => {
    const { page, complaints } = opened;
    await page.focus('#start');
    await page.keyboard.press('Space');
    expect(await page.textContent('#start')).toBe('Pause');
    expect(await page.locator('#fields:disabled').count()).toBe(1);
    await sampleFrom(page, 12);
    const [{ loss }] = (await samplesOf(page)) as [Sample];
    expect(await page.textContent('#status')).toMatch(
      /^Training on .*; y and gradients agree with TensorFlow.js’s to \de-[678]\.$/,
    );
    const recorded = recordedOf('batch size', 'batch', 32, 1);
    expect(loss / recorded.find(({ step }) => step === 12)!.loss).toBeCloseTo(1, 2);

    const counts = await countIn(page);
    await page.keyboard.press('Space');
    await reach(page, 'paused');
    const { steps, whenPaused } = await counts();
    expect(steps - whenPaused).toBeLessThanOrEqual(1);
    const [, done] = /^Paused after step (\d+) of 192\.$/.exec((await page.textContent('#status'))!)!;
    const before = await inkOf(page, '#live');
    await page.waitForTimeout(1000);
    expect((await counts()).steps).toBe(steps);
    expect(await inkOf(page, '#live')).toEqual(before);
    expect(before[0]!.points).toBe(2 * 16 + Math.floor(Number(done) / 12));

    expect(await page.textContent('#start')).toBe('Go on');
    await page.keyboard.press('Space');
    await sampleFrom(page, Number(done) + 12);
    expect(complaints).toEqual([]);
  });

  it('begins again from the same seed after a reset', async () => {
    const { page, complaints } = opened;
    await page.click('#reset');
    await reach(page, 'ready');
    expect(await page.textContent('#where')).toBe('');
    expect((await inkOf(page, '#live'))[0]!.points).toBe(2 * 16);
    await samplesOf(page);
    const firsts: Sample[] = [];
    for (const seed of ['1', '2', '1']) {
      await choose(page, { seed });
      await page.click('#start');
      await sampleFrom(page, 12);
      await page.click('#reset');
      await reach(page, 'ready');
      const [first] = await samplesOf(page);
      firsts.push(first!);
    }
    expect(firsts.map(({ step }) => step)).toEqual([12, 12, 12]);
    expect(firsts[2]).toEqual(firsts[0]);
    expect(firsts[1]!.loss).not.toBe(firsts[0]!.loss);
    expect(complaints).toEqual([]);
  });

  it('comes to an end that is the mean of the last samples', async () => {
    const { page, complaints } = opened;
    await choose(page, { norm: 'group', batch: '32', dtype: 'f16' });
    await page.click('#start');
    await reach(page, 'done');
    const samples = await samplesOf(page);
    expect(samples.map(({ step }) => step)).toEqual(Array.from({ length: 16 }, (_, index) => 12 * (index + 1)));
    const last = samples.slice(-4).map(({ testError }) => testError);
    const [, error] = (await tableIn(page, '#ends'))['GroupNorm, here']!;
    expect(Number.parseFloat(error!)).toBeCloseTo(last.reduce((sum, one) => sum + one) / 4, 0.99);
    expect(Number.parseFloat(error!), 'percent: it has learned').toBeLessThan(15);
    expect(await page.textContent('#status')).toBe('Done: GroupNorm, batches of 32, f16, seed 1.');
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('has nothing for axe to find, %s', async (colorScheme) => {
    const { page } = opened;
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
  });

  it('has moved nothing', async () => {
    const { page } = opened;
    const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: { value: number }[] }).shifts);
    expect(
      shifts.reduce((sum, { value }) => sum + value, 0),
      JSON.stringify(shifts),
    ).toBeLessThan(0.01);
  });

  it('says in words what went wrong in the worker, and can be tried again', async () => {
    const { page } = opened;
    await page.workers()[0]!.evaluate(() => {
      GPUDevice.prototype.createCommandEncoder = () => {
        throw new Error('no encoders are left');
      };
    });
    await page.click('#start');
    await page.waitForSelector('html[data-state="error"]', { state: 'attached' });
    expect(await page.textContent('#status')).toBe('The training failed: no encoders are left.');
    await expect.poll(() => page.workers()).toHaveLength(0);
    expect(await page.textContent('#start')).toBe('Try again');
    await page.route('**/assets/worker-*.js', async (route) => route.abort());
    await page.click('#start');
    await page.waitForFunction(() => document.getElementById('status')!.textContent.includes('could not be loaded'));
    await page.unroute('**/assets/worker-*.js');
    await choose(page, { norm: 'none', dtype: 'f32' });
    await page.click('#start');
    await sampleFrom(page, 12);
    await page
      .workers()
      .at(-1)!
      .evaluate(() => {
        const { createCommandEncoder } = GPUDevice.prototype;
        GPUDevice.prototype.createCommandEncoder = function (...given) {
          this.destroy();
          return createCommandEncoder.apply(this, given);
        };
      });
    await page.waitForSelector('html[data-state="error"]', { state: 'attached' });
    expect(await page.textContent('#status')).toMatch(/^The training failed: .*(lost|destroyed)/);
  });

  it('waits until it is known that there is a GPU, whatever is chosen meanwhile', async () => {
    const { page } = await pages.open('train/', undefined, holdAdapters);
    await choose(page, { norm: 'layer' });
    expect(await page.isDisabled('#start')).toBe(true);
    await giveAdapters(page);
    await reach(page, 'ready');
    expect(await page.isEnabled('#start')).toBe(true);
    await page.close();
  });

  it('shows what is recorded without WebGPU, on a phone', async () => {
    const { page, complaints } = opened;
    complaints.length = 0;
    await toPhone(page);
    await takeWebGpuAway(page);
    await page.reload();
    await reach(page, 'none');
    expect(await page.textContent('#status')).toBe(
      'Nothing can be trained here: this browser has no WebGPU. What was recorded is drawn.',
    );
    expect(await page.isDisabled('#start')).toBe(true);
    await choose(page, { batch: '4' });
    for (const chart of [...(await inkOf(page, '#live')), ...(await inkOf(page, '#recorded'))]) {
      expect(chart.points).toBeGreaterThanOrEqual(10);
      expect(chart.coloured).toBeGreaterThan(100);
    }
    await expectFitsPhone(page);
    expect(complaints).toEqual([]);
  });
});
