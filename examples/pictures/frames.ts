import type { Context, Tensor } from 'webgpu-norm';
import { tensorFromImage } from 'webgpu-norm/images';
import { covering, drawCovering, sizeOf } from './pictures.ts';
import type { Size } from './pictures.ts';

/** Frames of a video in one texture, made once, and from there into a tensor. */
export interface Frames {
  read(video: HTMLVideoElement, out: Tensor, encoder: GPUCommandEncoder): void;
  destroy(): void;
}

export function makeFrames(context: Context, size: Size): Frames {
  const { device } = context;
  let texture: GPUTexture | null = null;
  let options: ReturnType<typeof covering> | null = null;
  /** For browsers that copy frames to no texture, as where the GPU has no drivers for video: they are drawn, and made to fit by that. */
  let drawing: OffscreenCanvasRenderingContext2D | null = null;

  function copy(source: HTMLVideoElement | OffscreenCanvas, { width, height }: Size): GPUTexture {
    if (texture?.width !== width || texture.height !== height) {
      texture?.destroy();
      const { TEXTURE_BINDING, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
      const usage = TEXTURE_BINDING | COPY_DST | RENDER_ATTACHMENT;
      texture = device.createTexture({ size: [width, height], format: 'rgba8unorm', usage });
      options = covering({ width, height }, size);
    }
    device.queue.copyExternalImageToTexture({ source }, { texture }, [width, height]);
    return texture;
  }

  function textureOf(video: HTMLVideoElement): GPUTexture {
    if (!drawing) {
      try {
        return copy(video, sizeOf(video));
      } catch {
        drawing = new OffscreenCanvas(size.width, size.height).getContext('2d')!;
      }
    }
    drawCovering(drawing, video);
    return copy(drawing.canvas, size);
  }

  return {
    read: (video, out, encoder) => {
      tensorFromImage(context, textureOf(video), { ...options!, out, encoder });
    },
    destroy: () => texture?.destroy(),
  };
}
