import { wholeWords } from '../problem/dtype.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { isComputePass } from '../runtime/encoder.ts';
import type { Encoder } from '../runtime/encoder.ts';
import type { BufferRange } from '../runtime/storage.ts';
import { failureOf } from '../runtime/failure.ts';
import { putInDoubt } from '../runtime/doubts.ts';
import { mention } from '../runtime/submissions.ts';
import type { Tensor } from '../runtime/tensor.ts';
import type { ImageLayout } from './arguments.ts';
import { componentsOf } from './channels.ts';
import type { Channels } from './channels.ts';
import type { Geometry } from './geometry.ts';
import { parametersOf } from './parameters.ts';
import { bindingOf, partsOf } from './part.ts';
import { readingProgram, STRETCH, TILE } from './programs.ts';
import type { Filter } from './programs.ts';
import type { Opened, Source } from './source.ts';

/** How images are read, all of a call alike. */
export interface Reading {
  mean: readonly number[];
  std: readonly number[];
  layout: ImageLayout;
  channels: Channels;
  interpolation: 'bilinear' | 'bicubic';
  antialias: boolean;
  fill: number;
  background: readonly number[] | null;
  premultipliedAlpha: boolean;
}

/** Words of the struct `Image` of shaders/images/image.wgsl. */
const WORDS = 32;

/**
 * Reads images into a tensor, one dispatch each; submits where there is no encoder.
 *
 * @throws NormError `limit` where an image of the tensor is larger than a binding, `usage` where the browser does not give an image.
 */
export function readInto(
  tensor: Tensor,
  sources: readonly Source[],
  geometries: readonly Geometry[],
  reading: Reading,
  encoder: Encoder | undefined,
): void {
  const { runtime } = tensor;
  const { device } = runtime;
  const parts = partsOf('tensorFromImage', tensor);
  const opened: Opened[] = [];
  const work = (): void => {
    for (const source of sources) opened.push(source.open());
    const structs = sources.map((source, index) => structOf(source, geometries[index]!, parts[index]!, reading));
    const parameters = parametersOf(runtime, WORDS, structs, encoder);
    const commands = encoder ?? device.createCommandEncoder({ label: 'webgpu-norm images' });
    const pass = isComputePass(commands) ? commands : commands.beginComputePass();
    sources.forEach((source, index) => {
      const { size } = source;
      const { resized } = geometries[index]!;
      const same = size !== null && size[0] === resized[0] && size[1] === resized[1];
      const filter: Filter = same ? 'none' : reading.interpolation;
      const { pipeline, layout } = readingProgram(device, source.kind, filter, tensor.dtype as FloatDtype);
      const part = parts[index]!;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, groupOf(device, layout, parameters[index]!, part.range, opened[index]!));
      pass.dispatchWorkgroups(...workgroupsOf(part, geometries[index]!));
    });
    if (commands === pass) return;
    pass.end();
    if (!encoder) device.queue.submit([(commands as GPUCommandEncoder).finish()]);
  };
  try {
    putInDoubt(tensor.range, failureOf(device, 'validation', 'tensorFromImage', work));
    if (encoder) runtime.mention(encoder, [tensor.range]);
  } finally {
    release(device, opened, encoder);
  }
}

/** A workgroup a tile of pixels, or a stretch of words that hold two halves each. */
function workgroupsOf({ runtime, dtype, byteOffset, byteLength }: Tensor, { size }: Geometry): [number, number] {
  if (dtype === 'f32') return [Math.ceil(size[1] / TILE.width), Math.ceil(size[0] / TILE.height)];
  const workgroups = Math.ceil(wholeWords((byteOffset % 4) + byteLength) / 4 / STRETCH);
  const across = Math.min(workgroups, runtime.device.limits.maxComputeWorkgroupsPerDimension);
  return [across, Math.ceil(workgroups / across)];
}

/** Gives up what was made for the call: at once, or when the encoder was submitted. */
function release({ queue }: GPUDevice, opened: readonly Opened[], encoder: Encoder | undefined): void {
  const textures = opened.flatMap(({ made }) => made ?? []);
  if (encoder && textures.length > 0) {
    const onSettled = (): void => textures.forEach((texture) => texture.destroy());
    mention(queue, encoder, [{ pending: 0, untold: false, onSettled }]);
  } else textures.forEach((texture) => texture.destroy());
}

function structOf({ format, size }: Source, geometry: Geometry, { elementOffset }: Tensor, reading: Reading) {
  const { layout, channels, interpolation, antialias, fill, background, premultipliedAlpha } = reading;
  const { resized, crop } = geometry;
  const components = componentsOf(channels);
  const grey = channels === 'grayscale';
  // A texture of one component has it as red; alpha is 1.
  const stored = components.map((component) => (format.components === 1 && component < 3 ? 0 : component));
  return [
    [0, 'f32', ...reading.mean],
    [4, 'f32', ...reading.std],
    [8, 'f32', ...(background ? [...background, 1] : [])],
    [12, 'u32', ...stored],
    [16, 'u32', geometry.size[1], geometry.size[0]],
    [18, 'u32', resized[1], resized[0]],
    [20, 'i32', crop[1], crop[0]],
    [22, 'u32', elementOffset, components.length, Number(layout === 'NHWC')],
    [25, 'f32', fill],
    [26, 'u32', Number(grey && format.components > 1), Number(premultipliedAlpha), Number(format.linear)],
    [29, 'u32', Number(interpolation === 'bicubic' && (format.bounded || size === null)), Number(antialias)],
  ] as const;
}

function groupOf(
  device: GPUDevice,
  layout: GPUBindGroupLayout,
  parameters: GPUBufferBinding,
  numbers: BufferRange,
  { resource }: Opened,
): GPUBindGroup {
  return device.createBindGroup({
    label: 'webgpu-norm images',
    layout,
    entries: [
      { binding: 0, resource: parameters },
      { binding: 1, resource: bindingOf(numbers) },
      { binding: 2, resource },
    ],
  });
}
