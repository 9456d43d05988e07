/**
 * Links WGSL files that import from each other in the syntax of WESL: `import package::reduce::invocation::{lane_of};`.
 * A folder whose files offer the same names is a choice: `choose` names the file that serves, whichever one an import names.
 */

/** The module that is not a file: what a pass declares. Imports from it are for readers, and are not in the package: a file takes what it names. */
export const PASS_MODULE = 'pass';

const IMPORT = /^import package::([\w:]+?)::(?:\{([^}]*)\}|(\w+));\n/gm;
const NAME = /\b[A-Za-z_]\w*/g;
const DECLARED = /\b(?:fn|struct|const|alias|let|var(?:<[^>]*>)?) ?(\w+)/g;
const COMMENT = /\/\/.*/g;
const DIRECTIVE = /^(?:enable|requires|diagnostic)\b[^;]*;\n/gm;

/**
 * One WGSL text of everything the root module imports, directives first. `declare` gets the names that no file declares, and writes what it knows of them.
 *
 * @throws Error where a file is missing.
 */
export function link(
  files: ReadonlyMap<string, string>,
  root: string,
  choose: Readonly<Record<string, string>>,
  declare: (names: ReadonlySet<string>) => string,
): string {
  const linked = new Set<string>();
  const directives = new Set<string>();
  const bodies: string[] = [];

  const add = (text: string): void => {
    for (const { module } of importsOf(text)) if (module !== PASS_MODULE) visit(chosen(module, choose));
    for (const [directive] of text.matchAll(DIRECTIVE)) directives.add(directive);
    bodies.push(text.replace(IMPORT, '').replace(DIRECTIVE, '').trim());
  };
  const visit = (module: string): void => {
    if (linked.has(module)) return;
    linked.add(module);
    const text = files.get(module);
    if (text === undefined) throw new Error(`no shader file ${module}.wgsl`);
    add(text);
  };

  visit(root);
  add(declare(undeclared(bodies.join('\n').replaceAll(COMMENT, ''))));
  return `${[...directives].join('')}${bodies.join('\n\n')}\n`;
}

function undeclared(text: string): ReadonlySet<string> {
  const names = new Set(text.match(NAME));
  for (const [, name] of text.matchAll(DECLARED)) names.delete(name!);
  return names;
}

/** Imports of a text: modules as paths, and the names from each. */
export function importsOf(text: string): { module: string; imported: string[] }[] {
  return [...text.matchAll(IMPORT)].map(([, module, list, name]) => ({
    module: module!.replaceAll('::', '/'),
    imported: (list ?? name!).split(',').flatMap((one) => one.trim() || []),
  }));
}

/** The file that serves for an import. */
export function chosen(module: string, choose: Readonly<Record<string, string>>): string {
  const folder = module.slice(0, Math.max(module.lastIndexOf('/'), 0));
  return choose[folder] === undefined ? module : `${folder}/${choose[folder]}`;
}
