import { readFileSync } from 'node:fs';

/** The reference: a module for each entry of the package, from its doc comments. */

const { exports: entries } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const folders = Object.entries(entries).flatMap(([name, { types } = {}]) =>
  types ? [name.replace(/^\.\/?/, '')] : [],
);

export default {
  entryPoints: folders.map((folder) => ['../src', folder, 'index.ts'].filter(Boolean).join('/')),
  tsconfig: '../src/tsconfig.json',
  plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
  out: 'api',
  docsRoot: '.',
  name: 'Reference',
  readme: 'none',
  router: 'member',
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  hideBreadcrumbs: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  sort: ['source-order'],
  groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases'],
  validation: { notExported: false, invalidLink: true },
  treatWarningsAsErrors: false,
};
