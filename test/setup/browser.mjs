import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where Chrome and Chromium usually are, and what drives them without a display. */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'chrome.exe'];
const PLACES = [
  '/usr/lib/chromium/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((variable) =>
    process.env[variable] ? [join(process.env[variable], 'Google', 'Chrome', 'Application', 'chrome.exe')] : [],
  ),
];

/** WebGPU on any adapter, and no requests that nobody asked for. */
export const browserArguments = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/**
 * The browser to test in: `CHROME_PATH`, else an installed one, else Playwright's own.
 *
 * @returns {Promise<string | null>}
 */
export async function findBrowser() {
  const given = process.env['CHROME_PATH'];
  if (given) return existsSync(given) ? given : null;
  const folders = (process.env['PATH'] ?? '').split(process.platform === 'win32' ? ';' : ':');
  const named = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...PLACES, ...named].find((path) => existsSync(path)) ?? (await playwrightBrowser());
}

async function playwrightBrowser() {
  try {
    const { chromium } = await import('playwright');
    const path = chromium.executablePath();
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/**
 * What keeps glibc from giving memory back to the system after each program that a software driver compiles, to fetch it again for the next: a tenth of
 * what a test costs. Read when a process starts.
 */
export const roomyHeap = {
  MALLOC_TOP_PAD_: String(64 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 30),
  MALLOC_MMAP_THRESHOLD_: String(32 * 2 ** 20),
};

/**
 * What Dawn in Node needs to find a driver: the browser brings a software one and a Vulkan loader.
 * A driver that the caller chose stays.
 *
 * @param {string} browser
 * @returns {Record<string, string>}
 */
export function dawnEnvironment(browser) {
  if (process.platform !== 'linux') return {};
  const folder = dirname(realpathSync(browser));
  const home = existsSync(join(folder, 'vk_swiftshader_icd.json')) ? folder : '/usr/lib/chromium';
  const driver = join(home, 'vk_swiftshader_icd.json');
  const chosen = process.env['VK_ICD_FILENAMES'] ?? process.env['VK_DRIVER_FILES'];
  return {
    LD_LIBRARY_PATH: [process.env['LD_LIBRARY_PATH'], home].filter(Boolean).join(':'),
    XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? '/tmp',
    ...(chosen || !existsSync(driver) ? {} : { VK_ICD_FILENAMES: driver }),
  };
}
