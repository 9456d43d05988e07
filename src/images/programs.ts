import type { FloatDtype } from '../problem/dtype.ts';
import { perWord } from '../problem/dtype.ts';
import { link } from '../programs/link.ts';

/** Pipelines between pixels and tensors: one for each kind of call, of whatever size, compiled when first asked for. */

const PREFIX = '../../shaders/';

const files: ReadonlyMap<string, string> = new Map(
  Object.entries(
    import.meta.glob<string>(['../../shaders/images/**/*.wgsl', '../../shaders/storage/*f16.wgsl'], {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  ).map(([path, text]) => [path.slice(PREFIX.length, -'.wgsl'.length), text]),
);

/** The binding of an image: a texture, or a frame of a video that the app imported. */
type Source = 'texture' | 'external';

const SOURCES: Readonly<Record<Source, string>> = {
  texture: declareSource('texture_2d<f32>', 'source, at, 0'),
  external: declareSource('texture_external', 'source, at'),
};

/** How the pixels of an image are found: as they are, or by a filter. */
export type Filter = 'none' | 'bilinear' | 'bicubic';

interface Program<Pipeline> {
  pipeline: Pipeline;
  layout: GPUBindGroupLayout;
}

const compiled = new WeakMap<GPUDevice, Map<string, unknown>>();

/** `GPUShaderStage`, which runtimes that are no browser need not define as a global. */
const Stage = { FRAGMENT: 2, COMPUTE: 4 } as const;

/** The pixels of a workgroup, and its words of two halves, as in shaders/images/from_pixels.wgsl and from_pixels_halves.wgsl. */
export const TILE = { width: 16, height: 4 } as const;
export const STRETCH = 64;

/** The program that reads an image into a tensor. */
export function readingProgram(
  device: GPUDevice,
  source: Source,
  filter: Filter,
  dtype: FloatDtype,
): Program<GPUComputePipeline> {
  return programOf(device, `webgpu-norm from_pixels ${source} ${filter} ${dtype}`, (label) => {
    const flags = `const FILTERED = ${filter !== 'none'};\nconst BICUBIC = ${filter === 'bicubic'};\n`;
    const root = dtype === 'f32' ? 'images/from_pixels' : 'images/from_pixels_halves';
    const code = textOf(root, dtype, flags + SOURCES[source]);
    const image: Partial<GPUBindGroupLayoutEntry> =
      source === 'external' ? { externalTexture: {} } : { texture: { sampleType: 'unfilterable-float' } };
    const entries = [{ buffer: { type: 'uniform' } } as const, { buffer: { type: 'storage' } } as const, image];
    const layout = layoutOf(device, label, Stage.COMPUTE, entries);
    const pipeline = device.createComputePipeline({
      label,
      layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ label, code }), entryPoint: 'main' },
    });
    return { pipeline, layout };
  });
}

/** The program that draws a tensor into textures of a format. Each stage has one entry point, so that none is named. */
export function drawingProgram(
  device: GPUDevice,
  format: GPUTextureFormat,
  dtype: FloatDtype,
): Program<GPURenderPipeline> {
  return programOf(device, `webgpu-norm to_pixels ${format} ${dtype}`, (label) => {
    const module = device.createShaderModule({
      label,
      code: textOf('images/to_pixels', dtype),
    });
    const entries = [{ buffer: { type: 'uniform' } } as const, { buffer: { type: 'read-only-storage' } } as const];
    const layout = layoutOf(device, label, Stage.FRAGMENT, entries);
    const pipeline = device.createRenderPipeline({
      label,
      layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      vertex: { module },
      fragment: { module, targets: [{ format }] },
    });
    return { pipeline, layout };
  });
}

function programOf<Found>(device: GPUDevice, label: string, compile: (label: string) => Found): Found {
  let programs = compiled.get(device);
  if (!programs) compiled.set(device, (programs = new Map()));
  let program = programs.get(label);
  if (program === undefined) programs.set(label, (program = compile(label)));
  return program as Found;
}

function layoutOf(
  device: GPUDevice,
  label: string,
  visibility: number,
  entries: readonly Partial<GPUBindGroupLayoutEntry>[],
): GPUBindGroupLayout {
  return device.createBindGroupLayout({
    label,
    entries: entries.map((entry, binding) => ({ ...entry, binding, visibility })),
  });
}

/** The binding of an image, and a pixel of it as it is stored. */
function declareSource(type: string, read: string): string {
  return `@group(0) @binding(2) var source: ${type};\nfn texel(at: vec2u) -> vec4f { return textureLoad(${read}); }`;
}

/** A program for tensors of a dtype. The files that convert halves ask whether they are compiled for many at once. */
function textOf(root: string, dtype: FloatDtype, declared = ''): string {
  const numbers = [
    'const AT_ONCE = 4u;',
    `const PER_WORD = ${perWord(dtype)}u;`,
    `const IS_F16 = ${dtype === 'f16'};`,
    `const IS_BF16 = ${dtype === 'bf16'};`,
  ];
  return link(files, root, {}, () => [...numbers, declared].join('\n'));
}
