import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled, mustRun } from './process.ts';
import { Refusal } from './refusal.ts';

/** Mesa's AMD driver from the packages of Debian in a folder of its own, and the shim before it; nothing is installed. */

const here = dirname(fileURLToPath(import.meta.url));
const SHIM = join(here, 'shim.c');
const LIBRARIES = join('root', 'usr', 'lib', 'x86_64-linux-gnu');

export const FOLDER = join(here, '..', '..', 'node_modules', '.cache', 'webgpu-norm-isa');

/** Where it has to run. */
export interface Machine {
  platform: string;
  architecture: string;
  /** Whether a command is there. */
  has(command: string): boolean;
}

const THIS_MACHINE: Machine = { platform: process.platform, architecture: process.arch, has: isInstalled };

/** What a process needs in its environment to see the driver. */
export interface Driver {
  environment: NodeJS.ProcessEnv;
}

/**
 * The driver, set up if need be: some 40 MB are fetched once.
 *
 * @throws Refusal (rejects) where this machine cannot, Error where it could and failed.
 */
export async function openDriver(
  folder: string = FOLDER,
  machine: Machine = THIS_MACHINE,
  say: (text: string) => void = () => {},
): Promise<Driver> {
  checkMachine(machine);
  const driver = join(folder, LIBRARIES, 'libvulkan_radeon.so');
  if (!existsSync(driver)) {
    checkCommands(machine, ['apt-get', 'dpkg', 'gcc']);
    say("Fetching AMD's driver …");
    await fetchInto(folder);
  }
  if (isOlder(join(folder, 'shim.so'), SHIM)) {
    checkCommands(machine, ['gcc']);
    await buildShim(folder);
  }
  const manifest = join(folder, 'shim.json');
  return {
    environment: {
      LD_LIBRARY_PATH: join(folder, LIBRARIES),
      VK_ICD_FILENAMES: manifest,
      VK_DRIVER_FILES: manifest,
      SHIM_DRIVER: driver,
      MESA_SHADER_CACHE_DISABLE: '1',
    },
  };
}

function checkMachine({ platform, architecture }: Machine): void {
  if (platform === 'linux' && architecture === 'x64') return;
  throw new Refusal(`AMD's driver is fetched for Linux on x86-64; this is ${platform} on ${architecture}`);
}

function checkCommands({ has }: Machine, commands: readonly string[]): void {
  const missing = commands.filter((command) => !has(command));
  if (missing.length === 0) return;
  throw new Refusal(
    `${new Intl.ListFormat('en').format(missing)} ${missing.length > 1 ? 'are' : 'is'} not installed: AMD's driver is a package of Debian, which apt-get fetches ` +
      'and dpkg unpacks, and gcc builds what stands before it',
  );
}

function isOlder(file: string, than: string): boolean {
  return !existsSync(file) || statSync(file).mtimeMs < statSync(than).mtimeMs;
}

const PACKAGES = ['mesa-vulkan-drivers', 'libvulkan1', 'libvulkan-dev'];

/** All at once or nothing: it is made beside the folder, and moved there. */
async function fetchInto(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'fetching-'));
  try {
    const apt = await aptIn(work);
    await mustRun('apt-get', [...apt, 'update']);
    // What they need and the machine lacks; then they themselves, which it may have, but elsewhere.
    await mustRun('apt-get', [...apt, 'install', '--yes', '--no-install-recommends', '--download-only', ...PACKAGES]);
    const archives = join(work, 'cache', 'archives');
    const missing = PACKAGES.filter((name) => !readdirSync(archives).some((file) => file.startsWith(`${name}_`)));
    if (missing.length > 0) await mustRun('apt-get', [...apt, 'download', ...missing], { cwd: archives });
    const root = join(work, 'root');
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      await mustRun('dpkg', ['--extract', join(archives, file), root]);
    }
    if (!existsSync(join(folder, 'root'))) renameSync(root, join(folder, 'root'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Parameters that give apt-get lists and archives of its own, with the backports, where Mesa is new. */
async function aptIn(work: string): Promise<string[]> {
  for (const path of ['lists/partial', 'cache/archives/partial', 'sources']) {
    mkdirSync(join(work, path), { recursive: true });
  }
  const targets = await mustRun('apt-get', ['indextargets', '--format', '$(REPO_URI)']);
  const uri = targets.split('\n').find((line) => line !== '' && !line.includes('security'));
  const release = Object.fromEntries(
    readFileSync('/etc/os-release', 'utf8')
      .replaceAll('"', '')
      .split('\n')
      .map((line) => line.split('=')),
  );
  const { ID: system, VERSION_CODENAME: suite } = release as Record<string, string>;
  if (uri === undefined || !system || !suite) {
    throw new Refusal('apt-get has no source of packages, or /etc/os-release no name of a release');
  }
  const source = {
    Types: 'deb',
    URIs: uri,
    Suites: [suite, `${suite}-updates`, `${suite}-backports`].join(' '),
    Components: 'main',
    'Signed-By': `/usr/share/keyrings/${system}-archive-keyring.gpg`,
  };
  const text = Object.entries(source).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(work, 'sources', 'all.sources'), text.join(''));
  const settings = {
    'APT::Default-Release': `${suite}-backports`,
    'APT::Update::Error-Mode': 'any',
    'Debug::NoLocking': '1',
    'Dir::Cache': join(work, 'cache'),
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(work, 'sources'),
    'Dir::State::lists': join(work, 'lists'),
  };
  return ['-qq', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

async function buildShim(folder: string): Promise<void> {
  const built = join(folder, `shim-${process.pid}.so`);
  const headers = join(folder, 'root', 'usr', 'include');
  await mustRun('gcc', ['-O1', '-shared', '-fPIC', '-I', headers, '-o', built, SHIM, '-ldl']);
  renameSync(built, join(folder, 'shim.so'));
  const manifest = { file_format_version: '1.0.0', ICD: { api_version: '1.3.0', library_path: './shim.so' } };
  writeFileSync(join(folder, 'shim.json'), JSON.stringify(manifest));
}
