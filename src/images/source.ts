import { NormError } from '../errors.ts';
import { builtInType, formatValue } from '../options/format-value.ts';
import { inPlainMemory } from '../runtime/elements.ts';
import { checkTexture, formatOther, isTexture, TextureUsage, viewOf } from './formats.ts';
import type { Format } from './formats.ts';
import type { Size } from './geometry.ts';

/** Pixels in memory: four bytes each, red, green, blue and alpha, rows from the top. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** All that an image may be. */
export type ImageSource =
  | GPUTexture
  | GPUExternalTexture
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | VideoFrame
  | Pixels;

/** An image as a kernel reads it; what was made for it is destroyed once that was submitted. */
export interface Opened {
  resource: GPUTextureView | GPUExternalTexture;
  made: GPUTexture | null;
}

/** An image that can be read. */
export interface Source {
  kind: 'texture' | 'external';
  /** null where nobody tells. */
  size: Size | null;
  format: Format;
  open(): Opened;
}

/** Classes of images that the browser copies, and where each has its size. */
const SIZES: Readonly<Record<string, readonly [height: string, width: string]>> = {
  HTMLImageElement: ['naturalHeight', 'naturalWidth'],
  HTMLVideoElement: ['videoHeight', 'videoWidth'],
  VideoFrame: ['displayHeight', 'displayWidth'],
  HTMLCanvasElement: ['height', 'width'],
  OffscreenCanvas: ['height', 'width'],
  ImageBitmap: ['height', 'width'],
  ImageData: ['height', 'width'],
};

/** Reasons why one has no size. */
const SIZELESS: Readonly<Record<string, string>> = {
  HTMLImageElement: 'it is not loaded, or could not be; await image.decode() first',
  HTMLVideoElement: "it has no frame yet; wait for its 'loadeddata' event",
  VideoFrame: 'it was closed; take it before close()',
  ImageBitmap: 'it was closed; take it before close()',
};

const CLOSED = new Set(['VideoFrame', 'ImageBitmap']);
/** What a canvas draws where the browser copies it to no texture: frames, where its GPU process has no drivers for video; SVG without a size. */
const DRAWN = new Set(['VideoFrame', 'HTMLVideoElement', 'HTMLImageElement']);
/** `HTMLMediaElement.HAVE_CURRENT_DATA`. */
const HAVE_CURRENT_DATA = 2;

const BYTES: Format = { components: 4, linear: false, bounded: true };
const FRAME: Format = { components: 4, linear: false, bounded: false };

/**
 * The images that something stands for: one, or of a texture each of its layers.
 *
 * @throws NormError `option` where it is none, `shape` where it has no size, `destroyed` where it was closed, `dtype` or `usage` where a
 * texture cannot be read, `limit` where the device has no texture as large.
 */
export function sourcesOf(op: string, device: GPUDevice, given: unknown, colorSpace?: PredefinedColorSpace): Source[] {
  if (isTexture(given)) {
    const format = checkTexture(op, 'the texture', given, 'TEXTURE_BINDING');
    return Array.from({ length: given.depthOrArrayLayers }, (_, layer) => ({
      kind: 'texture',
      size: [given.height, given.width],
      format,
      open: () => ({ resource: viewOf(given, layer), made: null }),
    }));
  }
  const type = builtInType(given);
  if (type === 'GPUExternalTexture') {
    return [{ kind: 'external', size: null, format: FRAME, open: () => ({ resource: given as never, made: null }) }];
  }
  if (type in SIZES) return [browserSource(op, device, type, given as GPUCopyExternalImageSource, colorSpace)];
  if (isPixels(given)) return [pixelSource(op, device, given)];
  throw new NormError(
    'option',
    `${op}: the image is ${formatOther(given)}; it must be a GPUTexture, an HTMLImageElement, HTMLVideoElement, canvas, ImageBitmap, ImageData, VideoFrame or GPUExternalTexture, or { data, width, height } with RGBA bytes`,
  );
}

/** Whether the browser knows of what colour space it is, and converts it. */
export function isConverted(source: unknown): boolean {
  return builtInType(source) in SIZES;
}

function browserSource(
  op: string,
  device: GPUDevice,
  type: string,
  source: GPUCopyExternalImageSource,
  colorSpace: PredefinedColorSpace = 'srgb',
): Source {
  const told = SIZES[type]!.map((name) => source[name as keyof typeof source] as unknown as number);
  const [height, width] = (type === 'HTMLImageElement' && chosenSize(source as HTMLImageElement)) || told;
  const frameless = type === 'HTMLVideoElement' && (source as HTMLVideoElement).readyState < HAVE_CURRENT_DATA;
  if (!height || !width || frameless) {
    const why = SIZELESS[type] ?? 'give it a width and a height of at least 1';
    throw new NormError(
      CLOSED.has(type) ? 'destroyed' : 'shape',
      `${op}: the ${type} is of ${width} by ${height} pixels: ${why}`,
    );
  }
  if (type === 'ImageData') {
    const { data, colorSpace: own } = source as ImageData;
    // Bytes as they are: a copy by the browser may go by way of multiplied colours.
    if (own === colorSpace && builtInType(data) === 'Uint8ClampedArray') {
      return pixelSource(op, device, source as ImageData);
    }
  }
  return staged(op, device, [height, width], (texture) => {
    const copy = (image: GPUCopyExternalImageSource): void =>
      device.queue.copyExternalImageToTexture({ source: image }, { texture, colorSpace }, [width, height]);
    try {
      try {
        copy(source);
      } catch (refusal) {
        if (!DRAWN.has(type) || typeof OffscreenCanvas === 'undefined') throw refusal;
        copy(drawn(source as CanvasImageSource, width, height, colorSpace));
      }
    } catch (cause) {
      const { message } = cause as Error;
      throw new NormError('usage', `${op}: the browser does not let the ${type} be copied: ${message}`, { cause });
    }
  });
}

/**
 * Height and width of the file that an `<img>` has chosen among several: what it tells is divided by the density that the file is said to have, and
 * the browser copies pixels of the file.
 */
function chosenSize(image: HTMLImageElement): number[] | null {
  const isChosen = image.srcset !== '' || image.parentElement?.localName === 'picture';
  if (!isChosen || typeof VideoFrame === 'undefined') return null;
  try {
    const frame = new VideoFrame(image, { timestamp: 0 });
    const size = [frame.displayHeight, frame.displayWidth];
    frame.close();
    return size;
  } catch {
    return null; // It has no pixels, or none that may be read.
  }
}

/** An image on a canvas. */
function drawn(
  image: CanvasImageSource,
  width: number,
  height: number,
  colorSpace: PredefinedColorSpace,
): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d', { colorSpace })!.drawImage(image, 0, 0, width, height);
  return canvas;
}

function isPixels(given: unknown): given is Pixels {
  const { data } = (given ?? {}) as Partial<Pixels>;
  return ['Uint8Array', 'Uint8ClampedArray'].includes(builtInType(data));
}

function pixelSource(op: string, device: GPUDevice, { data, width, height }: Pixels): Source {
  if (![width, height].every((size) => Number.isInteger(size) && size > 0) || data.length !== 4 * width * height) {
    throw new NormError(
      'shape',
      `${op}: the image has ${data.length} bytes, a width of ${formatValue(width)} and a height of ${formatValue(height)}; there must be 4 · width · height bytes, RGBA, and more than 0`,
    );
  }
  return staged(op, device, [height, width], (texture) =>
    device.queue.writeTexture({ texture }, inPlainMemory(data as Uint8Array<ArrayBuffer>), { bytesPerRow: 4 * width }, [
      width,
      height,
    ]),
  );
}

/** A source that is copied into a texture of ours when it is opened. */
function staged(op: string, device: GPUDevice, size: Size, copy: (texture: GPUTexture) => void): Source {
  const most = device.limits.maxTextureDimension2D;
  if (Math.max(...size) > most) {
    throw new NormError(
      'limit',
      `${op}: the image is of ${size[1]} by ${size[0]} pixels; textures of this device have at most ${most} a side, ask for more by the limit maxTextureDimension2D`,
    );
  }
  const open = (): Opened => {
    const made = device.createTexture({
      label: 'webgpu-norm image',
      size: [size[1], size[0]],
      format: 'rgba8unorm',
      usage: TextureUsage.TEXTURE_BINDING | TextureUsage.COPY_DST | TextureUsage.RENDER_ATTACHMENT,
    });
    try {
      copy(made);
    } catch (error) {
      made.destroy();
      throw error;
    }
    return { resource: viewOf(made, 0), made };
  };
  return { kind: 'texture', size, format: BYTES, open };
}
