import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installBrowser, installPackages, root } from '../test/setup/install.mjs';
import { servePage, singleFile } from './serve.mjs';
import { commitOf } from './terminal/commit.mjs';

/** `npm run bench`: builds the page in `report`, has it measure in a browser, and prints and writes what it found. */

installPackages();
const { runnerImport } = await import('vite');
const { module: terminal } = await runnerImport(join(root, 'bench', 'terminal', 'terminal.ts'), { configFile: false });
const given = process.argv.slice(2);

function attempt(work) {
  try {
    return work();
  } catch (problem) {
    console.error(problem.message);
    return process.exit(2);
  }
}

const options = attempt(() => terminal.readOptions(given, true));
if (options.help) {
  console.log(terminal.BROWSER_HELP);
  process.exit(0);
}
const libraries = [...terminal.OWN, ...terminal.PEERS].map(({ name }) => name);
const chosen = attempt(() =>
  options.shapes
    ? terminal.chooseSittings(options.only, libraries, options.quick)
    : options.gpu
      ? terminal.chooseForGpu(options.only)
      : terminal.choose(options.only, libraries, options),
);

const executablePath = await installBrowser();
const { chromium } = await import('playwright');
const { browserArguments } = await import('../test/setup/browser.mjs');
const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-bench-'));
/** Clocks as fine as they get, and no rest for a window that is covered. */
const EXACT = [
  '--disable-dawn-features=timestamp_quantization',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** What the page measures; also what it had measured when it crashed. */
async function runPage(page) {
  const rows = [];
  await page.exposeFunction('reportProgress', (progress) => {
    if (progress.rows.length === 0) return;
    rows.push(...progress.rows);
    console.log(terminal.progressOf(progress));
  });
  const request = {
    cases: chosen.cases.map(({ name }) => name),
    libraries: chosen.libraries,
    passes: options.passes,
    pace: terminal.paceOf(options),
  };
  try {
    const measured = await evaluate(page, (asked) => globalThis.runBenchmark(asked), request);
    return { measured, found: measured };
  } catch (problem) {
    return { problem, found: { adapter: '', software: false, noise: null, results: rows } };
  }
}

/** The same of ever new shapes, each sitting in a page that has seen none of them. */
async function runShapes(page) {
  const seed = terminal.seedOf(options);
  const found = { adapter: '', software: false, seed, results: [], shapes: [] };
  try {
    for (const [index, sitting] of chosen.cases.entries()) {
      if (index > 0) await page.reload();
      const request = { sitting, libraries: chosen.libraries, seed };
      const { shapes, ...device } = await evaluate(page, (asked) => globalThis.runShapes(asked), request);
      Object.assign(found, device);
      found.shapes.push(...shapes);
      console.log(terminal.shapesProgress({ shapes }, (index + 1) / chosen.cases.length));
    }
    return { measured: found, found };
  } catch (problem) {
    return { problem, found };
  }
}

/** Ends with a page that crashes, too. */
async function evaluate(page, work, request) {
  const crashed = new Promise((_, reject) => page.once('crash', () => reject(new Error('the page crashed'))));
  return Promise.race([page.evaluate(work, request), crashed]);
}

/** Of either benchmark. */
function rowsOf({ results, shapes = [] }) {
  return [...results, ...shapes];
}

async function write(results) {
  if (!options.json || rowsOf(results).length === 0) return;
  const text = terminal.jsonOf(results);
  writeFileSync(options.json, text);
  const written = [options.json];
  if (options.report) {
    written.push(options.json.replace(/(\.json)?$/, '.html'));
    writeFileSync(written[1], await singleFile(text));
  }
  console.log(`\nWritten: ${written.join(', ')}`);
}

let status = 0;
let server;
let browser;
try {
  console.log('Building the page …');
  server = await servePage(folder);
  browser = await chromium.launch({
    executablePath,
    args: [...browserArguments, ...EXACT],
    headless: !options.headed,
  });
  const page = await browser.newPage();
  await page.goto(server.url);
  const { measured, problem, found } = await (options.shapes ? runShapes(page) : runPage(page));
  if (problem) {
    status = 1;
    const [reason] = problem.message.split('\n');
    console.error(`\nThe benchmark failed. ${reason.replace(/^page\.evaluate: (Error: )?/, '')}`);
  }
  const results = {
    ...found,
    commit: commitOf(),
    date: new Date().toISOString(),
    runtime: `Chromium ${browser.version()}`,
    command: ['npm run bench --', ...given].join(' '),
  };
  if (measured) console.log(`\n${options.shapes ? terminal.shapesClosing(results) : terminal.closingOf(results)}`);
  if (rowsOf(results).some(({ error }) => error !== undefined)) status = 1;
  await write(results);
} catch (cause) {
  status = 1;
  console.error(`\nThe benchmark failed. ${cause.message}`);
} finally {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
