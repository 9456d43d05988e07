import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { giveUp, installBrowser, installPackages, root } from '../../test/setup/install.mjs';

/** `npm run train`: the experiments of this folder in a browser without a window, with their results as a file and a picture. */

const HELP = `npm run train [-- options]

Trains small networks with webgpu-norm's normalization, on the GPU of a headless browser (a software one where
there is no other: then its ten seeds take about forty minutes, a tenth of that each), and writes results.json and
curves.png.

  --quick        about a minute: shorter trainings, one seed; written to a temporary folder
  --seeds=1,2,3  the seeds to train with, whole numbers from 1 on (default: 1 to 10)
  --dtype=f16    stores what goes through the normalizations in it: f32 (the default), f16 or bf16. In f16 and bf16 it
                 trains five seeds, in f32 too, and fails unless both end alike: with every network, mean loss and
                 mean test error at most three standard deviations of f32's seeds apart. To a temporary folder
  --redraw       trains nothing: draws curves.png anew from the results.json that is there
  --out=FOLDER   where the files go (default: examples/train)
  --headed       with a window
  --help         this text`;

const fail = (sentence) => giveUp(`${sentence}\n\n${HELP}`);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        seeds: { type: 'string' },
        dtype: { type: 'string', default: 'f32' },
        out: { type: 'string' },
        redraw: { type: 'boolean', default: false },
        headed: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (problem) {
    return fail(problem.message);
  }
}

function readSeeds(text) {
  const seeds = text.split(',').map((part) => (/^\d{1,6}$/.test(part.trim()) ? Number(part) : 0));
  if (seeds.some((seed) => seed < 1)) fail(`--seeds=${text}: seeds are whole numbers from 1 on, as in --seeds=1,2,3.`);
  if (new Set(seeds).size < seeds.length) fail(`--seeds=${text}: a seed is given twice.`);
  return seeds;
}

function readDtype(text) {
  if (!['f32', 'f16', 'bf16'].includes(text)) fail(`--dtype=${text}: there are f32, f16 and bf16.`);
  return text;
}

const options = readOptions();
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const dtype = readDtype(options.dtype);
const compares = dtype !== 'f32';
const usual = options.quick ? '1' : '1,2,3,4,5,6,7,8,9,10';
const seeds = readSeeds(options.seeds ?? (compares ? '1,2,3,4,5' : usual));
if (compares && seeds.length < 3) {
  fail(`--dtype=${dtype} --seeds=${seeds}: for a spread to compare with, give three seeds or more.`);
}
// A short run shows little, and does not replace what is recorded; nor does one in another dtype.
const temporary = options.quick || compares;
const folder = options.out ?? (temporary ? join(tmpdir(), 'webgpu-norm-train') : join(root, 'examples', 'train'));

installPackages();
const executablePath = await installBrowser();
const { chromium } = await import('playwright');
const { browserArguments } = await import('../../test/setup/browser.mjs');
const { startServer } = await import('../../test/setup/vite-server.mjs');

const server = await startServer();
const browser = await chromium.launch({ executablePath, args: browserArguments, headless: !options.headed });

/** The page's answer, or the sentence it fails with. */
async function runPage(page) {
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('crash', () => complaints.push('the page crashed'));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.exposeFunction('reportProgress', ({ done, dtype: stored, row }) => {
    const which = `${row.experiment}, norm ${row.norm}, batch ${row.batchSize}, ${stored}`;
    const what = `${which}, seed ${row.seed}, step ${row.step}`;
    const numbers = `loss ${row.loss.toFixed(3)}, test error ${(100 * row.testError).toFixed(1)} %`;
    console.log(`${(100 * done).toFixed(1).padStart(5)} %  ${what}: ${numbers}`);
  });
  const extent = options.quick ? 'quick' : 'full';
  const query = `run=${extent}&seeds=${seeds.join()}&dtype=${dtype}`;
  await page.goto(`${server.url}examples/train/?${query}`);
  for (;;) {
    const state = await page.evaluate(() => document.documentElement.dataset.state);
    if (state === 'error') return { problem: [await page.textContent('#status'), ...complaints].join('\n') };
    if (complaints.length > 0) return { problem: complaints.join('\n') };
    if (state === 'done') return { results: await page.evaluate(() => globalThis.results) };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** As the formatter would write it. */
function formatResults({ adapter, difference, seconds, rows, comparison }) {
  const rounded = rows.map(({ loss, testError, ...rest }) => {
    return { ...rest, loss: Number(loss.toPrecision(4)), testError: Number(testError.toFixed(4)) };
  });
  const head = {
    adapter,
    dtype,
    seeds: null,
    seconds: Math.round(seconds),
    differenceFromTfjs: Number(difference.toPrecision(2)),
  };
  const text = JSON.stringify({ ...head, ...(comparison && { comparison }), rows: rounded }, null, 2);
  return `${text.replace('"seeds": null', `"seeds": [${seeds.join(', ')}]`)}\n`;
}

/** A table of the page as lines of text. */
async function tableOf(page, place) {
  const rows = await page.$$eval(`${place} tr`, (found) =>
    found.map(({ cells }) => [...cells].map(({ textContent }) => textContent)),
  );
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] + 2))
      .join('')
      .trimEnd(),
  );
  return lines.join('\n');
}

/** What is recorded, as the page shows it. */
async function redraw(page) {
  await page.goto(`${server.url}examples/train/`);
  await page.locator('#recorded').screenshot({ path: join(root, 'examples', 'train', 'curves.png') });
  console.log(`Written: ${join(root, 'examples', 'train', 'curves.png')}`);
}

async function trainAndWrite(page) {
  const outcome = await runPage(page);
  problem = outcome.problem;
  if (problem) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.json'), formatResults(outcome.results));
  await page.locator('#recorded').screenshot({ path: join(folder, 'curves.png') });
  for (const id of ['sigmoid', 'batch']) console.log(`\n${await page.textContent(`#${id}-verdict`)}`);
  const { seconds, rows, adapter, comparison } = outcome.results;
  if (seeds.length > 1) console.log(`\n${await tableOf(page, '#differences')}`);
  if (comparison) {
    console.log(`\n${await tableOf(page, '#comparison')}\n\n${await page.textContent('#comparison .verdict')}`);
    if (!comparison.holds) problem = 'It ends elsewhere than in f32: see the lines that say OUTSIDE.';
  }
  console.log(`\nSeeds ${seeds.join(', ')}; ${rows.length} samples in ${Math.round(seconds)} s on ${adapter}.`);
  console.log(`Written: ${join(folder, 'results.json')}, ${join(folder, 'curves.png')}`);
}

let problem;
try {
  const page = await browser.newPage({
    viewport: { width: 1200, height: 900 },
    colorScheme: 'light',
    deviceScaleFactor: 1.5,
  });
  await (options.redraw ? redraw(page) : trainAndWrite(page));
} catch (cause) {
  problem = cause.message;
} finally {
  await browser.close();
  await server.close();
}
if (problem) giveUp(`The training failed. ${problem}`);
