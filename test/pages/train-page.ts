import type { Page } from 'playwright';

/** The page of training as its tests use it. */

/** Waits for a state of the page; where it fails instead, says with what. */
export async function reach(page: Page, wanted: string): Promise<void> {
  const ends = [wanted, 'error'].map((end) => `html[data-state="${end}"]`).join();
  await page.waitForSelector(ends, { state: 'attached', timeout: 250_000 });
  const reached = await page.getAttribute('html', 'data-state');
  if (reached !== wanted) throw new Error(`the page is in state ${reached}: ${await page.textContent('#status')}`);
}

/** Points in each chart of a section, and how many pixels of it are neither clear nor a line of the grid. */
export const inkOf = (page: Page, section: string) =>
  page.$$eval(`${section} .chart`, (charts) =>
    charts.map((chart) => {
      const canvas = chart.querySelector('canvas')!;
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      const coloured = data.filter((_, index) => index % 4 === 0 && Math.abs(data[index]! - data[index + 2]!) > 60);
      return { points: Number((chart as HTMLElement).dataset['points']), coloured: coloured.length };
    }),
  );

/** Chooses by the values of the controls. */
export async function choose(page: Page, settings: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'seed') await page.fill('[name="seed"]', value);
    else await page.check(`[name="${name}"][value="${value}"]`, { force: true });
  }
}

/** Cells of the body of a table, by its lines' names. */
export async function tableIn(page: Page, place: string): Promise<Record<string, string[]>> {
  const rows = await page.$$eval(`${place} tr`, (all) =>
    all.map((row) => [...row.children].map(({ textContent }) => textContent.replaceAll('\u00a0', ' '))),
  );
  return Object.fromEntries(rows.map(([name, ...cells]) => [name!, cells]));
}

export interface Sample {
  step: number;
  loss: number;
  /** In percent. */
  testError: number;
}

/** Keeps what the page says of each sample from now on: `Step 12 of 192: loss 1.2345, test error 45.6 %`. */
export const keepSamples = (page: Page) =>
  page.evaluate(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    const where = document.getElementById('where')!;
    new MutationObserver(() => void said.push(where.textContent)).observe(where, { childList: true });
  });

/** What was said since the last time. */
export async function samplesOf(page: Page): Promise<Sample[]> {
  const said = await page.evaluate(() => (globalThis as unknown as { said: string[] }).said.splice(0));
  return said.flatMap((words) => {
    const numbers = /^Step (\d+) of \d+: loss ([\d.]+), test error ([\d.]+)/.exec(words);
    if (!numbers) return [];
    const [step, loss, testError] = numbers.slice(1).map(Number) as [number, number, number];
    return [{ step, loss, testError }];
  });
}

/** Waits for a sample of a step, or a later one. */
export const sampleFrom = (page: Page, step: number) =>
  page.waitForFunction(
    (least) => Number(/^Step (\d+)/.exec(document.getElementById('where')!.textContent)?.[1] ?? 0) >= least,
    step,
    { timeout: 250_000 },
  );

/** The worker of the page, told to count its steps, and those before it hears of a pause. */
export async function countIn(page: Page) {
  const worker = page.workers().at(-1)!;
  await worker.evaluate(() => {
    const counts = { steps: 0, whenPaused: NaN };
    Object.assign(globalThis, { counts });
    const { onSubmittedWorkDone } = GPUQueue.prototype;
    GPUQueue.prototype.onSubmittedWorkDone = function () {
      counts.steps++;
      return onSubmittedWorkDone.call(this);
    };
    addEventListener('message', ({ data }) => {
      if ((data as { path?: string[] }).path?.[0] === 'pause') counts.whenPaused = counts.steps;
    });
  });
  return async () =>
    worker.evaluate(() => (globalThis as unknown as { counts: { steps: number; whenPaused: number } }).counts);
}
