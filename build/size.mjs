import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/** `npm run size`: what parts of the built package take in an app, bundled, minified and gzipped; `-- --json` as data. */

const dist = fileURLToPath(new URL('../dist', import.meta.url));

/** What an app may import, with the most bytes that it may take: what was reached, and a few percent. */
const APPS = [
  { name: 'layerNorm', imports: { index: 'createContext, layerNorm' }, limit: 59_900 },
  {
    name: 'layerNorm with its gradient',
    imports: { index: 'createContext, layerNormForward, layerNormBackward' },
    limit: 73_600,
  },
  { name: 'every function', imports: { index: '*' }, limit: 81_200 },
  { name: 'every function and layer', imports: { index: '*', layers: '*' }, limit: 88_100 },
  { name: 'reference', imports: { reference: '*' }, limit: 18_000 },
];

/** Bytes of each app. */
export async function measureSizes() {
  return Promise.all(
    APPS.map(async ({ name, imports, limit }) => {
      const chunks = await chunksOf(imports);
      const bytes = chunks.reduce((total, { code }) => total + gzipSync(code, { level: 9 }).length, 0);
      return { name, bytes, limit };
    }),
  );
}

async function chunksOf(imports) {
  const lines = Object.entries(imports).map(([entry, names]) => {
    const list = names === '*' ? names : `{ ${names} }`;
    return `export ${list} from ${JSON.stringify(join(dist, `${entry}.js`))};`;
  });
  const app = {
    name: 'app',
    resolveId: (id) => (id === 'app' ? id : null),
    load: (id) => (id === 'app' ? lines.join('\n') : null),
  };
  const { output } = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [app],
    build: {
      write: false,
      target: 'esnext',
      modulePreload: false,
      rolldownOptions: { input: 'app', preserveEntrySignatures: 'strict', output: { format: 'es' } },
    },
  });
  return output.filter(({ type }) => type === 'chunk');
}

/** The sizes as one sentence. */
export function sizesInWords(sizes) {
  return sizes.map(({ name, bytes }) => `${name} ${(bytes / 1000).toFixed(1)} KB`).join(', ');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const sizes = await measureSizes();
  if (process.argv.includes('--json')) console.log(JSON.stringify(sizes, null, 2));
  else for (const size of sizes) console.log(sizesInWords([size]), `of at most ${size.limit / 1000}`);
}
