import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installBrowser, installPackages, root } from '../test/setup/install.mjs';
import { servePage, singleFile } from './serve.mjs';
import { commitOf } from './terminal/commit.mjs';

/** `npm run bench`: builds the page of `examples/speed`, has it measure in a browser, and prints and writes what it found. */

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
const asked = terminal.askedOf(options);
const earlier = options.resume === undefined ? null : attempt(() => terminal.readEarlier(options.resume, asked));
const libraries = [...terminal.OWN, ...terminal.PEERS].map(({ name }) => name);
const chosen = attempt(() =>
  options.shapes
    ? terminal.chooseSittings(options.only, libraries, options.quick)
    : options.gpu
      ? terminal.chooseForGpu(options.only)
      : terminal.choose(options.only, libraries, options),
);

const parts = options.shapes ? [] : attempt(() => terminal.partsAsked(chosen.cases, options.passes));

if (options.json !== undefined) attempt(() => terminal.checkWritable(options.json));

const executablePath = await installBrowser();
const { chromium } = await import('playwright');
const { browserArguments } = await import('../test/setup/browser.mjs');
const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
/** Clocks as fine as they get, and no rest for a window that is covered. */
const EXACT = [
  '--disable-dawn-features=timestamp_quantization',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

const stop = new AbortController();
const pages = new terminal.Pages(async () =>
  chromium.launch({
    executablePath,
    args: [...browserArguments, ...EXACT],
    headless: !options.headed,
    handleSIGINT: false,
  }),
);
// What was measured until then is written and printed as at the end.
process.once('SIGINT', () => {
  stop.abort();
  void pages.close();
});

/** Work in a page of its own, where the benchmark is. */
async function inPage(url, work) {
  return pages.inPage(async (page) => {
    stop.signal.throwIfAborted();
    await page.goto(url);
    return work(page);
  });
}

/** What is written with results. */
async function runOf() {
  return {
    commit: terminal.commitsOf(earlier, commitOf()),
    date: new Date().toISOString(),
    runtime: `Chromium ${(await pages.browser()).version()}`,
    command: ['npm run bench --', ...given].join(' '),
  };
}

/** Each case in a page that has measured nothing else. */
async function runCases(url) {
  const pace = terminal.paceOf(options);
  const device = await inPage(url, async (page) => page.evaluate((name) => globalThis.findDevice(name), pace));
  const run = { ...(await runOf()), asked };
  if (earlier) attempt(() => terminal.checkSame(options.resume, earlier, { ...device, ...run }));
  const gathered = new terminal.Gathered(parts, earlier ?? undefined);
  const resultsOf = () => ({ ...gathered.measured(device), ...run });
  const measurePart = async ({ of, passes }, follow) => {
    const request = { cases: [of.name], libraries: chosen.libraries, passes, pace };
    await inPage(url, async (page) => {
      await page.exposeFunction('reportProgress', follow);
      await page.evaluate((wanted) => globalThis.runBenchmark(wanted), request);
    });
  };
  const listener = {
    found: (rows) => {
      if (rows.length > 0) console.log(terminal.progressOf({ share: gathered.share, rows }));
      writeJson(resultsOf());
    },
    lost: (sentence) => console.error(sentence),
  };
  await terminal.measureEach(gathered, measurePart, listener, stop.signal);
  const results = resultsOf();
  return { results, text: results.results.length > 0 ? terminal.closingOf(results) : '' };
}

/** Ever new shapes, each sitting in a page that has seen none of them. */
async function runShapes(url) {
  const seed = terminal.seedOf(options);
  const results = { adapter: '', software: false, seed, ...(await runOf()), results: [], shapes: [] };
  try {
    for (const [index, sitting] of chosen.cases.entries()) {
      const request = { sitting, libraries: chosen.libraries, seed };
      const { shapes, ...device } = await inPage(url, async (page) =>
        page.evaluate((wanted) => globalThis.runShapes(wanted), request),
      );
      Object.assign(results, device);
      results.shapes.push(...shapes);
      console.log(terminal.shapesProgress({ shapes }, (index + 1) / chosen.cases.length));
      writeJson(results);
    }
  } catch (problem) {
    return { results, text: results.shapes.length > 0 ? terminal.shapesClosing(results) : '', problem };
  }
  return { results, text: terminal.shapesClosing(results) };
}

/** Of either benchmark. */
function rowsOf({ results, shapes = [] }) {
  return [...results, ...shapes];
}

function writeJson(results) {
  if (options.json && rowsOf(results).length > 0) writeFileSync(options.json, terminal.jsonOf(results));
}

/** All that comes at the end. */
async function close({ results, text, problem }) {
  if (text) console.log(`\n${text}`);
  if (problem && !stop.signal.aborted) console.error(`\nThe benchmark failed. ${problem.message}`);
  if (options.json && rowsOf(results).length > 0) {
    writeJson(results);
    const written = [options.json];
    if (options.report) {
      written.push(options.json.replace(/(\.json)?$/, '.html'));
      writeFileSync(written[1], await singleFile(terminal.jsonOf(results)));
    }
    console.log(`\nWritten: ${written.join(', ')}`);
  }
  return problem || rowsOf(results).some(({ error }) => error !== undefined) ? 1 : 0;
}

let status = 0;
let server;
try {
  console.log('Building the page …');
  server = await servePage(folder);
  status = await close(await (options.shapes ? runShapes(server.url) : runCases(server.url)));
} catch (cause) {
  status = 1;
  if (!stop.signal.aborted) console.error(`\nThe benchmark failed. ${cause.message}`);
} finally {
  await pages.close();
  await server?.close();
}
if (stop.signal.aborted) console.error('\nInterrupted.');
process.exit(stop.signal.aborted ? 130 : status);
