import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SECTIONS } from '../../docs/.vitepress/pages.ts';
import { blocksIn, moduleOf, pagesIn } from './blocks.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What the compiler finds wrong with blocks, each a file; all are one program. */
function errorsIn(modules: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-docs-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const files = modules.map((text, index) => {
      writeFileSync(join(folder, `${index}.ts`), text);
      return `./${index}.ts`;
    });
    // What an app that is `strict` sees.
    const compilerOptions = {
      noUnusedLocals: false,
      noUnusedParameters: false,
      noUncheckedIndexedAccess: false,
      rootDir: '/',
    };
    const project = { extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder, encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it('has TypeScript blocks that compile', () => {
  const blocks = blocksIn(root);
  expect(blocks.length).toBeGreaterThan(20);
  const wrong = { page: '', place: 'a wrong block', code: 'const y: number = layerNorm(x);\n' };
  const all = [...blocks, wrong];
  const errors = errorsIn(all.map(moduleOf)).replaceAll(/^(\d+)\.ts/gm, (_, index) => all[Number(index)]!.place);
  expect(errors.trim()).toMatch(/^a wrong block\(.*'Tensor<FloatDtype>' is not assignable to type 'number'\.$/);
}, 60_000);

it.each([
  ['webgpu', 'images', 1],
  ['onnx', 'onnx', 1],
  ['tfjs', 'tfjs', 1],
  ['jax', 'jax', 1],
  ['sync', 'sync', 6],
])('prints in %s.md all code of examples/%s, in %i blocks', (page, folder, count) => {
  const files = readdirSync(join(root, 'examples', folder)).filter((file) => /\.m?[jt]s$/.test(file));
  expect(files).toHaveLength(count);
  const printed = read(`docs/${page}.md`);
  for (const file of files) expect(printed, file).toContain(`\n${read(`examples/${folder}/${file}`)}\`\`\`\n`);
});

it('has an entry for every error code in the troubleshooting', () => {
  const union = /export type NormErrorCode =([^;]+);/.exec(read('src/errors.ts'))![1]!;
  const codes = Array.from(union.matchAll(/'(\w+)'/g), ([, code]) => code!);
  expect(codes).toContain('shape');
  const entries = Array.from(read('docs/troubleshooting.md').matchAll(/^### (\w+)\n\n([^#]+)/gm));
  expect(entries.map(([, code]) => code)).toEqual(codes);
  for (const [, code, text] of entries) expect(text, code).toContain('**Cure:**');
});

it('keeps the README to what one reads at first', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150);
});

it('has every page of docs in the sidebar once', () => {
  const listed = SECTIONS.flatMap(([, pages]) => Object.keys(pages));
  const pages = pagesIn(root).flatMap((page) => /^docs\/(.*)\.md$/.exec(page)?.[1] ?? []);
  expect(listed.toSorted()).toEqual(pages.toSorted());
});

it('has no link to a page, a file or a heading that is not there', () => {
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  const headings = (path: string): string[] =>
    Array.from(read(path).matchAll(/^#+ (.*)$/gm), ([, heading]) => slug(heading!));
  const dead = pagesIn(root).flatMap((page) =>
    Array.from(read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g), ([link, path, anchor]) => {
      const target = path ? join(dirname(page), path) : page;
      const there = existsSync(join(root, target)) && (!anchor || headings(target).includes(anchor));
      return there ? [] : [`${page}: ${link}`];
    }).flat(),
  );
  expect(dead).toEqual([]);
});

it('compares with peers in the README by the recorded results of the benchmark', () => {
  type Row = { case: string; library: string; pass: string; copyMultiple?: number };
  const { results } = JSON.parse(read('bench/results/swiftshader-chromium.json')) as { results: Row[] };
  const times = (library: RegExp, pass: string): Map<string, number> => {
    const least = new Map<string, number>();
    for (const row of results.filter((one) => one.pass === pass && library.test(one.library) && one.copyMultiple)) {
      least.set(row.case, Math.min(row.copyMultiple!, least.get(row.case) ?? Infinity));
    }
    return least;
  };
  /** The geometric mean over the cases that a library takes. */
  const multiple = (library: RegExp, pass: string): string => {
    const ours = times(/^webgpu-norm$/, pass);
    const logs = Array.from(times(library, pass), ([name, time]) => Math.log(time / ours.get(name)!));
    return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length).toFixed(1);
  };
  const both = (library: RegExp): string => `${multiple(library, 'forward')} | ${multiple(library, 'step')}`;
  const onnx = [/jsep/, /native/].map((build) => multiple(build, 'forward'));
  const readme = read('README.md');
  expect(readme).toContain(`| TensorFlow.js 4.22 | ${both(/^tfjs$/)} |`);
  expect(readme).toContain(`| jax-js | ${both(/^jax-js$/)} |`);
  expect(readme).toContain(`| ONNX Runtime Web | ${onnx[0]} (JSEP), ${onnx[1]} (native) |`);
  expect(readme).toContain(`| the fastest of them in each case | ${both(/^(tfjs|jax-js|onnxruntime-web)/)} |`);
});
