import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkCommands, fetchMesa, FOLDER, mesaIn, THIS_MACHINE } from './mesa.ts';
import type { Machine } from './mesa.ts';
import { mustRun } from './process.ts';

/** Mesa's AMD driver, and the shim before it. */

const SHIM = join(dirname(fileURLToPath(import.meta.url)), 'shim.c');

/** What a process needs in its environment to see the driver. */
export interface Driver {
  environment: NodeJS.ProcessEnv;
}

/**
 * The driver, set up if need be.
 *
 * @throws Refusal (rejects) where this machine cannot, Error where it could and failed.
 */
export async function openDriver(
  folder: string = FOLDER,
  machine: Machine = THIS_MACHINE,
  say: (text: string) => void = () => {},
): Promise<Driver> {
  await fetchMesa(folder, machine, say);
  if (isOlder(join(folder, 'shim.so'), SHIM)) {
    checkCommands(machine, ['gcc'], "gcc builds what stands before AMD's driver");
    await buildShim(folder);
  }
  const { libraries } = mesaIn(folder);
  const manifest = join(folder, 'shim.json');
  return {
    environment: {
      LD_LIBRARY_PATH: libraries,
      VK_ICD_FILENAMES: manifest,
      VK_DRIVER_FILES: manifest,
      SHIM_DRIVER: join(libraries, 'libvulkan_radeon.so'),
      MESA_SHADER_CACHE_DISABLE: '1',
    },
  };
}

function isOlder(file: string, than: string): boolean {
  return !existsSync(file) || statSync(file).mtimeMs < statSync(than).mtimeMs;
}

async function buildShim(folder: string): Promise<void> {
  const built = join(folder, `shim-${process.pid}.so`);
  const headers = join(folder, 'root', 'usr', 'include');
  await mustRun('gcc', ['-O1', '-shared', '-fPIC', '-I', headers, '-o', built, SHIM, '-ldl']);
  renameSync(built, join(folder, 'shim.so'));
  const manifest = { file_format_version: '1.0.0', ICD: { api_version: '1.3.0', library_path: './shim.so' } };
  writeFileSync(join(folder, 'shim.json'), JSON.stringify(manifest));
}
