import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dawnEnvironment, findBrowser } from '../setup/browser.mjs';
import { runInWindows } from '../setup/wine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Arguments by which each runs a script. */
const COMMANDS = { deno: ['run', '--unstable-webgpu', '--allow-all'], bun: ['run'] };

export type Runtime = keyof typeof COMMANDS | 'windows';

/** What a script of this folder prints in a runtime, on the driver that the environment names or else on the browser's. */
export async function printed<T>(runtime: Runtime, script: string): Promise<T> {
  const file = join(root, 'test/runtimes', script);
  return JSON.parse(runtime === 'windows' ? await runInWindows(file) : await runHere(runtime, file)) as T;
}

async function runHere(runtime: keyof typeof COMMANDS, file: string): Promise<string> {
  const env = { ...process.env, ...dawnEnvironment((await findBrowser())!) };
  const program = join(root, 'node_modules', '.bin', runtime);
  return execFileSync(program, [...COMMANDS[runtime], file], { cwd: root, env, encoding: 'utf8' });
}
