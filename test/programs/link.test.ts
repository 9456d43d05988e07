import { describe, expect, it, vi } from 'vitest';
import { link as linkWesl } from 'wesl';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { Pass } from '../../src/plan/plan.ts';
import { declarePass } from '../../src/programs/declare.ts';
import { chosen, importsOf, link, PASS_MODULE } from '../../src/programs/link.ts';
import { reached } from '../../src/programs/reach.ts';
import { choicesOf, sourceOf, specializedSourceOf } from '../../src/programs/source.ts';
import { shaders } from '../../src/programs/shaders.ts';
import { part } from '../gpu/support/sweeps.ts';
import { everyPlan, SOFTWARE } from '../plan/every-plan.ts';
import { described, state } from '../plan/every-problem.ts';

const linked = (pass: Pass): string =>
  link(shaders, 'main', choicesOf(pass), (names) => declarePass(pass, names, false));

/** The programs of all plans, one of those that differ in nothing but their numbers. */
const programs = new Map(
  everyPlan().flatMap(({ plan }) =>
    plan.passes.map((pass): [string, Pass] => [linked(pass).replaceAll(/\d+u/g, '0u'), pass]),
  ),
);

/** The pass module of a program, and the names that its files import from it. */
function passModule(pass: Pass): { text: string; imported: string[] } {
  const linked = new Set<string>();
  const files = {
    get: (path: string) => {
      linked.add(path);
      return shaders.get(path);
    },
  };
  let text = '';
  link(files as typeof shaders, 'main', choicesOf(pass), (names) => (text = declarePass(pass, names, true)));
  const imports = [...linked].flatMap((path) => importsOf(shaders.get(path)!));
  return { text, imported: imports.flatMap(({ module, imported }) => (module === PASS_MODULE ? imported : [])) };
}

/** The shader files as the official linker wants them: every import naming the file that serves. */
function weslSources(pass: Pass, passText: string): Record<string, string> {
  const choices = choicesOf(pass);
  const swap = (text: string): string =>
    importsOf(text).reduce((swapped, { module }) => {
      const path = (name: string): string => `package::${name.replaceAll('/', '::')}::`;
      return swapped.replaceAll(path(module), path(chosen(module, choices)));
    }, text);
  const sources = [...shaders, [PASS_MODULE, passText] as const];
  return Object.fromEntries(sources.map(([path, text]) => [`./${path}.wgsl`, swap(text)]));
}

const namesIn = (wgsl: string, declaration: RegExp): string[] =>
  [...wgsl.matchAll(declaration)].map((match) => match[1]!);
const withoutComments = (wgsl: string): string => wgsl.replaceAll(/\/\/.*/g, '');
const functionsIn = (wgsl: string): string[] => namesIn(wgsl, /\bfn (\w+)\(/g);

describe('linking', () => {
  it('covers every shader file', () => {
    const read = vi.spyOn(shaders, 'get');
    for (const pass of programs.values()) {
      sourceOf(pass);
      specializedSourceOf(pass);
    }
    const used = new Set(read.mock.calls.map(([path]) => path));
    read.mockRestore();
    expect([...shaders.keys()].filter((path) => !path.startsWith('probe_') && !used.has(path))).toEqual([]);
  }, 60_000);

  it.each(
    part([...programs.values()], 3).map((pass) => ({
      name: `${pass.kernel} ${Object.values(pass.choose).join(' ')}`,
      pass,
    })),
  )('agrees with the official linker: $name', async ({ pass }) => {
    const ours = link(shaders, 'main', choicesOf(pass), (imported) => declarePass(pass, imported, true));
    const names = functionsIn(ours);
    expect(new Set(names).size, 'no name is declared twice').toBe(names.length);
    const { text, imported } = passModule(pass);
    expect(namesIn(text, /^.*?\b(?:fn|const|struct|var<.*?>) (\w+)/gm)).toEqual(expect.arrayContaining(imported));
    const theirs = (await linkWesl({ weslSrc: weslSources(pass, text), rootModuleName: 'main' })).dest;
    expect(functionsIn(reached(withoutComments(ours))).sort()).toEqual(functionsIn(theirs).sort());
    expect(theirs).toContain('fn main(');
  });

  it('has every number that files import: what a pass leaves out is a flag', () => {
    const kinds = new Map<string, Set<string>>();
    const leftOut = new Set<string>();
    const factors = (['before', 'after'] as const).map((where) =>
      state(layerNormDefinition, [4, 8], { multiply: { by: described([4, 8]), where } }),
    );
    const multiplying = factors.flatMap((problem) => planForward(problem, SOFTWARE).passes);
    for (const pass of [...programs.values(), ...multiplying]) {
      for (const [name, value] of Object.entries(pass.constants)) {
        kinds.set(name, (kinds.get(name) ?? new Set()).add(typeof value));
      }
      const { text, imported } = passModule(pass);
      for (const name of imported) {
        if (!(name in pass.constants) && !name.startsWith('HAS_') && text.includes(`const ${name} = false;`)) {
          leftOut.add(name);
        }
      }
    }
    expect(leftOut.size).toBeGreaterThan(10);
    for (const name of leftOut) expect([...(kinds.get(name) ?? [])], name).toEqual(['boolean']);
  });

  it('hoists directives, swaps folders, links a file once and declares what files import from the pass', () => {
    const files = new Map([
      [
        'main',
        'import package::a::one::{f};\nimport package::b::{\n    g,\n};\nimport package::pass::{N};\nfn main() { f(); g(N); }\n',
      ],
      ['a/one', 'fn f() {}\n'],
      ['a/two', 'enable subgroups;\nimport package::b::{g};\nimport package::pass::{M, N};\nfn f() { g(M + N); }\n'],
      ['b', 'fn g() { let n = K; const L = n; }\n'],
      ['c', 'import package::pass::{O};\nfn h() { O(); }\n'],
    ]);
    const declare = (names: ReadonlySet<string>): string =>
      ['K', 'L', 'M', 'N', 'O', 'f', 'n']
        .filter((name) => names.has(name))
        .map((name) => `const ${name} = 1u;`)
        .join('\n');
    expect(link(files, 'main', { a: 'two' }, declare)).toBe(
      'enable subgroups;\nfn g() { let n = K; const L = n; }\n\nfn f() { g(M + N); }\n\nfn main() { f(); g(N); }\n\n' +
        'const K = 1u;\nconst M = 1u;\nconst N = 1u;\n',
    );
    expect(() => link(files, 'main', { a: 'three' }, declare)).toThrow('no shader file a/three.wgsl');
  });
});
