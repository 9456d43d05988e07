import { chromium } from 'playwright';

/**
 * Crashes pages, or the GPU's process, of the browsers that this process launches, once the page that measures tells of a
 * certain case. To be imported before anything else; `CRASHES` says what, as JSON: `[{ at, what: 'page' | 'gpu', times }]`.
 */

const crashes = JSON.parse(process.env['CRASHES']);
const launch = chromium.launch.bind(chromium);

chromium.launch = async (options) => {
  const browser = await launch(options);
  const newPage = browser.newPage.bind(browser);
  browser.newPage = async () => {
    const page = await newPage();
    let crashing = false;
    const expose = page.exposeFunction.bind(page);
    page.exposeFunction = async (name, work) =>
      expose(name, async (progress) => {
        await work(progress);
        const crash = crashes.find(({ at, times }) => progress.doing.includes(at) && times > 0);
        if (!crash || crashing) return;
        crashing = true;
        crash.times--;
        await crashOne(browser, page, crash.what);
        // The page waits until it was heard: it does not end before it crashes.
        await new Promise(() => {});
      });
    return page;
  };
  return browser;
};

async function crashOne(browser, page, what) {
  if (what === 'gpu') await (await browser.newBrowserCDPSession()).send('Browser.crashGpuProcess');
  else void (await page.context().newCDPSession(page)).send('Page.crash').catch(() => {});
}
