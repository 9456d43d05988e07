import type { FloatDtype } from '../problem/dtype.ts';
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

/** How the pixels of an image are found: as they are, or by a filter. */
export type Filter = 'none' | 'bilinear' | 'bicubic';

interface Program<Pipeline> {
  pipeline: Pipeline;
  layout: GPUBindGroupLayout;
}

const compiled = new WeakMap<GPUDevice, Map<string, unknown>>();

/** `GPUShaderStage`, which runtimes that are no browser need not define as a global. */
const Stage = { FRAGMENT: 2, COMPUTE: 4 } as const;

/** The invocations of a workgroup, as in shaders/images/from_pixels.wgsl. */
export const WORKGROUP = 64;

/** What reads an image into a tensor. */
export function readingProgram(
  device: GPUDevice,
  source: 'texture' | 'external',
  filter: Filter,
  dtype: FloatDtype,
): Program<GPUComputePipeline> {
  return programOf(device, `webgpu-norm from_pixels ${source} ${filter} ${dtype}`, (label) => {
    const code = textOf('images/from_pixels', {
      'images/source': source,
      'images/sampling': filter === 'none' ? 'exact' : 'filtered',
      'images/filter': filter === 'none' ? 'bilinear' : filter,
      'images/numbers': dtype,
    });
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

/** What draws a tensor into textures of a format. Each stage has one entry point, so that none is named. */
export function drawingProgram(
  device: GPUDevice,
  format: GPUTextureFormat,
  dtype: FloatDtype,
): Program<GPURenderPipeline> {
  return programOf(device, `webgpu-norm to_pixels ${format} ${dtype}`, (label) => {
    const module = device.createShaderModule({
      label,
      code: textOf('images/to_pixels', { 'images/numbers': dtype }),
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

/** The files that convert halves ask whether they are compiled for many at once. */
function textOf(root: string, choose: Readonly<Record<string, string>>): string {
  return link(files, root, choose, () => 'const AT_ONCE = 4u;');
}
