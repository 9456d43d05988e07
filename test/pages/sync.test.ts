import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRelay } from '../../examples/sync/relay.mjs';
import { expectFitsPhone, takeWebGpuAway, toPhone } from './checks.ts';
import { shiftOf } from './pictures-page.ts';
import { openBlank, servePages } from './serve.ts';
import type { Opened, Pages } from './serve.ts';

let pages: Pages;
let relay: { url: string; close: () => void };

beforeAll(async () => {
  [pages, relay] = await Promise.all([servePages(), startRelay()]);
});

afterAll(async () => {
  relay.close();
  await pages.close();
});

const BETWEEN_PAGES = ['broadcast', 'ws', 'trystero'];

async function openTwo(query: string): Promise<[Opened, Opened]> {
  const path = `sync/?${query}&relay=${relay.url}`;
  const one = await pages.open(path);
  return [one, await pages.open(path, one.page)];
}

/** What a page says in the end. */
async function endOf({ page, complaints }: Opened) {
  await page.waitForSelector('html[data-state]', { state: 'attached', timeout: 120_000 });
  const [status, part] = [await page.textContent('#status'), await page.textContent('#part')];
  const differences = await page.$$eval('#rows tr', (rows) =>
    rows.map((row) => [row.firstElementChild!.textContent, Number(row.dataset['difference'])] as const),
  );
  const { rank, digest } = await page.evaluate(() => ({ ...document.documentElement.dataset }));
  return { status, part, differences: Object.fromEntries(differences), rank, digest, complaints };
}

type End = Awaited<ReturnType<typeof endOf>>;

function expectWhole({ status, part, differences, complaints }: End, members: string): void {
  expect(status).toMatch(new RegExp(`^2 ${members} end with the numbers of one large batch, on \\S+`));
  expect(Object.keys(differences)).toEqual(['losses', 'parameters', 'running statistics']);
  for (const [name, difference] of Object.entries(differences)) expect(difference, name).toBeLessThanOrEqual(1e-6);
  const [, before, after] = /the loss went from (\S+) to (\S+)\. /.exec(part!)!;
  expect(Number(before) / Number(after)).toBeGreaterThan(1.5);
  expect(complaints).toEqual([]);
}

describe('two pages that train one network', () => {
  it.each(BETWEEN_PAGES)('over %s end with the same bits, and the numbers of one large batch', async (over) => {
    const opened = await openTwo(`over=${over}`);
    const ends = await Promise.all(opened.map(endOf));
    for (const end of ends) expectWhole(end, 'pages');
    expect(new Set(ends.map(({ rank }) => rank))).toEqual(new Set(['0', '1']));
    expect(ends[0]!.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(ends[1]!.digest).toBe(ends[0]!.digest);
    for (const { rank, part } of ends) expect(part).toContain(`had ${rank === '0' ? 16 : 48} of the 64 samples`);
    for (const { page } of opened) await page.close();
  });

  it('may be two workers of one page, on a phone', async () => {
    const opened = await pages.open('sync/?over=workers');
    await toPhone(opened.page);
    const before = await shiftOf(opened.page);
    expectWhole(await endOf(opened), 'workers');
    expect((await shiftOf(opened.page)) - before, 'nothing moves').toBeLessThan(0.001);
    await expectFitsPhone(opened.page);
    await opened.page.close();
  });

  it.each([
    ['over=workers&size=0', 'size is 0; it must be a whole number from 1 on'],
    ['size=two', 'size is two; it must be a whole number from 1 on'],
    ['over=toString', 'over is toString; it must be one of broadcast, ws, trystero, workers'],
  ])('refuse ?%s in words', async (query, words) => {
    const { page } = await pages.open(`sync/?${query}`);
    await page.waitForSelector('html[data-state="error"]', { state: 'attached' });
    expect(await page.textContent('#status')).toBe(words);
    await page.close();
  });

  it('say so where there is no GPU', async () => {
    const { page } = await pages.open('sync/?over=none');
    await takeWebGpuAway(page);
    await page.goto(page.url().replace('none', 'broadcast&size=1'));
    await page.waitForSelector('html[data-state="error"]', { state: 'attached', timeout: 120_000 });
    expect(await page.textContent('#status')).toContain('there is no WebGPU here');
    await page.close();
  });
});

describe.concurrent('a page that is closed', () => {
  /** Joins a group of two, without a network to train. */
  const join = async (page: Page, over: string, onLeave: string): Promise<unknown> =>
    page.evaluate(`(async () => {
      const { CHANNELS } = await import('/examples/sync/channels.ts');
      const { joinGroup } = await import('/src/sync/index.ts');
      const options = { size: 2, onLeave: '${onLeave}', timeout: 60_000 };
      globalThis.group = await joinGroup(await CHANNELS['${over}']('${relay.url}'), options);
    })()`);
  const reduce = async (page: Page): Promise<unknown> =>
    page.evaluate(`group.allReduce(Float32Array.of(1)).then(([total]) => total, ({ code }) => code)`);

  it.each([
    ['broadcast', 'continue', 1],
    ['ws', 'error', 'peer'],
    ['trystero', 'continue', 1],
  ])('over %s, onLeave %s: the other gets %s', async (over, onLeave, end) => {
    const { page: one } = await openBlank(pages);
    const { page: other } = await openBlank(pages, one);
    await Promise.all([one, other].map(async (page) => join(page, over, onLeave)));
    expect(await Promise.all([one, other].map(reduce))).toEqual([2, 2]);
    await one.close();
    expect(await reduce(other)).toBe(end);
    await other.close();
  });
});

it.each([
  [['--prot', '80'], "Unknown option '--prot'"],
  [['--port', 'x'], 'options.port should be >= 0 and < 65536. Received type number (NaN).'],
])('the relay says what is wrong with %j, and how it is called', (given, reason) => {
  const file = fileURLToPath(new URL('../../examples/sync/relay.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [file, ...given], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toBe(`${reason}\n\nnode examples/sync/relay.mjs [--port 8080] [--host 127.0.0.1]\n`);
});
