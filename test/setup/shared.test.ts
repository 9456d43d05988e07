import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

/** Sweeps that the two runtimes of the GPU tests share out: whatever a file nests, no case is left to neither. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'shared-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The files that share something out. */
const sharing = readdirSync(join(root, 'test/gpu'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => join('test/gpu', path))
  .filter((path) => readFileSync(join(root, path), 'utf8').includes('/shared.ts'));

/** The tests there are, by file and name, each as often as there are some of that name. */
function listed(environment: Record<string, string>): Map<string, number> {
  const file = join(folder, `${Object.values(environment).join('-')}.json`);
  // Without a seed sweeps are whole. What this process was told of its own tests is not for that one.
  const { VITEST: _, SEED: __, ...outside } = process.env;
  const env = { ...outside, ...environment };
  const options = ['list', '--project', 'dawn', '--no-isolate', `--json=${file}`];
  const { status, stderr } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...options, ...sharing], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const tests = JSON.parse(readFileSync(file, 'utf8')) as { file: string; name: string }[];
  const counts = new Map<string, number>();
  for (const { file: path, name } of tests) {
    const key = `${path} ${name.replace(/seed \d+/, 'a seed')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

it('every test is taken by Dawn or by Chromium', { timeout: 600_000 }, () => {
  const [dawn, chromium, whole] = [listed({ SHARE: 'Dawn' }), listed({ SHARE: 'Chromium' }), listed({ WHOLE: '1' })];
  const taken = (name: string): number => (dawn!.get(name) ?? 0) + (chromium!.get(name) ?? 0);
  expect([...whole!].filter(([name, count]) => taken(name) < count)).toEqual([]);
  expect([...dawn!.keys(), ...chromium!.keys()].filter((name) => !whole!.has(name))).toEqual([]);
  // Sweeps are most of them; they are halved.
  expect(dawn!.size).toBeLessThan(whole!.size * 0.7);
  expect(chromium!.size).toBeLessThan(whole!.size * 0.7);
});
