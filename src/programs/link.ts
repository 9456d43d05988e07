/**
 * Links WGSL files that import from each other in the syntax of WESL: `import package::reduce::invocation::{lane_of};`.
 * A folder whose files offer the same names is a choice: `use` names the file that serves, whichever one an import names.
 */

/** The module that is not a file: what a plan declares for one pass. */
export const PASS_MODULE = 'pass';

const IMPORT = /^import package::([\w:]+?)::(?:\{[^}]*\}|\w+);\n/gm;
const DIRECTIVE = /^(?:enable|requires|diagnostic)\b[^;]*;\n/gm;

/**
 * One WGSL text of everything the root module imports, directives first.
 *
 * @throws Error where a file is missing.
 */
export function link(
  files: ReadonlyMap<string, string>,
  root: string,
  use: Readonly<Record<string, string>>,
  pass: string,
): string {
  const linked = new Set<string>();
  const directives = new Set<string>();
  const bodies: string[] = [];

  const visit = (module: string): void => {
    if (linked.has(module)) return;
    linked.add(module);
    const text = module === PASS_MODULE ? pass : files.get(module);
    if (text === undefined) throw new Error(`no shader file ${module}.wgsl`);
    for (const imported of importsOf(text)) visit(chosen(imported, use));
    for (const [directive] of text.matchAll(DIRECTIVE)) directives.add(directive);
    bodies.push(text.replace(IMPORT, '').replace(DIRECTIVE, '').trim());
  };

  visit(PASS_MODULE);
  visit(root);
  return `${[...directives].join('')}${bodies.join('\n\n')}\n`;
}

/** The modules a text imports, as paths. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1]!.replaceAll('::', '/'));
}

/** The file that serves for an import. */
export function chosen(module: string, use: Readonly<Record<string, string>>): string {
  const folder = module.slice(0, Math.max(module.lastIndexOf('/'), 0));
  return use[folder] === undefined ? module : `${folder}/${use[folder]}`;
}
