import { checkEncoder, checkFloat, checkInputs, checkTensor } from '../calls/checks.ts';
import { NormError } from '../errors.ts';
import { checkAlone, checkChoice, checkFinite, checkFlags, checkNames } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { formatShape, isSameShape } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { checkContext } from '../runtime/context.ts';
import type { Context } from '../runtime/context.ts';
import type { EncoderOptions } from '../runtime/encoder.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkFloatName, checkImageLayout } from './arguments.ts';
import type { ImageLayout } from './arguments.ts';
import { checkChannels, componentsOf, normalizationOf, perChannel } from './channels.ts';
import type { Channels, NormalizationOptions, PerChannel } from './channels.ts';
import { isTexture } from './formats.ts';
import { checkAlike, checkGeometry, geometryOf, isFixed } from './geometry.ts';
import type { GeometryOptions } from './geometry.ts';
import { readInto } from './read.ts';
import type { Reading } from './read.ts';
import { isConverted, sourcesOf } from './source.ts';
import type { ImageSource, Source } from './source.ts';

/** Options by which a tensor is made of an image. */
export interface TensorFromImageOptions<D extends FloatDtype = FloatDtype>
  extends NormalizationOptions, GeometryOptions, EncoderOptions {
  /** Default: `'NCHW'`. */
  layout?: ImageLayout | undefined;
  /** Default: `'f32'`, or that of `out`. */
  dtype?: D | undefined;
  /**
   * Default: `'RGB'`. `'grayscale'` is the luma 0.299 R + 0.587 G + 0.114 B (ITU-R 601-2, as Pillow's `convert('L')` and torchvision),
   * of values as they are stored. A texture of one component is grey: each colour is it.
   */
  channels?: Channels | undefined;
  /** How a resized image is sampled: `'bilinear'` (default) or `'bicubic'`, whose cubic has a = −1/2, as Pillow's. */
  interpolation?: 'bilinear' | 'bicubic' | undefined;
  /**
   * Whether the filter grows where the image shrinks, so that every pixel counts, as of Pillow and torchvision. Default: true. `false`, of
   * bilinear alone, takes the four pixels next to each point, as OpenCV's `INTER_LINEAR` and `tf.image.resize` do.
   */
  antialias?: boolean | undefined;
  /** The value around an image smaller than `centerCrop`, in every channel, before it is normalized. Default: 0. */
  fill?: number | undefined;
  /** Red, green and blue, or a number for grey, from 0 to 1: what shows through transparent pixels. Default: alpha is ignored. */
  background?: PerChannel | undefined;
  /** Of a GPUTexture: whether its colours were multiplied by alpha, by which they are then divided. Default: false. */
  premultipliedAlpha?: boolean | undefined;
  /** The colour space that the browser converts an image to: `'srgb'` (default) or `'display-p3'`. Numbers of textures and of bytes are taken as they are. */
  colorSpace?: PredefinedColorSpace | undefined;
  /** A tensor for the result, contiguous. Default: a new one. */
  out?: Tensor<D> | undefined;
}

const OP = 'tensorFromImage';
const NAMES = [
  'layout',
  'dtype',
  'channels',
  'mean',
  'std',
  'resize',
  'centerCrop',
  'interpolation',
  'antialias',
  'fill',
  'background',
  'premultipliedAlpha',
  'colorSpace',
  'out',
  'encoder',
];

/**
 * An image as a tensor of one image, [1,C,H,W] or [1,H,W,C], or several as a batch [N,…]: (pixel − mean) / std, pixels from 0 to 1, in
 * one dispatch an image and without a copy through the CPU; resized and cropped before, as torchvision's
 * `Compose([Resize(r), CenterCrop(c), ToTensor(), Normalize(mean, std)])` does, in floats throughout. Of a texture each layer is an image, its
 * first level. What is no texture is copied into one of 8 bits a component at the call.
 *
 * Into an open compute pass record textures: what is no texture is better recorded on a command encoder, which tells when the texture it was
 * copied into is done with; in a pass that is left to the garbage collector.
 *
 * Colours are those that are stored (an `-srgb` texture's are encoded again), not multiplied by alpha. Each channel is resized by
 * itself, after `background`.
 *
 * @throws NormError `option` where an option is wrong or unknown, or it is no image; `shape` where an image has no size (it is not
 * loaded), those of a batch become different sizes, or `out` has another; `destroyed` where a VideoFrame or ImageBitmap was closed;
 * `dtype` for a texture of whole numbers, depth or two components; `usage` for one that lacks TEXTURE_BINDING, is multisampled, or where
 * the browser does not give an image (of another origin); `limit`, `layout`, `device`, `lost`. A texture of another device, or one that was destroyed, is found by
 * the device: `await x.read()` rejects with `device` or `destroyed`.
 * @example const x = tensorFromImage(context, image, { ...IMAGENET, resize: 256, centerCrop: 224 }); // [1,3,224,224]
 * tensorFromImage(context, video, { layout: 'NHWC', dtype: 'f16', resize: [192, 192], mean: 0.5, std: 0.5 });
 * tensorFromImage(context, texture, { channels: 'BGR', mean: [103.939 / 255, 116.779 / 255, 123.68 / 255], std: 1 / 255 }); // Caffe's
 */
export function tensorFromImage<D extends FloatDtype>(
  context: Context,
  image: ImageSource | readonly ImageSource[],
  options: TensorFromImageOptions<D> & ({ dtype: D } | { out: Tensor<D> }),
  ...more: readonly never[]
): Tensor<NoInfer<D>>;
export function tensorFromImage<D extends FloatDtype = 'f32'>(
  context: Context,
  image: ImageSource | readonly ImageSource[],
  options?: TensorFromImageOptions<D>,
  ...more: readonly never[]
): Tensor<NoInfer<D> | 'f32'>;
export function tensorFromImage(
  context: Context,
  image: ImageSource | readonly ImageSource[],
  options: TensorFromImageOptions = {},
  ...more: readonly never[]
): Tensor<FloatDtype> {
  checkAlone(OP, more);
  checkContext(OP, context);
  checkNames(OP, options, NAMES);
  const reading = readingOf(options);
  const images: readonly unknown[] = Array.isArray(image) ? Array.from(image as readonly unknown[]) : [image];
  if (images.length === 0) throw new NormError('shape', `${OP}: there is no image; give one, or an Array of some`);
  checkAlpha(images, options);
  const { runtime } = context;
  runtime.checkAlive(OP);
  const sources = images.flatMap((one) => sourcesOf(OP, context.device, one, options.colorSpace));
  checkSized(sources, options);
  const geometries = sources.map(({ size }) => geometryOf(OP, size ?? [1, 1], options));
  checkAlike(
    OP,
    geometries.map(({ size }) => size),
  );
  const [height, width] = geometries[0]!.size;
  const channels = componentsOf(reading.channels).length;
  const shape =
    reading.layout === 'NCHW' ? [sources.length, channels, height, width] : [sources.length, height, width, channels];
  const { dtype, out } = options;
  if (out !== undefined) checkOut(context, out, shape, dtype);
  const tensor = out ?? context.empty(shape, { dtype: dtype ?? 'f32', label: OP });
  if (runtime.planned) return tensor;
  try {
    readInto(tensor, sources, geometries, reading, options.encoder);
  } catch (error) {
    if (out === undefined) tensor.destroy();
    throw error;
  }
  return tensor;
}

/** @throws NormError. */
function readingOf(options: TensorFromImageOptions): Reading {
  const { layout = 'NCHW', channels = 'RGB', interpolation = 'bilinear', antialias = true, fill = 0 } = options;
  const { background, premultipliedAlpha = false } = options;
  checkImageLayout(OP, layout);
  checkChannels(OP, channels);
  checkChoice(OP, 'interpolation', interpolation, ['bilinear', 'bicubic']);
  checkFlags(OP, options, ['antialias', 'premultipliedAlpha']);
  if (interpolation === 'bicubic' && !antialias) {
    throw new NormError('option', `${OP}: bicubic interpolation is antialiased; leave antialias out`);
  }
  checkFinite(OP, 'fill', fill);
  checkGeometry(OP, options);
  checkEncoder(OP, options.encoder);
  if (options.dtype !== undefined) checkFloatName(OP, options.dtype);
  return {
    ...normalizationOf(OP, options, channels),
    layout,
    channels,
    interpolation,
    antialias,
    fill,
    background: background === undefined ? null : backgroundOf(background),
    premultipliedAlpha,
  };
}

/** @throws NormError `option` unless it is a colour as pixels are, not of bytes. */
function backgroundOf(background: PerChannel): readonly number[] {
  const colour = perChannel(OP, 'background', background, 'RGB', 3);
  if (colour.every((one) => one >= 0 && one <= 1)) return colour;
  throw new NormError('option', `${OP}: background is ${formatValue(background)}; it must be from 0 to 1`);
}

/** @throws NormError `option` where how pixels are stored is told of what tells it itself, or cannot be converted. */
function checkAlpha(images: readonly unknown[], { premultipliedAlpha, colorSpace }: TensorFromImageOptions): void {
  if (colorSpace !== undefined) checkChoice(OP, 'colorSpace', colorSpace, ['srgb', 'display-p3']);
  if (premultipliedAlpha && !images.every(isTexture)) {
    throw new NormError('option', `${OP}: premultipliedAlpha is for a GPUTexture; what the browser copies is not`);
  }
  if (colorSpace !== undefined && !images.every(isConverted)) {
    throw new NormError(
      'option',
      `${OP}: colorSpace is what the browser converts its own images to; of a texture or of bytes the numbers are taken as they are`,
    );
  }
}

/** @throws NormError `option` where the result depends on the size of an image that nobody tells. */
function checkSized(sources: readonly Source[], options: TensorFromImageOptions): void {
  if (sources.every(({ size }) => size) || isFixed(options)) return;
  throw new NormError('option', `${OP}: a GPUExternalTexture does not tell its size; give resize: [height, width]`);
}

/** @throws NormError where the result cannot go there. */
function checkOut({ runtime }: Context, out: unknown, shape: Shape, dtype: FloatDtype | undefined): void {
  checkTensor(OP, 'out', out);
  checkInputs(OP, runtime, { out });
  checkFloat(OP, 'out', out);
  if (dtype !== undefined && dtype !== out.dtype) {
    throw new NormError('dtype', `${OP}: out holds ${out.dtype}, but dtype is ${dtype}; give one of them`);
  }
  if (!isSameShape(out.shape, shape) || !out.contiguous) {
    const given = out.contiguous ? '' : ' and strides';
    throw new NormError(
      'shape',
      `${OP}: out has shape ${formatShape(out.shape)}${given}, but the result is ${formatShape(shape)}, contiguous`,
    );
  }
}
