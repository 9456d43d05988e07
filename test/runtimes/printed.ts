import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dawnEnvironment, findBrowser } from '../setup/browser.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Arguments by which each runs a script. */
const RUNTIMES = { deno: ['run', '--unstable-webgpu', '--allow-all'], bun: ['run'] };

/** What a script of this folder prints in a runtime, on the driver that the environment names or else on the browser's. */
export async function printed<T>(runtime: keyof typeof RUNTIMES, script: string): Promise<T> {
  const env = { ...process.env, ...dawnEnvironment((await findBrowser())!) };
  const program = join(root, 'node_modules', '.bin', runtime);
  const file = join(root, 'test/runtimes', script);
  return JSON.parse(execFileSync(program, [...RUNTIMES[runtime], file], { cwd: root, env, encoding: 'utf8' })) as T;
}

/** A call of run.mjs, and how far its result is from float64's. */
export interface Called {
  call: string;
  error: number;
}

/** The most that a call of run.mjs may be off. */
export const boundOf = ({ call }: Called): number => (call.includes('gradient') ? 32 : 16) * 2 ** -24;
