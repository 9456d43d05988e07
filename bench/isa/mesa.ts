import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled, mustRun } from './process.ts';
import { Refusal } from './refusal.ts';

/** Mesa's Vulkan drivers from the packages of Debian, in a folder of their own; nothing is installed. */

const here = dirname(fileURLToPath(import.meta.url));

export const FOLDER: string = join(here, '..', '..', 'node_modules', '.cache', 'webgpu-norm-isa');

/** Where it has to run. */
export interface Machine {
  platform: string;
  architecture: string;
  /** Whether a command is there. */
  has(command: string): boolean;
}

export const THIS_MACHINE: Machine = { platform: process.platform, architecture: process.arch, has: isInstalled };

/** Where the drivers and the loader of a folder lie, and what tells the loader of one that is no card's: lavapipe. */
export function mesaIn(folder: string = FOLDER): { libraries: string; lavapipe: string } {
  return {
    libraries: join(folder, 'root', 'usr', 'lib', 'x86_64-linux-gnu'),
    lavapipe: join(folder, 'root', 'usr', 'share', 'vulkan', 'icd.d', 'lvp_icd.json'),
  };
}

/**
 * Fetches the drivers unless they are there, some 40 MB.
 *
 * @throws Refusal (rejects) where this machine cannot, Error where it could and failed.
 */
export async function fetchMesa(
  folder: string = FOLDER,
  machine: Machine = THIS_MACHINE,
  say: (text: string) => void = () => {},
): Promise<void> {
  const { platform, architecture } = machine;
  if (platform !== 'linux' || architecture !== 'x64') {
    throw new Refusal(`Mesa's drivers are fetched for Linux on x86-64; this is ${platform} on ${architecture}`);
  }
  if (existsSync(mesaIn(folder).lavapipe)) return;
  checkCommands(
    machine,
    ['apt-get', 'dpkg'],
    "Mesa's drivers are a package of Debian, which apt-get fetches and dpkg unpacks",
  );
  say("Fetching Mesa's drivers …");
  await fetchInto(folder);
}

/** @throws Refusal where a command is not there. */
export function checkCommands({ has }: Machine, commands: readonly string[], why: string): void {
  const missing = commands.filter((command) => !has(command));
  if (missing.length === 0) return;
  throw new Refusal(
    `${new Intl.ListFormat('en').format(missing)} ${missing.length > 1 ? 'are' : 'is'} not installed: ${why}`,
  );
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
