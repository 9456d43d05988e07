import { spawn, spawnSync } from 'node:child_process';
import type { SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { PEERS } from '../../bench/libraries/peers.ts';
import type { HostResults } from '../../bench/analysis/host.ts';
import type { ShapesResults } from '../../bench/analysis/shapes.ts';
import type { Results } from '../../bench/analysis/results.ts';

/** `npm run bench` as it is typed: a page is built, and measures in a real browser. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(
  parameters: string[],
  environment: Record<string, string> = {},
  script = 'bench/run.mjs',
): SpawnSyncReturns<string> {
  const env = { ...process.env, ...environment };
  return spawnSync('node', [script, ...parameters], { cwd: root, env, encoding: 'utf8' });
}

describe('npm run bench', () => {
  it('measures every library, prints a table and writes results', { timeout: 180_000 }, () => {
    const file = join(folder, 'results.json');
    const { status, stdout, stderr } = bench(['--quick', '--only', 'LayerNorm [32,256]', '--json', file, '--report']);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/LayerNorm \[32,256\], forward +(ms +quartiles +)?copies/);
    expect(stdout).toMatch(/Noise: the same copy measured twice differs by/);

    const { adapter, commit, results } = JSON.parse(readFileSync(file, 'utf8')) as Results;
    expect(adapter).not.toBe('');
    expect(commit).toMatch(/^[0-9a-f]{7,}\+?$/);
    const own = results.filter(({ library }) => ['copy', 'webgpu-norm', 'textbook'].includes(library));
    expect(own.map(({ library, pass }) => `${library} ${pass}`)).toEqual([
      'copy forward',
      'webgpu-norm forward',
      'textbook forward',
      'webgpu-norm backward',
      'webgpu-norm step',
    ]);
    for (const row of own) {
      expect(row).toMatchObject({ case: 'LayerNorm [32,256]', dtype: 'f32', layout: 'rows' });
      expect(row.error).toBeUndefined();
      expect(row.ms).toBeGreaterThan(0);
      expect(row.q1).toBeLessThanOrEqual(row.ms!);
      expect(row.q3).toBeGreaterThanOrEqual(row.ms!);
      expect(row.copyMultiple).toBeGreaterThan(0);
      expect(row.dispatches).toBeGreaterThanOrEqual(1);
      expect(row.allocatedBytes).toBe(0);
      expect(row.encodeMicros).toBeGreaterThan(0);
      if (row.library !== 'copy') expect(row.maxError).toBeLessThan(1e-5);
    }
    // Two of them have gradients.
    const peers = results.filter(({ library }) => PEERS.some(({ name }) => name === library));
    expect(peers).toHaveLength(PEERS.length + 2);
    for (const { library, pass, maxError } of peers) expect(maxError, `${library} ${pass}`).toBeLessThan(1e-5);
    const report = readFileSync(join(folder, 'results.html'), 'utf8');
    expect(report).toContain('"library":"webgpu-norm"');
    expect(report).not.toMatch(/<(script|link)[^>]+(src|href)="\.?\//);
  });

  it('counts what calls of ever new shapes compile', { timeout: 180_000 }, () => {
    const file = join(folder, 'shapes.json');
    const words = ['--only', 'LayerNorm [n', 'webgpu-norm', 'tfjs'];
    const { status, stdout, stderr } = bench([
      '--shapes',
      '--quick',
      '--seed',
      '1',
      ...words,
      '--json',
      file,
      '--report',
    ]);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/LayerNorm \[n,768\] +shapes +new pipelines/);
    expect(stdout).toContain('the shapes of --seed 1.');
    const { seed, shapes } = JSON.parse(readFileSync(file, 'utf8')) as ShapesResults;
    expect(seed).toBe(1);
    expect(shapes.map(({ library, next, shapes: { length } }) => [library, next, length])).toEqual([
      ['copy', false, 10],
      ['webgpu-norm', false, 10],
      ['tfjs', false, 10],
      ['webgpu-norm', true, 30],
    ]);
    for (const { library, next, pipelines, ms, copies, error } of shapes) {
      expect(error).toBeUndefined();
      expect(ms!.median).toBeGreaterThan(0);
      expect(copies!.largest).toBeGreaterThanOrEqual(copies!.median);
      if (library !== 'copy' && !next) expect(pipelines).toBeGreaterThan(0);
      // There are far more shapes than kinds of calls.
      if (library === 'webgpu-norm') expect(pipelines).toBeLessThan(10);
    }
    expect(readFileSync(join(folder, 'shapes.html'), 'utf8')).toContain('"case":"LayerNorm [n,768]"');
  });

  it('survives a page that crashes and a GPU that is lost, and goes on from there', { timeout: 180_000 }, () => {
    const file = join(folder, 'survived.json');
    const names = ['RMSNorm [1,4096]', 'LayerNorm [32,256]'];
    const parameters = ['--quick', '--pass', 'forward', '--only', ...names, 'copy', 'webgpu-norm'];
    const crashes = [
      { at: names[0], what: 'gpu', times: 2 },
      { at: names[1], what: 'page', times: 1 },
    ];
    const crashed = bench([...parameters, '--json', file], {
      CRASHES: JSON.stringify(crashes),
      NODE_OPTIONS: '--import ./test/bench/crash.mjs',
    });
    expect(crashed.stderr).toMatch(/^RMSNorm .*: the device was lost; this case is tried once more\n/);
    expect(crashed.stderr).toMatch(/\nLayerNorm .*: the page crashed; this case is tried once more\n$/);
    expect(crashed.stdout).toContain('Failed: webgpu-norm: the device was lost (RMSNorm [1,4096] forward)');
    expect(crashed.status).toBe(1);
    const first = JSON.parse(readFileSync(file, 'utf8')) as Results;
    expect(first.results.map((row) => `${row.case} ${row.library} ${row.error ?? 'ok'}`)).toEqual([
      'RMSNorm [1,4096] webgpu-norm the device was lost',
      'LayerNorm [32,256] copy ok',
      'LayerNorm [32,256] webgpu-norm ok',
    ]);

    const { status, stdout, stderr } = bench([...parameters, '--resume', file]);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^100 % {2}RMSNorm/m);
    expect(stdout).not.toMatch(/ % {2}LayerNorm/);
    const { results } = JSON.parse(readFileSync(file, 'utf8')) as Results;
    expect(results.map((row) => `${row.case} ${row.library}`)).toEqual(
      names.flatMap((name) => [`${name} copy`, `${name} webgpu-norm`]),
    );
    expect(results.slice(2)).toEqual(first.results.slice(1));
  });

  it('tells how long warm calls keep the thread, and whether the commands are as many', { timeout: 180_000 }, () => {
    const file = join(folder, 'host.json');
    const words = ['--only', "LayerNorm's gradient", 'forward and backward'];
    const { status, stdout, stderr } = bench(['--host', '--quick', ...words, '--json', file], {}, 'bench/run-node.mjs');
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^warm calls +submits +dispatches +times raw calls/m);
    const { host } = JSON.parse(readFileSync(file, 'utf8')) as HostResults;
    expect(host.map(({ call, submits, dispatches }) => [call, submits, dispatches])).toEqual([
      ["LayerNorm's gradient, into what is there", 1, 2],
      ['LayerNorm forward and backward, results destroyed', 2, 3],
      ["LayerNorm's gradient, 20 on one encoder", 1, 40],
    ]);
    for (const { ratio, quartiles } of host) expect(quartiles[0] <= ratio && ratio <= quartiles[1]).toBe(true);
  });

  it.each(['bench/run.mjs', 'bench/run-node.mjs'])(
    '%s writes and prints what it has of new shapes where it is interrupted',
    { timeout: 180_000 },
    async (script) => {
      const file = join(folder, `${basename(script)}.json`);
      const words = ['--only', 'LayerNorm', 'copy', 'webgpu-norm'];
      const child = spawn('node', [script, '--shapes', '--quick', ...words, '--json', file], {
        cwd: root,
        detached: true,
      });
      let text = '';
      child.stderr.resume();
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        // Of the whole group, as a terminal does; not amid what comes after the first sitting.
        if (!text.includes(' %  ') && more.includes(' %  ')) setTimeout(() => process.kill(-child.pid!, 'SIGINT'), 500);
        text += more;
      });
      await new Promise((resolve) => child.once('close', resolve));
      expect(text).toMatch(/^LayerNorm \[n,768\] +shapes +new pipelines/m);
      const { shapes } = JSON.parse(readFileSync(file, 'utf8')) as ShapesResults;
      expect(shapes.map((row) => row.case)).toContain('LayerNorm [n,768]');
      expect(shapes.map((row) => row.case)).not.toContain('LayerNorm CHW [2,16,h,w]');
    },
  );

  it.each([
    [['--resume', 'package.json'], /^--resume package.json: it is no file of results .*\n$/],
    [['--only', 'LayerNrm'], /^'LayerNrm' names no case or library; there are .*\n$/],
    [
      ['--shapes', '--only', 'onnxruntime'],
      /^'onnxruntime' names no case or library; there are the libraries copy, .*\n$/,
    ],
    [['--shapes', '--seed', 'x'], /^--seed x: .*\n$/],
    [['--pass', 'sideways'], /^--pass sideways: .*\n$/],
    [['--pass', 'step', '--only', 'RMSNorm to i8'], /^--pass step: there is no such pass of RMSNorm to i8 .*\n$/],
    [['--json', '/nowhere/f.json'], /^--json \/nowhere\/f.json: it cannot be written \(ENOENT\)\n$/],
    [['--shapes', '--json', 'bench'], /^--json bench: it cannot be written \(EISDIR\)\n$/],
  ])('%j ends at once, with one line and status 2', { timeout: 60_000 }, (parameters, line) => {
    const { status, stdout, stderr } = bench(parameters);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(line);
  });

  it('says that a browser is not there', { timeout: 60_000 }, () => {
    const { status, stderr } = bench(['--quick'], { CHROME_PATH: '/nowhere/chrome' });
    expect(status).toBe(1);
    expect(stderr.trim()).toBe('CHROME_PATH is /nowhere/chrome, but there is no such file.');
  });
});
