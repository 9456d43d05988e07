import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installBrowser, installLavapipe, installPackages, installWindows, run } from './setup/install.mjs';
import { MEMBERS, runTests } from './setup/members.mjs';

/** `npm run test:matrix`: every GPU test in every runtime, nothing left out; says what passed in each, and names what it could not do. */

const USAGE = `npm run test:matrix -- [--members ${Object.keys(MEMBERS).join()}] [--shard K/N] [FILE ...]

  --members  which of them, the others left out
  --shard    the K-th of N parts of the files
  FILE       the tests of these files alone`;

function options() {
  try {
    const { values, positionals } = parseArgs({
      options: { members: { type: 'string' }, shard: { type: 'string' }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const members = values.members?.split(',') ?? Object.keys(MEMBERS);
    const unknown = members.find((name) => !Object.hasOwn(MEMBERS, name));
    if (unknown !== undefined)
      throw new Error(`--members has '${unknown}'; they are ${Object.keys(MEMBERS).join(', ')}`);
    const [part, parts] =
      /^(\d+)\/(\d+)$/
        .exec(values.shard ?? '1/1')
        ?.slice(1)
        .map(Number) ?? [];
    if (!(part >= 1 && part <= parts)) throw new Error(`--shard has '${values.shard}'; it is K/N, the K-th of N parts`);
    return { ...values, members, files: positionals };
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { help, members, shard, files } = options();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
installPackages();
await installBrowser();
const lavapipe = await installLavapipe();
const windows = members.includes('windows') ? await builtAndWindows() : '';

const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-'));
const reports = members.map((name) => {
  const { words, needsLavapipe, needsWine = false } = MEMBERS[name];
  console.log(`\n> ${name}: ${words}`);
  const missing = [needsLavapipe ? lavapipe : '', needsWine ? windows : ''].filter((found) => found.startsWith('none'));
  if (missing.length > 0) return { name, lines: missing, ok: false };
  const file = join(folder, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=test/setup/tally.mjs'];
  const ok = runTests(name, [...reporters, ...(shard ? [`--shard=${shard}`] : []), ...files], {
    WHOLE: '1',
    TALLY: file,
  });
  const lines = reportOf(name, file);
  if (!ok && !lines.some((line) => line.startsWith('failed'))) lines.push('failed: outside of a test (see above)');
  return { name, lines, ok };
});
rmSync(folder, { recursive: true, force: true });

/** Where Windows is, in which the built package runs, or why there is none. */
async function builtAndWindows() {
  return run('npm', ['run', '--silent', 'build']) ? installWindows() : 'none: the package could not be built';
}

/** What the tests of a member came to. */
function reportOf(name, file) {
  try {
    const { projects, failures, skips } = JSON.parse(readFileSync(file, 'utf8'));
    const { passed = 0, failed = 0, skipped = 0, published = 0 } = projects[name] ?? {};
    const counts = `${passed} passed (${published} published cases of ONNX), ${failed} failed, ${skipped} skipped`;
    return [counts, ...failures.map((text) => `failed: ${text}`), ...skips.map((text) => `skipped: ${text}`)];
  } catch {
    return ['failed: did not run to its end (see above)'];
  }
}

for (const { name, lines } of reports) console.log(`\n${name}: ${lines.join('\n  ')}`);
process.exit(reports.every(({ ok }) => ok) ? 0 : 1);
