import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBlank, servePages } from './serve.ts';
import type { Library, Pages } from './serve.ts';

/** The browser's GPU process, with every device in it, crashes under an app: all that it waits for says so, and a new context goes on. */

let pages: Pages;

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => pages.close());

/** What an app of the page waits for, before the crash and after, and what it has once it goes on. */
async function outlived() {
  const { norm, crash } = globalThis as unknown as Library & { crash: () => Promise<void> };
  const { createContext, layerNorm, groupNorm, layerNormForward, layerNormBackward } = norm;
  const data = Float32Array.from({ length: 4096 }, (_, index) => Math.sin(index));
  const context = await createContext();
  const x = context.tensor(data, [16, 256]);
  const before = await layerNorm(x).read();
  const { saved } = layerNormForward(x);

  const ended = async (what: Promise<unknown>): Promise<string> =>
    what.then(
      () => 'as if nothing had happened',
      (error: Error & { code?: string }) => `${error.name} ${error.code}`,
    );
  // Work that takes the device seconds, so that all that is waited for comes after the crash.
  const busy = context.empty([4096, 4096]);
  for (let call = 0; call < 16; call++) layerNorm(busy, { out: busy });
  const waits: Record<string, Promise<unknown>> = {
    read: layerNorm(x).read(),
    'read of a gradient': layerNormBackward(x, saved).dx.read(),
    prepare: context.prepare(() => groupNorm(x, { numGroups: 4, activation: 'gelu' })),
    ready: context.ready(() => groupNorm(x, { numGroups: 8, activation: 'silu' })),
    'createContext on its device': createContext({ device: context.device }),
  };
  const meanwhile = Object.entries(waits).map(async ([name, what]) => [name, await ended(what)]);
  await crash();
  const told = Object.fromEntries(await Promise.all(meanwhile)) as Record<string, string>;
  await context.device.lost;
  let atOnce = 'as if nothing had happened';
  try {
    layerNorm(x);
  } catch (error) {
    atOnce = `${(error as Error).name} ${(error as { code?: string }).code}`;
  }

  const next = await createContext();
  const after = await layerNorm(next.tensor(data, [16, 256])).read();
  return { told, atOnce, isSame: after.every((value, index) => value === before[index]) };
}

it('is told by all that waits, and a new context gives the same bits', async () => {
  const { page } = await openBlank(pages);
  const browser = await page.context().browser()!.newBrowserCDPSession();
  await page.exposeFunction('crash', async () => browser.send('Browser.crashGpuProcess').catch(() => undefined));
  const { told, atOnce, isSame } = await page.evaluate(outlived);
  for (const [what, how] of Object.entries(told)) expect(how, what).toBe('NormError lost');
  expect(atOnce).toBe('NormError lost');
  expect(isSame).toBe(true);
});
