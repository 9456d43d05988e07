import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { minified, namesIn } from './minify-wgsl.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const shaders = here('../shaders');

/** What src/programs makes names of. */
const MADE = /^(?:packed|unpacked|single)_/;

/** Every shader file as the package has it, by its path below shaders/, without the ending. */
export function packagedShaders(): Map<string, string> {
  const files = filesIn(shaders, '.wgsl').map((name): [string, string] => [
    name.slice(0, -'.wgsl'.length),
    readFileSync(join(shaders, name), 'utf8'),
  ]);
  const programs = here('../src/programs');
  const known = new Set(
    filesIn(programs, '.ts').flatMap((name) =>
      namesIn(readFileSync(join(programs, name), 'utf8').replaceAll(/\/\*[^]*?\*\//g, '')),
    ),
  );
  return minified(new Map(files), (name) => known.has(name) || MADE.test(name));
}

function filesIn(folder: string, ending: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending));
  return files.map((name) => name.replaceAll('\\', '/')).sort();
}

/** Shaders go into the package minified. */
export const minifiedShaders: Plugin = {
  name: 'minified-shaders',
  apply: 'build',
  enforce: 'pre',
  load: (id) => {
    const [path, query] = id.split('?');
    if (!path?.endsWith('.wgsl') || query !== 'raw') return null;
    return `export default ${JSON.stringify(packaged().get(path.slice(shaders.length + 1, -'.wgsl'.length)))};`;
  },
};

let found: Map<string, string> | undefined;
const packaged = (): Map<string, string> => (found ??= packagedShaders());
