import { spawnSync } from 'node:child_process';
import { root } from '../../test/setup/install.mjs';

/**
 * The commit that is measured, with a plus where files differ from it; null without git.
 *
 * @returns {string | null}
 */
export function commitOf() {
  const git = (...parameters) => spawnSync('git', parameters, { cwd: root, encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short', 'HEAD');
  if (status !== 0) return null;
  return stdout.trim() + (git('status', '--porcelain').stdout.trim() ? '+' : '');
}
