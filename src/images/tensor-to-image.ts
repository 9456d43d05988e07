import { checkEncoder, checkFloat, checkInputs, checkTensor } from '../calls/checks.ts';
import { NormError } from '../errors.ts';
import { checkAlone, checkFlags, checkNames } from '../options/checks.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { formatShape } from '../problem/shape.ts';
import { checkMethod } from '../runtime/arguments.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkImageLayout } from './arguments.ts';
import type { ImageLayout } from './arguments.ts';
import { checkChannels, componentsOf, normalizationOf, usualChannels } from './channels.ts';
import type { Channels, NormalizationOptions } from './channels.ts';
import { checkTexture, isTexture, viewOf } from './formats.ts';
import type { Format, TextureFacts } from './formats.ts';
import { parametersOf } from './parameters.ts';
import { bindingOf, partsOf } from './part.ts';
import { drawingProgram } from './programs.ts';
import { targetOf } from './target.ts';

/** How the numbers of a tensor become pixels. */
export interface TensorToImageOptions extends NormalizationOptions {
  /** Default: `'NCHW'`. */
  layout?: ImageLayout | undefined;
  /** The channels. Default: `'grayscale'` for 1, `'RGB'` for 3, `'RGBA'` for 4. */
  channels?: Channels | undefined;
  /** Whether colours are multiplied by alpha: what a canvas of `alphaMode: 'premultiplied'` takes. Default: false. */
  premultipliedAlpha?: boolean | undefined;
  /** Left out: the work is submitted. */
  encoder?: GPUCommandEncoder | undefined;
}

const OP = 'tensorToImage';
const NAMES = ['layout', 'channels', 'mean', 'std', 'premultipliedAlpha', 'encoder'];

/** Words of the struct `Image` of shaders/images/to_pixels.wgsl. */
const WORDS = 20;
/** The channel of a component that a tensor lacks: alpha, which is then 1. */
const NONE = 4;

/** A tensor of images, as its layout has it. */
interface Images {
  count: number;
  channels: number;
  height: number;
  width: number;
  /** Elements from one channel, row and column to the next. */
  strides: readonly number[];
}

/**
 * A tensor of images, [N,C,H,W] or [N,H,W,C], as the layers of a texture or as a canvas: value · std + mean, which of a normalized tensor
 * gives pixels from 0 to 1 again. Where the format holds those, numbers beyond are 0 or 1 and a NaN is 0; how they are rounded (to 8 bits,
 * to the nearest of 255 steps) is the format's own conversion. Formats of floats take numbers as they are. Colours are stored as they
 * are computed: those of an `-srgb` format are decoded before it encodes them. Drawn by a render pass, so the texture needs
 * RENDER_ATTACHMENT, which that of a canvas has. The tensor may be strided.
 *
 * @throws NormError `option` where an option is wrong or unknown, or it is no texture; `shape` unless there are 4 axes, an image a layer,
 * of the size of the texture, with 1, 3 or 4 channels that the format has components for; `dtype` for a tensor or texture of whole
 * numbers, depth or two components; `usage` for a texture that lacks RENDER_ATTACHMENT or is multisampled, or a canvas that is not configured;
 * `device` for a canvas of another device; `limit`, `layout`, `destroyed`, `lost`. A canvas stays as it is where a call is refused. A texture of another device is found by the device, which
 * tells by its `uncapturederror` event.
 * @example const canvas = document.querySelector('canvas')!.getContext('webgpu')!;
 * canvas.configure({ device: context.device, format: navigator.gpu.getPreferredCanvasFormat() });
 * tensorToImage(y, canvas, { ...IMAGENET });
 */
export function tensorToImage(
  tensor: Tensor<FloatDtype>,
  target: GPUTexture | GPUCanvasContext,
  options: TensorToImageOptions = {},
  ...more: readonly never[]
): void {
  checkAlone(OP, more);
  checkTensor(OP, 'the tensor', tensor);
  checkNames(OP, options, NAMES);
  const { runtime } = tensor;
  checkInputs(OP, runtime, { 'the tensor': tensor });
  checkFloat(OP, 'the tensor', tensor);
  const { layout = 'NCHW', premultipliedAlpha = false, encoder } = options;
  checkImageLayout(OP, layout);
  checkFlags(OP, options, ['premultipliedAlpha']);
  // An open compute pass has no room for a render pass.
  if (encoder !== undefined) checkMethod(OP, 'encoder', encoder, 'a GPUCommandEncoder', 'beginRenderPass');
  checkEncoder(OP, encoder);
  const images = imagesOf(tensor, layout);
  const { channels = usualChannels(OP, images.channels) } = options;
  checkChannels(OP, channels);
  checkChannelCount(images, channels);
  const normalization = normalizationOf(OP, options, channels);
  const { facts, take } = targetOf(OP, target, runtime.device);
  const format = checkTexture(OP, 'the texture', facts, 'RENDER_ATTACHMENT');
  checkComponents(channels, format, facts);
  checkFit(images, facts, target);
  const drawing = { ...normalization, channels, premultipliedAlpha };
  const parts = partsOf(OP, tensor);
  if (runtime.planned) return;
  draw(tensor, take(), { images, format, parts, drawing, encoder });
}

/** @throws NormError `shape` unless it has four axes. */
function imagesOf({ shape, strides }: Tensor, layout: ImageLayout): Images {
  if (shape.length !== 4) {
    throw new NormError(
      'shape',
      `${OP}: the tensor ${formatShape(shape)} has ${shape.length} axes; ${layout} has 4, reshape it to [1,…] for one image`,
    );
  }
  const at = (letter: string): number => layout.indexOf(letter);
  const [count, channels, height, width] = [...'NCHW'].map((letter) => shape[at(letter)]!);
  const between = [...'CHW'].map((letter) => strides[at(letter)]!);
  return { count: count!, channels: channels!, height: height!, width: width!, strides: between };
}

/** @throws NormError `shape` where the tensor has not as many channels as are named. */
function checkChannelCount(images: Images, channels: Channels): void {
  const { length } = componentsOf(channels);
  if (length === images.channels) return;
  throw new NormError('shape', `${OP}: ${channels} has ${length} channels, but the tensor has ${images.channels}`);
}

/** @throws NormError `shape` where channels would be lost. */
function checkComponents(channels: Channels, { components }: Format, { format }: TextureFacts): void {
  const { length } = componentsOf(channels);
  if (length <= components) return;
  throw new NormError('shape', `${OP}: the format ${format} has ${components} components, but ${channels} ${length}`);
}

/** @throws NormError `shape` unless the images are the layers. */
function checkFit({ count, height, width }: Images, texture: TextureFacts, target: unknown): void {
  if (height !== texture.height || width !== texture.width) {
    const what = isTexture(target) ? 'the texture' : 'the canvas';
    throw new NormError(
      'shape',
      `${OP}: the tensor has images of ${width} by ${height} pixels, but ${what} is of ${texture.width} by ${texture.height}`,
    );
  }
  if (count !== texture.depthOrArrayLayers) {
    throw new NormError(
      'shape',
      `${OP}: the tensor has ${count} images, but there are ${texture.depthOrArrayLayers} layers; tensor.slice(0, index, index + 1) is one of them`,
    );
  }
}

interface Drawing {
  images: Images;
  format: Format;
  parts: readonly Tensor[];
  drawing: Record<'mean' | 'std', readonly number[]> & { channels: Channels; premultipliedAlpha: boolean };
  encoder: GPUCommandEncoder | undefined;
}

/** Records a render pass a layer, and submits them where there is no encoder. */
function draw(tensor: Tensor, texture: GPUTexture, { images, format, parts, drawing, encoder }: Drawing): void {
  const { runtime, dtype } = tensor;
  const { device } = runtime;
  const { pipeline, layout } = drawingProgram(device, texture.format, dtype as FloatDtype);
  const components = componentsOf(drawing.channels);
  const channelOf = (component: number): number => {
    const channel = components.indexOf(drawing.channels === 'grayscale' && component < 3 ? 0 : component);
    return channel < 0 ? NONE : channel;
  };
  const channels = [0, 1, 2, 3].map(channelOf);
  const structs = parts.map(({ elementOffset }) => [
    [0, 'f32', ...channels.map((channel) => drawing.mean[channel] ?? 0)] as const,
    [4, 'f32', ...channels.map((channel) => drawing.std[channel] ?? 0)] as const,
    [8, 'u32', ...channels] as const,
    [12, 'u32', ...images.strides, elementOffset] as const,
    [16, 'u32', ...[drawing.premultipliedAlpha, format.linear, format.bounded].map(Number)] as const,
  ]);
  const parameters = parametersOf(runtime, WORDS, structs, encoder);
  const commands = encoder ?? device.createCommandEncoder({ label: 'webgpu-norm images' });
  parts.forEach(({ range }, layer) => {
    const view = viewOf(texture, layer);
    const pass = commands.beginRenderPass({ colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }] });
    const entries = [parameters[layer]!, bindingOf(range)].map((resource, binding) => ({ binding, resource }));
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ label: 'webgpu-norm images', layout, entries }));
    pass.draw(3);
    pass.end();
  });
  if (encoder) runtime.mention(encoder, [tensor.range]);
  else device.queue.submit([commands.finish()]);
}
