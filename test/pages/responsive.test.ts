import type { CDPSession, Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPictures } from './pictures-page.ts';
import { servePages } from './serve.ts';
import type { Pages } from './serve.ts';
import { choose, reach, sampleFrom } from './train-page.ts';

/** Pages of the built site leave the thread that answers their visitor alone. What they use of it is its CPU time, which a busy machine does not change. */

let pages: Pages;

beforeAll(async () => {
  pages = await servePages('--use-fake-device-for-media-stream=fps=30', '--use-fake-ui-for-media-stream');
});

afterAll(async () => pages.close());

/** Measures the main thread of a page. */
async function measured(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return session;
}

/** CPU time of the main thread so far, in ms. */
async function cpuOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
}

const stepOf = async (page: Page) => Number(/\d+/.exec((await page.textContent('#where'))!)![0]);

it('answers within a second of being asked for, by what comes first', async () => {
  const answers: { after: number; cpu: number }[] = [];
  for (let visit = 0; visit < 3; visit++) {
    let session: CDPSession;
    const { page } = await pages.open('axes/', undefined, async (opening) => {
      session = await measured(opening);
      await opening.addInitScript(() => {
        const lit = (): number => document.querySelectorAll('.cell.lit').length;
        const observer = new MutationObserver(() => {
          if (document.documentElement.dataset['state'] !== 'ready') return;
          observer.disconnect();
          const before = lit();
          document.querySelector<HTMLInputElement>('[name="mode"][value="activation"]')!.click();
          Object.assign(globalThis, { answered: { before, after: lit(), at: performance.now() } });
        });
        observer.observe(document, { subtree: true, childList: true, attributes: true });
      });
    });
    await page.waitForFunction(() => 'answered' in globalThis);
    const { before, after, at } = await page.evaluate(
      () => (globalThis as unknown as { answered: Record<'before' | 'after' | 'at', number> }).answered,
    );
    expect([before > after, after > 0], `${before} cells, then ${after}`).toEqual([true, true]);
    answers.push({ after: at, cpu: await cpuOf(session!) });
    await page.close();
  }
  expect(Math.min(...answers.map(({ after }) => after)), JSON.stringify(answers)).toBeLessThan(1000);
  expect(Math.min(...answers.map(({ cpu }) => cpu)), JSON.stringify(answers)).toBeLessThan(400);
});

it('leaves training to its worker: what is left is to draw a point now and then', async () => {
  const { page } = await pages.open('train/');
  await reach(page, 'ready');
  await choose(page, { norm: 'group', batch: '2' });
  const session = await measured(page);
  await page.click('#start');
  await sampleFrom(page, 12);
  const [from, before] = [await stepOf(page), await cpuOf(session)];
  await sampleFrom(page, from + 180);
  const perStep = ((await cpuOf(session)) - before) / ((await stepOf(page)) - from);
  // A third of this; where training is a part of the page itself, more than twice this.
  expect(perStep).toBeLessThan(1.5);
  await page.close();
});

it('draws the camera with little of it', async () => {
  const { page } = await openPictures(pages);
  await page.click('#camera');
  await page.waitForSelector('html[data-state="live"]', { state: 'attached' });
  await page.evaluate(() => {
    const { onSubmittedWorkDone } = GPUQueue.prototype;
    Object.assign(globalThis, { frames: 0 });
    GPUQueue.prototype.onSubmittedWorkDone = async function () {
      (globalThis as unknown as { frames: number }).frames++;
      return onSubmittedWorkDone.call(this);
    };
  });
  const framesOf = () => page.evaluate(() => (globalThis as unknown as { frames: number }).frames);
  // Which is computed anew once, of the first frame.
  await page.waitForSelector('html[data-wall="ready"]', { state: 'attached' });
  const session = await measured(page);
  const [from, before] = [await framesOf(), await cpuOf(session)];
  await page.waitForFunction((least) => (globalThis as unknown as { frames: number }).frames >= least, from + 120);
  const perFrame = ((await cpuOf(session)) - before) / ((await framesOf()) - from);
  // Half of what a frame has at 30 a second.
  expect(perFrame).toBeLessThan(16);
  await page.close();
});
