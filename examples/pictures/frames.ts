import type { Context, Tensor } from 'webgpu-norm';
import { tensorFromImage } from 'webgpu-norm/images';
import { covering, drawCovering, drawingOf, sizeOf } from './pictures.ts';
import type { Size } from './pictures.ts';

/** Frames of a video in one texture, made once for a size, and from there into a tensor. */
export interface Frames {
  /** Reads the frame that is shown, made to fit a tensor of a size. */
  read(video: HTMLVideoElement, size: Size, out: Tensor, encoder: GPUCommandEncoder): void;
  destroy(): void;
}

export function makeFrames(context: Context): Frames {
  const { device } = context;
  let texture: GPUTexture | null = null;
  /** For browsers that copy frames to no texture, as where the GPU has no drivers for video. */
  let drawing: OffscreenCanvasRenderingContext2D | null = null;

  function textureOf({ width, height }: Size): GPUTexture {
    if (texture?.width === width && texture.height === height) return texture;
    texture?.destroy();
    const { TEXTURE_BINDING, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
    const usage = TEXTURE_BINDING | COPY_DST | RENDER_ATTACHMENT;
    texture = device.createTexture({ size: [width, height], format: 'rgba8unorm', usage });
    return texture;
  }

  function copied(video: HTMLVideoElement): GPUTexture {
    const { width, height } = sizeOf(video);
    const made = textureOf({ width, height });
    device.queue.copyExternalImageToTexture({ source: video }, { texture: made }, [width, height]);
    return made;
  }

  /** Made to fit by a canvas, and written as bytes: such a browser takes far longer to copy a canvas. */
  function drawn(video: HTMLVideoElement, { width, height }: Size): GPUTexture {
    drawing ??= drawingOf(new OffscreenCanvas(width, height));
    const { canvas } = drawing;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    drawCovering(drawing, video);
    const { data } = drawing.getImageData(0, 0, width, height);
    const made = textureOf({ width, height });
    device.queue.writeTexture({ texture: made }, data, { bytesPerRow: 4 * width }, [width, height]);
    return made;
  }

  function framed(video: HTMLVideoElement, size: Size): GPUTexture {
    if (drawing) return drawn(video, size);
    try {
      return copied(video);
    } catch {
      return drawn(video, size);
    }
  }

  return {
    read: (video, size, out, encoder) => {
      const frame = framed(video, size);
      tensorFromImage(context, frame, { ...covering(frame, size), out, encoder });
    },
    destroy: () => texture?.destroy(),
  };
}
