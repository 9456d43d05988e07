import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as images from '../../src/images/index.ts';
import * as norm from '../../src/index.ts';
import * as jax from '../../src/jax/index.ts';
import * as layers from '../../src/layers/index.ts';
import * as onnx from '../../src/onnx/index.ts';
import * as reference from '../../src/reference/index.ts';
import * as sync from '../../src/sync/index.ts';
import * as tfjs from '../../src/tfjs/index.ts';
import { dawnEnvironment, findBrowser } from '../setup/browser.mjs';
import { ensureBuilt, root } from './build.ts';
import { bundlers } from './bundlers.ts';
import { blocksIn, isProgram } from '../docs/blocks.ts';
import { documentedIn, exampleOf, folderOf, moduleOf } from './examples.ts';

const project = mkdtempSync(join(tmpdir(), 'webgpu-norm-consumer-'));
let tarball: string;
const programs = blocksIn(root).filter(isProgram);
const tool = (name: string): string => join(root, 'node_modules', '.bin', name);

function run(command: string, parameters: string[], folder = project): string {
  return execFileSync(command, parameters, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const COMPILER = ['--ignoreConfig', '--strict', '--noEmit', '--target', 'es2023', '--module', 'nodenext'];
const LIBRARIES = ['--lib', 'es2023,esnext.disposable,dom', '--types', '@webgpu/types'];

/** What the compiler finds wrong with files of an app. */
function errorsIn(files: string[], ...options: string[]): string {
  return errorsBy([...COMPILER, '--skipLibCheck'], files, ...options);
}

function errorsBy(compiler: string[], files: string[], ...options: string[]): string {
  try {
    return run(tool('tsc'), [...compiler, ...LIBRARIES, ...options, ...files]);
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** The package as npm would publish it, in a project that has nothing else but WebGPU's types and Dawn. */
beforeAll(async () => {
  Object.assign(process.env, dawnEnvironment((await findBrowser())!));
  ensureBuilt();
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', project], root));
  tarball = `./${filename}`;
  cpSync(fileURLToPath(new URL('consumer', import.meta.url)), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  run('npm', ['install', '--no-audit', '--no-fund', tarball]);
  for (const name of ['@webgpu/types', 'webgpu']) {
    cpSync(join(root, 'node_modules', name), join(project, 'node_modules', name), { recursive: true });
  }
  // Peers for their types alone.
  symlinkSync(join(root, 'node_modules/onnxruntime-web'), join(project, 'node_modules/onnxruntime-web'));
  symlinkSync(join(root, 'node_modules/@jax-js'), join(project, 'node_modules/@jax-js'));
  symlinkSync(join(root, 'node_modules/@tensorflow'), join(project, 'node_modules/@tensorflow'));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the package', () => {
  it('brings no dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(project, 'node_modules/webgpu-norm/package.json'), 'utf8'));
    expect(dependencies).toBeUndefined();
  });

  it.each(['false', 'true'])('is typed, where exactOptionalPropertyTypes is %s, for what is computed too', (exact) => {
    expect(errorsIn(['use.ts', 'computed.ts', 'computed-layers.ts'], '--exactOptionalPropertyTypes', exact)).toBe('');
  });

  it('has declarations without errors, where an app checks those of its libraries', () => {
    // Those of WebGPU and of the DOM contradict each other in newer versions of TypeScript.
    const errors = errorsBy(COMPILER, ['use.ts', 'computed.ts', 'computed-layers.ts']).split('\n');
    expect(errors.filter((line) => line.startsWith('node_modules/webgpu-norm/'))).toEqual([]);
  });

  it('has an example of every function and layer, and all of them compile', () => {
    const documented = documentedIn(join(root, 'src'));
    const entries: Record<string, Record<string, unknown>> = {
      reference,
      onnx,
      sync,
      tfjs,
      jax,
      others: { ...norm, ...images, ...layers },
    };
    for (const [folder, entry] of Object.entries(entries)) {
      for (const name of Object.keys(entry).filter((one) => one !== 'NormError')) {
        const own = documented.find(
          (one) =>
            folderOf(one) === folder && new RegExp(`^export (async )?(function|const|class) ${name}\\b`).test(one.line),
        );
        expect(own && exampleOf(own), name).toBeDefined();
        if (typeof entry[name] === 'function' && !own!.line.includes(' class '))
          expect(own!.comment, name).toContain('@throws NormError');
        const tellsSource = ['reference', 'others'].includes(folder) && /[nN]orm/.test(name);
        if (tellsSource) expect(own!.comment, name).toMatch(/https?:|\{@link/);
      }
    }
    const examples = documented.filter((one) => exampleOf(one) !== undefined);
    const write = (file: string, folder: ReturnType<typeof folderOf>, entries: Record<string, object>): void => {
      const own = examples.filter((one) => folderOf(one) === folder);
      expect(own, folder).not.toHaveLength(0);
      writeFileSync(join(project, file), moduleOf(folder, own, entries));
    };
    write('exact.ts', 'reference', { 'webgpu-norm/reference': reference });
    write('examples.ts', 'others', {
      'webgpu-norm': norm,
      'webgpu-norm/images': images,
      'webgpu-norm/layers': layers,
    });
    write('onnx.ts', 'onnx', { 'webgpu-norm': norm, 'webgpu-norm/onnx': onnx });
    write('sync.ts', 'sync', { 'webgpu-norm/sync': sync });
    write('tfjs.ts', 'tfjs', { 'webgpu-norm/tfjs': tfjs });
    write('jax.ts', 'jax', { 'webgpu-norm/jax': jax });
    expect(errorsIn(['exact.ts', 'examples.ts', 'onnx.ts', 'sync.ts', 'tfjs.ts', 'jax.ts'])).toBe('');
  });

  it('normalizes from where it is installed', () => {
    expect(Number(run('node', ['--import', './navigator.mjs', 'run.mjs']))).toBeLessThan(2e-6);
  });

  it('can be imported by each of its entries', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, unknown>;
    };
    const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
    const imports = entries.map(
      (entry) => `console.log(Object.keys(await import('webgpu-norm${entry.slice(1)}')).length);`,
    );
    writeFileSync(join(project, 'entries.mjs'), imports.join('\n'));
    const counts = run('node', ['entries.mjs']).trim().split('\n').map(Number);
    expect(counts).toEqual(entries.map(() => expect.any(Number)));
    for (const count of counts) expect(count).toBeGreaterThan(0);
  });

  it.each(Object.entries(bundlers))('normalizes as bundled by %s', async (name, bundle) => {
    const file = join('bundled', `${name}.mjs`);
    await bundle(join(project, 'run.mjs'), join(project, file));
    expect(Number(run('node', ['--import', './navigator.mjs', file]))).toBeLessThan(2e-6);
    expect(readFileSync(join(project, file), 'utf8')).not.toMatch(/from ?["']webgpu-norm/);
  });

  it('is one file too, for a page without a bundler', () => {
    const whole = 'webgpu-norm/dist/webgpu-norm.min.js';
    const app = readFileSync(join(project, 'run.mjs'), 'utf8').replaceAll(
      /'webgpu-norm(?:\/layers)?'/g,
      `'./node_modules/${whole}'`,
    );
    writeFileSync(join(project, 'one-file.mjs'), app);
    expect(Number(run('node', ['--import', './navigator.mjs', 'one-file.mjs']))).toBeLessThan(2e-6);
    expect(Object.keys(JSON.parse(readFileSync(join(project, 'node_modules', `${whole}.map`), 'utf8')))).toContain(
      'mappings',
    );
  });

  it('is there for require, where Node allows it of modules', () => {
    writeFileSync(
      join(project, 'required.cjs'),
      `console.log(typeof require('webgpu-norm').layerNorm);\nprocess.exit();\n`,
    );
    expect(run('node', ['required.cjs'])).toBe('function\n');
  });

  it.each(programs)('does what $place prints', ({ page, code }) => {
    const isReadme = page === 'README.md';
    const more = isReadme ? 'console.log(await y.read());\n' : '';
    writeFileSync(join(project, 'printed.mjs'), `${code}\n${more}process.exit();\n`);
    const printed = run('node', ['--import', './navigator.mjs', 'printed.mjs']);
    if (isReadme) expect(printed.match(/Float32Array\(6144\)/g)).toHaveLength(3);
    expect(printed).toMatch(/\S/);
    expect(printed).not.toMatch(/NaN|false/);
  });

  it('has a program in the README to run', () => {
    expect(programs[0]?.page).toBe('README.md');
  });

  it('passes what publishers check', () => {
    expect(run(tool('publint'), [tarball, '--strict'])).toContain('All good!');
    expect(() => run(tool('attw'), [tarball, '--profile', 'esm-only'])).not.toThrow();
    expect(() =>
      run(tool('deno'), ['publish', '--dry-run', '--allow-dirty', '--config', 'jsr.json'], root),
    ).not.toThrow();
    const versions = ['package.json', 'jsr.json'].map(
      (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).version,
    );
    expect(versions[1]).toBe(versions[0]);
  });

  it('is typed in Deno, as JSR has it', () => {
    const lines = [
      `import { NormError } from '${root}dist/index.js';`,
      `import { LayerNorm } from '${root}dist/layers.js';`,
      'export const given: [string, typeof LayerNorm] = [new NormError("eps", "").code, LayerNorm];',
      '// @ts-expect-error: a code is a text.',
      'export const wrong: number = new NormError("eps", "").code;',
    ];
    writeFileSync(join(project, 'typed.ts'), lines.join('\n'));
    expect(() => run(tool('deno'), ['check', 'typed.ts'])).not.toThrow();
  });
});
