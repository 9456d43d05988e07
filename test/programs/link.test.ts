import { describe, expect, it } from 'vitest';
import { link as linkWesl } from 'wesl';
import type { Pass } from '../../src/plan/plan.ts';
import { declarePass } from '../../src/programs/declare.ts';
import { chosen, importsOf, link } from '../../src/programs/link.ts';
import { sourceOf } from '../../src/programs/programs.ts';
import { shaders } from '../../src/programs/shaders.ts';
import { everyPlan } from '../plan/every-plan.ts';

/** The distinct programs of all plans, by what tells them apart. */
const programs = new Map(
  everyPlan().flatMap(({ plan }) =>
    plan.passes.map((pass): [string, Pass] => [
      JSON.stringify([pass.kernel, pass.use, pass.bindings.map((b) => b.type)]),
      pass,
    ]),
  ),
);

/** The shader files as the official linker wants them: every import naming the file that serves. */
function weslSources(pass: Pass): Record<string, string> {
  const swap = (text: string): string =>
    importsOf(text).reduce((swapped, module) => {
      const path = (name: string): string => `package::${name.replaceAll('/', '::')}::`;
      return swapped.replaceAll(path(module), path(chosen(module, pass.use)));
    }, text);
  const sources = [...shaders, ['pass', declarePass(pass)] as const];
  return Object.fromEntries(sources.map(([path, text]) => [`./${path}.wgsl`, swap(text)]));
}

const functionNames = (wgsl: string): string[] => [...wgsl.matchAll(/^fn (\w+)\(/gm)].map((match) => match[1]!);

describe('linking', () => {
  it('covers every kernel and every piece', () => {
    const used = new Set(
      [...programs.values()].flatMap((pass) => [
        pass.kernel,
        ...Object.entries(pass.use).map(([folder, file]) => `${folder}/${file}`),
        ...importsOf(declarePass(pass)),
      ]),
    );
    for (const path of shaders.keys()) {
      const [folder, file] = path.split('/');
      if (folder === 'kernels') expect(used, path).toContain(file);
      else if (file !== undefined && folder !== 'math' && folder !== 'probe') expect(used, path).toContain(path);
    }
  });

  it.each(
    [...programs.values()].map((pass) => ({ name: `${pass.kernel} ${Object.values(pass.use).join(' ')}`, pass })),
  )('agrees with the official linker: $name', async ({ pass }) => {
    const ours = sourceOf(pass);
    const names = functionNames(ours);
    expect(new Set(names).size, 'no name is declared twice').toBe(names.length);
    const theirs = (await linkWesl({ weslSrc: weslSources(pass), rootModuleName: `kernels/${pass.kernel}` })).dest;
    for (const name of functionNames(theirs)) expect(names).toContain(name);
    expect(theirs).toContain('fn main(');
  });

  it('hoists directives, swaps folders and links a file once', () => {
    const files = new Map([
      ['kernels/k', 'import package::a::one::{f};\nimport package::b::{g};\nfn main() { f(); g(); }\n'],
      ['a/one', 'fn f() {}\n'],
      ['a/two', 'enable subgroups;\nimport package::b::{g};\nfn f() { g(); }\n'],
      ['b', 'fn g() {}\n'],
    ]);
    expect(link(files, 'kernels/k', { a: 'two' }, 'const N = 1u;')).toBe(
      'enable subgroups;\nconst N = 1u;\n\nfn g() {}\n\nfn f() { g(); }\n\nfn main() { f(); g(); }\n',
    );
    expect(() => link(files, 'kernels/k', { a: 'three' }, '')).toThrow('no shader file a/three.wgsl');
  });
});
