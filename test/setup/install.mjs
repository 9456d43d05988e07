import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What a fresh clone lacks: the packages, and a browser. Uses nothing but Node. */

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ends the process with one sentence that says what is missing. */
export function giveUp(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}

/** The options of a command line; where they are wrong, the process ends with one sentence. */
export function optionsOf(options) {
  try {
    return parseArgs({ options }).values;
  } catch (problem) {
    return giveUp(problem.message);
  }
}

/** Runs a command in the repository; true if it succeeded. */
export function run(command, parameters, options = {}) {
  const shell = process.platform === 'win32';
  return spawnSync(command, parameters, { cwd: root, stdio: 'inherit', shell, ...options }).status === 0;
}

/**
 * Starts a command in the repository.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @returns {Promise<{ succeeded: boolean; printed: string }>}
 */
export function start(command, parameters) {
  const shell = process.platform === 'win32';
  const child = spawn(command, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ succeeded: false, printed: message }));
    child.once('close', (status) => resolve({ succeeded: status === 0, printed }));
  });
}

/** Vite needs a Node that can require ES modules. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) giveUp(`Node 20.19 or newer is needed; this is ${process.version}.`);
}

/** Installs the packages, unless those of the lock file are there. */
export function installPackages() {
  checkNode();
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing packages …');
  if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) {
    giveUp('npm ci failed: the packages of package-lock.json could not be installed (see above).');
  }
}

/** The browser to test in, installed if need be: an installed one, Playwright's own, or apt's. */
export async function installBrowser() {
  const { findBrowser } = await import('./browser.mjs');
  const chosen = process.env['CHROME_PATH'];
  const found = await findBrowser();
  if (found) return found;
  if (chosen) giveUp(`CHROME_PATH is ${chosen}, but there is no such file.`);
  console.log('No Chrome or Chromium is installed; fetching one …');
  // Where its downloads cannot be reached, apt may still serve; what it complains of then is no news.
  run('npx', ['playwright', 'install', 'chromium'], { timeout: 240_000, stdio: 'ignore' });
  if (!(await findBrowser()) && process.platform === 'linux') aptInstall('chromium');
  return (
    (await findBrowser()) ??
    giveUp('No browser: install Chrome or Chromium, or name one in CHROME_PATH, and run this again.')
  );
}

/** Mesa's software driver for Node, where it can be had: whose compiler, subgroups and halves are others than the browser's. Returns where it is, or why there is none. */
export async function installLavapipe() {
  const module = await imported('bench', 'isa', 'mesa.ts');
  return module.fetchMesa(undefined, undefined, console.log).then(
    () => module.mesaIn().lavapipe,
    (cause) => `none, and no tests on it: ${cause.message}`,
  );
}

/** LLVM's compiler of C++, by which kernels are compiled with fast math, where it can be had. Returns its name, or why there is none. */
export async function installClang() {
  const { findClang } = await imported('test', 'fast-math', 'clang.ts');
  if (!findClang() && process.platform === 'linux') aptInstall('--no-install-recommends', 'clang');
  return findClang() ?? 'none, and no tests by it: clang++ is not installed';
}

/** Node for Windows in Wine, where it can be had. Returns which, or why there is none. */
export async function installWindows() {
  const isThere = (command) => spawnSync(command, ['-version']).error === undefined;
  if (!['wine', 'Xvfb'].every(isThere) && !(process.platform === 'linux' && aptInstall('wine', 'wine64', 'xvfb'))) {
    return 'none: wine and Xvfb are not installed';
  }
  const { fetchWindows } = await imported('test', 'setup', 'wine.ts');
  return fetchWindows().catch(({ message }) => `none: ${message}`);
}

/** A module in TypeScript. */
async function imported(...path) {
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(join(root, ...path), { configFile: false, logLevel: 'error' });
  return module;
}

function aptInstall(...names) {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...parameters) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...parameters];
    return run(command, rest, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  return apt('update') && apt('install', '-y', ...names);
}
