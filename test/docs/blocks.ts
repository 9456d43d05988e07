import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as images from '../../src/images/index.ts';
import * as norm from '../../src/index.ts';
import * as layers from '../../src/layers/index.ts';
import { GIVEN_IN } from '../package/examples.ts';

/** The TypeScript blocks of README and docs, as files that a compiler reads. */

/** A block, and the line that it begins on. */
export interface Block {
  page: string;
  place: string;
  code: string;
}

/** Tensors and numbers of the text around a block, besides those of doc comments. */
const TOLD = `
declare const residualOut: norm.Tensor, dresidualOut: norm.Tensor, gate: norm.Tensor, z: norm.Tensor, identity: norm.Tensor;
declare const scale: norm.Tensor, shift: norm.Tensor, mask: norm.Tensor, meanScale: norm.Tensor, inputBias: norm.Tensor, q: norm.Tensor, f: norm.Tensor;
declare const stream: norm.Tensor, projected: norm.Tensor, calibrated: norm.Tensor;
declare const cos: norm.Tensor, sin: norm.Tensor, positions: norm.Tensor;
declare const size: number, width: number;
`;

/** What surrounds calls in an app of WebGPU; of WebNN there are no types. */
const TOLD_WEBGPU = `
import tgpu from 'typegpu';
import * as d from 'typegpu/data';
declare const embed: GPUComputePipeline, attend: GPUComputePipeline, group: GPUBindGroup, other: GPUBindGroup;
declare const n: number, m: number, canvas: HTMLCanvasElement;
declare const ml: any, graph: any, outputs: any;
`;

/** What the blocks of a page take for granted: declarations, and the entries whose names they call. */
interface Setting {
  given: string;
  entries: Readonly<Record<string, object>>;
}

const COMMON: Setting = {
  given: GIVEN_IN.others + TOLD,
  entries: { 'webgpu-norm': norm, 'webgpu-norm/layers': layers },
};

/** The setting of a page that has the name of an entry, `docs/onnx.md` for one, is that of the entry's own examples. */
const SETTINGS = new Map<string, Setting>([
  [
    'docs/webgpu.md',
    { given: COMMON.given + TOLD_WEBGPU, entries: { 'webgpu-norm': norm, 'webgpu-norm/images': images } },
  ],
]);
const modules = import.meta.glob<object>('../../src/*/index.ts');
for (const [folder, given] of Object.entries(GIVEN_IN)) {
  const load = modules[`../../src/${folder}/index.ts`];
  if (!load || folder === 'reference') continue;
  SETTINGS.set(`docs/${folder}.md`, {
    given,
    entries: { 'webgpu-norm': norm, [`webgpu-norm/${folder}`]: await load() },
  });
}

export function pagesIn(root: string): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.toSorted().map((name) => `docs/${name}`)];
}

/** All but those that print a file of the examples, which is compiled where it is. */
export function blocksIn(root: string): Block[] {
  const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'examples', name), 'utf8'));
  return pagesIn(root).flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const blocks = Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ({ index, 1: code }) => ({
      page,
      place: `${page}, line ${text.slice(0, index).split('\n').length}`,
      code: code!,
    }));
    return blocks.filter(({ code }) => !examples.includes(code));
  });
}

/** Whether it runs as printed: it imports what it calls, and opens a GPU or needs none. */
export function isProgram({ code }: Block): boolean {
  return /^import /m.test(code) && (/\bcreateContext\(/.test(code) || code.includes("'webgpu-norm/reference'"));
}

/** What stands for `@tensorflow/tfjs`, whose parts are installed. */
const TENSORFLOW = fileURLToPath(new URL('../package/consumer/tensorflow.js', import.meta.url));

/** A module of one function, which does what the block says: imports stand before it, with what the text takes for granted. */
export function moduleOf(block: Block): string {
  if (isProgram(block)) return `${block.code}\nexport {};\n`;
  const { given, entries } = SETTINGS.get(block.page) ?? COMMON;
  const imports = Array.from(block.code.matchAll(/^import [^;]*;$/gm), ([line]) => line);
  const taken = new Set(imports.join(' ').match(/\w+/g));
  const others = Object.entries(entries).map(([entry, exported]) => {
    const names = Object.keys(exported).filter((name) => !taken.has(name));
    for (const name of names) taken.add(name);
    return `import { ${names.join(', ')} } from '${entry}';`;
  });
  const imported = new Set(imports.flatMap((line) => /\* as (\w+)/.exec(line)?.[1] ?? []));
  const told = given.split('\n').filter((line) => !imported.has(/^import \* as (\w+)/.exec(line)?.[1] ?? ''));
  const body = imports.reduce((code, line) => code.replace(line, ''), block.code);
  const text = [...imports, ...others, ...told, `export async function block() {\n${body}}\n`].join('\n');
  return text.replaceAll(/'(@tensorflow\/tfjs|\.\/tensorflow\.js)'/g, `'${TENSORFLOW}'`);
}
