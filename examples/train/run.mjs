import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { giveUp, installBrowser, installPackages, root } from '../../test/setup/install.mjs';

/** `npm run train`: the experiments of this folder in a browser without a window, with their results as a file and a picture. */

const HELP = `npm run train [-- options]

Trains small networks with webgpu-norm's normalization, on the GPU of a headless browser (a software one where
there is no other; then it takes about ten minutes), and writes results.json and curves.png.

  --quick        about a minute: shorter trainings, one seed; written to a temporary folder
  --seeds=1,2,3  the seeds to train with (whole numbers from 1 on)
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
        out: { type: 'string' },
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

const options = readOptions();
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const seeds = readSeeds(options.seeds ?? (options.quick ? '1' : '1,2,3'));
// A short run shows little, and does not replace what is recorded.
const folder = options.out ?? (options.quick ? join(tmpdir(), 'webgpu-norm-train') : join(root, 'examples', 'train'));

installPackages();
const executablePath = await installBrowser();
const { createServer } = await import('vite');
const { chromium } = await import('playwright');
const { browserArguments } = await import('../../test/setup/browser.mjs');

const server = await createServer({
  root,
  configFile: `${root}/vite.config.ts`,
  logLevel: 'warn',
  server: { port: 0, hmr: false, watch: null },
});
await server.listen();
const browser = await chromium.launch({ executablePath, args: browserArguments, headless: !options.headed });

/** The page's answer, or the sentence it fails with. */
async function runPage(page) {
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('crash', () => complaints.push('the page crashed'));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.exposeFunction('reportProgress', ({ done, row }) => {
    const what = `${row.experiment}, norm ${row.norm}, batch ${row.batchSize}, seed ${row.seed}, step ${row.step}`;
    const numbers = `loss ${row.loss.toFixed(3)}, test error ${(100 * row.testError).toFixed(1)} %`;
    console.log(`${(100 * done).toFixed(1).padStart(5)} %  ${what}: ${numbers}`);
  });
  const extent = options.quick ? 'quick' : 'full';
  await page.goto(`${server.resolvedUrls.local[0]}examples/train/?run=${extent}&seeds=${seeds.join()}`);
  for (;;) {
    const state = await page.evaluate(() => document.documentElement.dataset.state);
    if (state === 'error') return { problem: [await page.textContent('#status'), ...complaints].join('\n') };
    if (complaints.length > 0) return { problem: complaints.join('\n') };
    if (state === 'done') return { results: await page.evaluate(() => globalThis.results) };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** As the formatter would write it. */
function formatResults({ adapter, difference, seconds, rows }) {
  const rounded = rows.map(({ loss, testError, ...rest }) => {
    return { ...rest, loss: Number(loss.toPrecision(4)), testError: Number(testError.toFixed(4)) };
  });
  const head = {
    adapter,
    seeds: null,
    seconds: Math.round(seconds),
    differenceFromTfjs: Number(difference.toPrecision(2)),
  };
  const text = JSON.stringify({ ...head, rows: rounded }, null, 2);
  return `${text.replace('"seeds": null', `"seeds": [${seeds.join(', ')}]`)}\n`;
}

let problem;
try {
  const page = await browser.newPage({
    viewport: { width: 1200, height: 900 },
    colorScheme: 'light',
    deviceScaleFactor: 1.5,
  });
  const outcome = await runPage(page);
  problem = outcome.problem;
  if (!problem) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'results.json'), formatResults(outcome.results));
    await page.locator('#charts').screenshot({ path: join(folder, 'curves.png') });
    for (const id of ['sigmoid', 'batch']) console.log(`\n${await page.textContent(`#${id}-verdict`)}`);
    const { seconds, rows, adapter } = outcome.results;
    console.log(`\nSeeds ${seeds.join(', ')}; ${rows.length} samples in ${Math.round(seconds)} s on ${adapter}.`);
    console.log(`Written: ${join(folder, 'results.json')}, ${join(folder, 'curves.png')}`);
  }
} catch (cause) {
  problem = cause.message;
} finally {
  await browser.close();
  await server.close();
}
if (problem) giveUp(`The training failed. ${problem}`);
