/**
 * WGSL of a pass as C++, for a program that runs it: what it reads are the uniform and the arrays of its bindings, what it writes are those arrays. Of
 * WGSL as far as kernels use it that one invocation runs alone.
 */
export function transliterated(wgsl: string): string {
  const structs = new Map<string, string>();
  const constants = new Map<string, string>();
  const arrays: [name: string, element: string][] = [];
  const members: string[] = [];
  const take = (text: string, pattern: RegExp, each: (...parts: string[]) => void): string =>
    text.replaceAll(pattern, (_, ...parts: string[]) => (each(...parts), ''));

  let text = cppWords(withoutAliases(wgsl.replaceAll(/\/\/.*|\benable \w+;/g, '')));
  text = take(text, /struct (\w+) \{([^}]*)\}/g, (name, fields) => structs.set(name!, structOf(name!, fields!)));
  text = take(text, /@group\(0\) @binding\(\d+\) var<storage[^>]*> (\w+): array<(\w+)>;/g, (name, element) =>
    arrays.push([name!, element!]),
  );
  text = take(text, /@group\(0\) @binding\(0\) var<uniform> call: Call;/g, () => undefined);
  text = take(text, /^var<(?:private|workgroup)> (\w+): ([^;]+);/gm, (name, type) =>
    members.push(`${typeOf(type!)} ${name}{};`),
  );
  text = take(text, /^const (\w+) ?= ?([^;]+);/gm, (name, value) => constants.set(name!, value!));
  return [
    '#include "wgsl.hpp"',
    ...inOrder(new Map([...structs].filter(([name]) => name === 'Shape'))),
    ...inOrder(new Map([...constants].map(([name, value]) => [name, `constexpr auto ${name} = ${value};`]))),
    ...inOrder(new Map([...structs].filter(([name]) => name !== 'Shape'))),
    'struct Kernel {',
    'const Call call;',
    ...arrays.map(([name, element]) => `${element}* __restrict ${name};`),
    ...members,
    statements(text),
    '};',
    ...mainOf(arrays),
  ].join('\n');
}

/** Runs a kernel of one invocation a workgroup. */
function mainOf(arrays: readonly [name: string, element: string][]): string[] {
  const names = arrays.map(([name]) => name);
  return [
    'int main() {',
    'size_t ignored; Call* call = given<Call>(ignored); u32* size = given<u32>(ignored);',
    ...arrays.map(([name, element]) => `size_t ${name}_bytes; ${element}* ${name} = given<${element}>(${name}_bytes);`),
    'for (u32 row = 0; row < size[1]; row++) for (u32 column = 0; column < size[0]; column++) {',
    `Kernel kernel{${['*call', ...names].join(', ')}};`,
    'kernel.main((vec3u){column, row, 0}, (vec3u){size[0], size[1], 1}, 0);',
    '}',
    ...names.map((name) => `give(${name}, ${name}_bytes);`),
    '}',
  ];
}

function withoutAliases(text: string): string {
  let rest = text;
  for (const [alias, name, type] of text.matchAll(/alias (\w+) ?= ?(\w+);/g)) {
    rest = rest.replace(alias, '').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), type!);
  }
  return rest;
}

/** Numbers that are f32, and functions by the names they have in C++. */
function cppWords(text: string): string {
  return text
    .replaceAll(/(?<![\w.])(\d+)f\b/g, '$1.0f')
    .replaceAll(/(?<![\w.])(\d+\.\d*(?:e[+-]?\d+)?)(?![\w.])/g, '$1f')
    .replaceAll(/\b(abs|sqrt)\(/g, '$1_of(')
    .replaceAll(/\b(f32|u32|vec4f|vec4u)\(/g, 'make_$1(')
    .replaceAll(/,(\s*)\)/g, '$1)');
}

function structOf(name: string, text: string): string {
  const fields = text.split(',').flatMap((field): { type: string; name: string; align: string }[] => {
    const [, align, own, type] = /(?:@align\((\d+)\) )?(\w+): (\w+)/.exec(field) ?? [];
    return own === undefined
      ? []
      : [{ align: align === undefined ? '' : `alignas(${align}) `, name: own, type: type! }];
  });
  const parameters = fields.map((field) => `${field.type} ${field.name}`).join(', ');
  const values = fields.map((field) => `${field.name}(${field.name})`).join(', ');
  return [
    `struct ${name} {`,
    ...fields.map((field) => `${field.align}${field.type} ${field.name};`),
    `${name}() = default;`,
    `constexpr ${name}(${parameters}) : ${values} {}`,
    '};',
  ].join('\n');
}

/** Declarations, each behind those that it names. */
function inOrder(declarations: ReadonlyMap<string, string>): string[] {
  const rest = new Map(declarations);
  const ordered: string[] = [];
  const names = (text: string): Set<string> => new Set(text.match(/\w+/g));
  while (rest.size > 0) {
    const ready = [...rest].find(([name, text]) =>
      [...rest.keys()].every((other) => other === name || !names(text).has(other)),
    );
    if (!ready) throw new Error(`${[...rest.keys()].join()} name each other`);
    rest.delete(ready[0]);
    ordered.push(ready[1]);
  }
  return ordered;
}

function typeOf(type: string): string {
  const [, element, count] = /^array<(.*), ?([^,]*)>$/.exec(type.trim()) ?? [];
  return element === undefined ? type.trim() : `Array<${element}, (${count})>`;
}

/** Functions and what is in them. */
function statements(text: string): string {
  return text
    .replaceAll(/@compute|@workgroup_size\(\w+\)|@builtin\(\w+\)/g, '')
    .replaceAll(
      /\bfn (\w+)\(([^{]*?)\)\s*(?:-> (\w+)\s*)?\{/g,
      (_, name: string, parameters: string, result = 'void') => {
        const typed = [...parameters.matchAll(/(\w+): (\w+)/g)].map(([, own, type]) => `${type} ${own}`);
        return `INLINE ${result} ${name}(${typed.join(', ')}) {`;
      },
    )
    .replaceAll(/\b(?:let|const) (\w+) ?= ?/g, 'const auto $1 = ')
    .replaceAll(/\bvar (\w+) ?= ?/g, 'auto $1 = ')
    .replaceAll(/\bvar (\w+): ([^;=]+);/g, (_, name: string, type: string) => `${typeOf(type)} ${name}{};`);
}
