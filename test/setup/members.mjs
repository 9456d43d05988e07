import { join } from 'node:path';
import { root, run } from './install.mjs';

/** The runtimes that GPU tests run in, each the projects of Vitest whose names begin with its own. */

const NODE = [process.execPath];
const DENO = [join(root, 'node_modules', '.bin', 'deno'), 'run', '--allow-all', '--unstable-webgpu'];

/** What each is, by what command Vitest starts there, whether Mesa's driver has to be there, and whether Wine, in which scripts run instead of Vitest. */
export const MEMBERS = {
  chromium: { words: "headless Chromium on the browser's SwiftShader", start: NODE, needsLavapipe: false },
  dawn: { words: "Node (Dawn) on the browser's SwiftShader", start: NODE, needsLavapipe: false },
  lavapipe: { words: "Node (Dawn) on Mesa's lavapipe", start: NODE, needsLavapipe: true },
  deno: { words: "Deno (wgpu) on Mesa's lavapipe", start: DENO, needsLavapipe: true },
  windows: {
    words: "Node for Windows (Dawn by Direct3D 12) in Wine on Mesa's lavapipe, some calls",
    start: NODE,
    needsLavapipe: true,
    needsWine: true,
  },
};

/** Runs tests of a member; true if they passed. */
export function runTests(member, parameters, environment = {}) {
  const [command, ...before] = MEMBERS[member].start;
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  return run(command, [...before, vitest, 'run', '--project', `${member}*`, ...parameters], {
    shell: false,
    env: { ...process.env, ...environment },
  });
}
