import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';

/** Textures of the app's: what their formats hold, and whether a call can have them. */

/** `GPUTextureUsage`, which runtimes that are no browser need not define as a global. */
export const TextureUsage = { COPY_DST: 0x2, TEXTURE_BINDING: 0x4, RENDER_ATTACHMENT: 0x10 } as const;

/** Facts about a texture format. */
export interface Format {
  /** Numbers a pixel: 1, 3 or 4. */
  components: 1 | 3 | 4;
  /** Whether the device decodes sRGB when it reads, and encodes when it writes. */
  linear: boolean;
  /** Whether numbers are from 0 to 1. */
  bounded: boolean;
}

/** What a call asks of a texture before it has it. */
export type TextureFacts = Pick<
  GPUTexture,
  'format' | 'usage' | 'dimension' | 'sampleCount' | 'width' | 'height' | 'depthOrArrayLayers'
>;

const NO_FLOATS = /uint|sint|depth|stencil/;
const ONE = /^r\d|^bc4-r-|^eac-r11/;
const TWO = /^rg\d+[a-z]*$|^bc5-rg-|^eac-rg11/;
const THREE = /^rg11b10|^rgb9e5|^bc6h-rgb-|^etc2-rgb8unorm/;

/** Whether it is a texture, of whatever realm or runtime. */
export function isTexture(value: unknown): value is GPUTexture {
  const given = value as Partial<GPUTexture> | null | undefined;
  try {
    return typeof given?.createView === 'function' && typeof given.format === 'string';
  } catch {
    return false; // A Proxy of one, whose properties cannot be read.
  }
}

/** What is no texture in a message: a Proxy of one looks like it. */
export function formatOther(value: unknown): string {
  const text = formatValue(value);
  return text === 'a GPUTexture' ? 'a Proxy of a GPUTexture' : text;
}

/**
 * The facts about a texture's format, where a call can have the texture.
 *
 * @throws NormError `dtype` for a format of whole numbers, depth or two components, `usage` where it lacks the usage, is multisampled or
 * not two-dimensional.
 */
export function checkTexture(
  op: string,
  name: string,
  texture: TextureFacts,
  usage: 'TEXTURE_BINDING' | 'RENDER_ATTACHMENT',
): Format {
  const { format, dimension, sampleCount } = texture;
  if (NO_FLOATS.test(format) || TWO.test(format)) {
    throw new NormError(
      'dtype',
      `${op}: ${name} has the format ${format}; it must have one of floats or normalized numbers with 1, 3 or 4 components, rgba8unorm for example`,
    );
  }
  if (dimension !== '2d') {
    throw new NormError('usage', `${op}: ${name} has the dimension ${dimension}; it must be 2d`);
  }
  if (sampleCount > 1) {
    throw new NormError(
      'usage',
      `${op}: ${name} has ${sampleCount} samples a pixel; resolve it into a texture that has one`,
    );
  }
  if (!(texture.usage & TextureUsage[usage])) {
    throw new NormError('usage', `${op}: ${name} was made without GPUTextureUsage.${usage}, which the call needs`);
  }
  const components = ONE.test(format) ? 1 : THREE.test(format) ? 3 : 4;
  return { components, linear: format.endsWith('-srgb'), bounded: format.includes('unorm') };
}

/** One layer, of which the first level is read or written. */
export function viewOf(texture: GPUTexture, layer: number): GPUTextureView {
  return texture.createView({ dimension: '2d', baseArrayLayer: layer, arrayLayerCount: 1, mipLevelCount: 1 });
}
