import type { Browser, Page } from 'playwright';

/** Pages of a browser, each of them fresh; after one that was lost the browser is another, too: its GPU may be gone with it. */
export class Pages {
  readonly #launch: () => Promise<Browser>;
  #browser: Browser | null = null;

  constructor(launch: () => Promise<Browser>) {
    this.#launch = launch;
  }

  /**
   * Work in a page of its own, which is closed afterwards.
   *
   * @throws Error (rejects) with one line: what was lost, or what the work threw.
   */
  async inPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
    try {
      const browser = await this.browser();
      const page = await browser.newPage();
      const crash = new Promise<never>((_, reject) => page.once('crash', () => reject(new Error('the page crashed'))));
      const result = await Promise.race([work(page), crash]);
      await page.close();
      return result;
    } catch (cause) {
      const ended = this.#browser && !this.#browser.isConnected();
      await this.close();
      throw ended ? new Error('the browser ended', { cause }) : shortened(cause as Error);
    }
  }

  async browser(): Promise<Browser> {
    if (!this.#browser?.isConnected()) this.#browser = await this.#launch();
    return this.#browser;
  }

  async close(): Promise<void> {
    const browser = this.#browser;
    this.#browser = null;
    await browser?.close();
  }
}

/** Without the words that say only where it was thrown. */
function shortened(cause: Error): Error {
  const [reason] = cause.message.split('\n');
  return new Error(reason!.replace(/^page\.\w+: (Error: )?/, ''), { cause });
}
