import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveUp, installBrowser, installPackages, run } from './setup/install.mjs';

/** `npm test`: sets up what is missing, runs everything, and says in one closing line what passed. */

installPackages();
console.log(`Browser: ${await installBrowser()}`);

const npx = (...command) => run('npx', ['--no-install', ...command]);

const checks = {
  types: () => npx('tsc', '-p', 'tsconfig.json'),
  lint: () => npx('oxlint', '--type-aware', '--deny-warnings'),
  format: () => npx('oxfmt', '--check', '.'),
  build: () => run('npm', ['run', '--silent', 'build']),
};

const failed = Object.entries(checks).filter(([name, check]) => {
  console.log(`\n> ${name}`);
  return !check();
});

const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-'));
const file = join(folder, 'results.json');
console.log('\n> tests');
const finished = npx(
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${file}`,
  ...process.argv.slice(2),
);
let results;
try {
  results = JSON.parse(readFileSync(file, 'utf8'));
} catch {
  giveUp('The tests did not run to their end (see above).');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const cases = results.testResults
  .flatMap((suite) => suite.assertionResults)
  .filter((test) => test.status === 'passed' && test.ancestorTitles.includes('published cases'));
const broken = results.testResults.filter(
  (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
).length;
const passed = results.numPassedTests + Object.keys(checks).length - failed.length;
const failures = results.numFailedTests + broken + failed.length;
const skipped = results.numPendingTests + results.numTodoTests;

const outcome = failed.length
  ? `Checks failed: ${failed.map(([name]) => name).join(', ')}.`
  : `Checks: ${Object.keys(checks).join(', ')}.`;
console.log(
  `\n${outcome} Tests: ${results.numPassedTests} passed, among them the 53 published cases of ONNX ` +
    `${cases.length / 53} times (float64 reference, Dawn, Chromium).`,
);
console.log(`${passed} passed, ${failures} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exit(finished && failures === 0 ? 0 : 1);
