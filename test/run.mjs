import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROUNDS } from './setup/rounds.mjs';
import {
  giveUp,
  installBrowser,
  installClang,
  installLavapipe,
  installPackages,
  run,
  start,
} from './setup/install.mjs';

/** `npm test`: sets up what is missing, runs everything, and says in one closing line what passed. */

installPackages();
const npx = (...parameters) => ['npx', ['--no-install', ...parameters]];

const checks = {
  types: npx('tsc', '-p', 'tsconfig.json'),
  lint: npx('oxlint', '--type-aware', '--deny-warnings'),
  format: npx('oxfmt', '--check', '.'),
  build: ['npm', ['run', '--silent', 'build']],
};

// Checks need the packages alone: they run while a browser is fetched.
const checking = Object.entries(checks).map(async ([name, command]) => ({ name, ...(await start(...command)) }));
console.log(`Browser: ${await installBrowser()}`);
console.log(`Lavapipe: ${await installLavapipe()}`);
console.log(`Clang: ${await installClang()}`);

const failed = [];
for (const { name, succeeded, printed } of await Promise.all(checking)) {
  console.log(`\n> ${name}\n${printed}`);
  if (!succeeded) failed.push(name);
}

const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-'));
const file = join(folder, 'tally.json');
process.env['TALLY'] = file;
process.env['SEED'] ??= String(Math.floor(Math.random() * 2 ** 31));
const seed = process.env['SEED'];
if (!/^\d+$/.test(seed)) giveUp(`SEED=${seed}: it must be a whole number, 0 or larger.`);
// What somebody asks for by name is run whole.
if (process.argv.length === 2) process.env['ROUND'] = String(Number(seed) % ROUNDS);
console.log(`\n> tests (SEED=${seed} repeats them)`);
const finished = run(
  ...npx('vitest', 'run', '--reporter=default', '--reporter=test/setup/tally.mjs', ...process.argv.slice(2)),
);
let projects, failing, skips, sizes;
try {
  ({ projects, failures: failing, skips, sizes } = JSON.parse(readFileSync(file, 'utf8')));
} catch {
  giveUp('The tests did not run to their end (see above).');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const sum = (name) => Object.values(projects).reduce((total, count) => total + count[name], 0);
const passed = sum('passed') + Object.keys(checks).length - failed.length;
const failures = sum('failed') + failed.length;
const skipped = sum('skipped');

const outcome = failed.length ? `Checks failed: ${failed.join(', ')}.` : `Checks: ${Object.keys(checks).join(', ')}.`;
const counts = Object.entries(projects).map(([name, count]) => `${name} ${count.passed}`);
// Where a check failed, the build that was measured may be an older one.
const gzipped = sizes && failed.length === 0 ? ` Gzipped: ${sizes}.` : '';
const ONNX = 53;
const published = Object.entries({
  unit: 'float64 reference',
  dawn: 'Dawn',
  chromium: 'Chromium',
  lavapipe: 'lavapipe',
})
  .filter(([name]) => projects[name]?.published)
  .map(([name, runtime]) => `${projects[name].published} of ${ONNX} in ${runtime}`);
// Each on a line at the end, where a log that was cut off still has them.
if (skips.length > 0) console.log(`\nSkipped:\n${skips.join('\n')}`);
if (failing.length > 0) console.log(`\nFailed:\n${failing.join('\n')}`);
console.log(
  `\n${outcome} Tests passed, seed ${seed}: ${counts.join(', ')}. Published cases of ONNX: ${published.join(', ') || 'none'}.${gzipped}`,
);
console.log(`${passed} passed, ${failures} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exit(finished && failures === 0 ? 0 : 1);
