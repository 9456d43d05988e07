import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { findBrowser } from '../setup/browser.mjs';

/** Makes a browser crash that the benchmark started: from outside, by its port for debugging. */

/** A browser in the folder, which may be given as CHROME_PATH, and the port that it listens at. */
export async function openBrowserIn(folder: string): Promise<{ path: string; port: number }> {
  const port = await freePort();
  const path = join(folder, 'browser.sh');
  writeFileSync(path, `#!/bin/sh\nexec '${await findBrowser()}' --remote-debugging-port=${port} "$@"\n`);
  chmodSync(path, 0o755);
  return { path, port };
}

export interface Crash {
  /** What the page says when it happens: a part of that. */
  at: string;
  what: 'page' | 'gpu';
  times: number;
}

/** Until the signal comes; counts each of the crashes down. */
export async function crashWhile(port: number, crashes: readonly Crash[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`).catch(() => null);
    if (browser) {
      await crashOne(browser, crashes).catch(() => {}); // It is gone, which was to be.
      await browser.close().catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function crashOne(browser: Browser, crashes: readonly Crash[]): Promise<void> {
  for (const page of browser.contexts().flatMap((context) => context.pages())) {
    const said = (await page.locator('#status').textContent({ timeout: 500 })) ?? '';
    const crash = crashes.find(({ at, times }) => said.includes(at) && times > 0);
    if (!crash) continue;
    crash.times--;
    if (crash.what === 'gpu') await (await browser.newBrowserCDPSession()).send('Browser.crashGpuProcess');
    else await (await page.context().newCDPSession(page)).send('Page.crash');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
