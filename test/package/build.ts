import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));
export const dist: string = join(root, 'dist');

/** Builds the package unless it is there. */
export function ensureBuilt(): void {
  if (!existsSync(join(dist, 'webgpu-norm.min.js'))) execFileSync('npm', ['run', 'build'], { cwd: root });
}
