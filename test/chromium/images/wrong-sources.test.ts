import { describe, expect, it } from 'vitest';
import { tensorFromImage, tensorToImage } from '../../../src/images/index.ts';
import type { ImageSource } from '../../../src/images/index.ts';
import { openContexts } from '../../gpu/support/contexts.ts';
import { dataOf, HEIGHT, offPage, opaque, WIDTH } from './canvases.ts';

/** Images of the browser that cannot be read, and canvases that cannot be drawn on. */

const { software: context } = await openContexts();

describe('what cannot be read', () => {
  const closedBitmap = async (): Promise<ImageBitmap> => {
    const bitmap = await createImageBitmap(dataOf(opaque));
    bitmap.close();
    return bitmap;
  };
  const closedFrame = (): VideoFrame => {
    const frame = new VideoFrame(offPage(), { timestamp: 0 });
    frame.close();
    return frame;
  };

  it.each<[string, () => ImageSource | Promise<ImageSource>, string, string]>([
    [
      'an image that is not loaded',
      () => new Image(),
      'shape',
      'the HTMLImageElement is of 0 by 0 pixels: it is not loaded, or could not be; await image.decode() first',
    ],
    [
      'a video without a frame',
      () => document.createElement('video'),
      'shape',
      "the HTMLVideoElement is of 0 by 0 pixels: it has no frame yet; wait for its 'loadeddata' event",
    ],
    [
      'a bitmap that was closed',
      closedBitmap,
      'destroyed',
      'the ImageBitmap is of 0 by 0 pixels: it was closed; take it before close()',
    ],
    [
      'a frame that was closed',
      closedFrame,
      'destroyed',
      'the VideoFrame is of 0 by 0 pixels: it was closed; take it before close()',
    ],
    [
      'a canvas of no size',
      () => new OffscreenCanvas(0, 4),
      'shape',
      'the OffscreenCanvas is of 0 by 4 pixels: give it a width and a height of at least 1',
    ],
    [
      'a canvas without a context',
      () => document.createElement('canvas'),
      'usage',
      'the browser does not let the HTMLCanvasElement be copied: ',
    ],
    [
      'an element that is no image',
      () => document.createElement('p') as never,
      'option',
      'the image is a HTMLParagraphElement; it must be a GPUTexture',
    ],
  ])('%s', async (_, make, code, message) => {
    const source = await make();
    const before = context.memory().inUse;
    expect(() => tensorFromImage(context, source)).toThrow(
      expect.objectContaining({
        name: 'NormError',
        code,
        message: expect.stringContaining(`tensorFromImage: ${message}`),
      }),
    );
    expect(context.memory().inUse).toBe(before);
  });

  it('a canvas to draw on that is not configured, is of another device, or is not a context', async () => {
    using x = tensorFromImage(context, opaque);
    const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
    const drawing = canvas.getContext('webgpu')!;
    expect(() => tensorToImage(x, drawing)).toThrow(expect.objectContaining({ name: 'NormError', code: 'usage' }));
    const { software: stranger } = await openContexts();
    drawing.configure({ device: stranger.device, format: 'rgba8unorm' });
    expect(() => tensorToImage(x, drawing)).toThrow(
      'tensorToImage: the canvas is configured for another device than the tensor',
    );
    expect(() => tensorToImage(x, canvas as never)).toThrow(
      "it must be a GPUTexture or a GPUCanvasContext, canvas.getContext('webgpu') once configured",
    );
    stranger.device.destroy();
  });
});
