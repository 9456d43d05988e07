import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import type { Context, Tensor } from '../../src/index.ts';
import { DRAWN_BY_SOFTWARE, openLibrary, servePages, shownAt } from './serve.ts';
import type { Library, Pages } from './serve.ts';

/** Images that only a browser which draws has: canvases of WebGPU, as sources and as targets, and frames of video that are imported. */

let pages: Pages;
let page: Page;

beforeAll(async () => {
  pages = await servePages(...DRAWN_BY_SOFTWARE);
  ({ page } = await openLibrary(pages));
});

afterAll(async () => pages.close());

/** Rounding to bytes, and what f32 rounds to the other side of it. */
const HALF_A_BYTE = 0.5 / 255 + 1e-6;

const KINDS = ['HTMLCanvasElement', 'OffscreenCanvas'] as const;
const FORMATS = ['rgba8unorm', 'bgra8unorm', 'rgba16float'] as const;

describe.each(KINDS)('a canvas of WebGPU, %s', (kind) => {
  it.each(FORMATS)('of %s: takes a tensor, and is an image that gives it back', async (format) => {
    const apart = await page.evaluate(
      async ([kind, format]) => {
        const { norm, images } = globalThis as unknown as Library;
        const context = await norm.createContext();
        const canvas = kind === 'OffscreenCanvas' ? new OffscreenCanvas(5, 3) : document.createElement('canvas');
        Object.assign(canvas, { width: 5, height: 3 });
        const target = canvas.getContext('webgpu') as GPUCanvasContext;
        target.configure({ device: context.device, format });
        const values = Float32Array.from({ length: 45 }, (_, index) => ((index * 7) % 45) / 44);
        images.tensorToImage(context.tensor(values, [1, 3, 3, 5]), target);
        const back = await images.tensorFromImage(context, canvas).read();
        return values.map((value, index) => Math.abs(value - back[index]!)).reduce((most, one) => Math.max(most, one));
      },
      [kind, format] as const,
    );
    // A canvas is read by bytes, whatever its format.
    expect(apart).toBeLessThanOrEqual(format === 'rgba16float' ? 2 * HALF_A_BYTE : HALF_A_BYTE);
  });
});

/** What drawing leaves in the page. */
interface Drawn extends Library {
  context: Context;
  x: Tensor;
  target: GPUCanvasContext;
}

/** Draws one colour on a canvas that is shown, and leaves both in the page. */
async function draw(): Promise<void> {
  await page.evaluate(async () => {
    const { norm, images } = globalThis as unknown as Library;
    const context = await norm.createContext();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 16, height: 16 });
    document.body.replaceChildren(canvas);
    const target = canvas.getContext('webgpu')!;
    target.configure({ device: context.device, format: navigator.gpu.getPreferredCanvasFormat() });
    const colours = Float32Array.from({ length: 3 * 256 }, (_, index) => [1, 0.4, 0.2][Math.floor(index / 256)]!);
    const x = context.tensor(colours, [1, 3, 16, 16]);
    images.tensorToImage(x, target);
    Object.assign(globalThis, { context, x, target });
  });
  await twoFrames();
}

async function twoFrames(): Promise<void> {
  await page.evaluate(
    async () =>
      new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      }),
  );
}

it('is shown as the tensor has it', async () => {
  await draw();
  expect(await shownAt(page, 8, 8)).toEqual([255, 102, 51, 255]);
});

it('keeps what it shows where a call is refused, or plans alone', async () => {
  await draw();
  const codes = await page.evaluate(async () => {
    const { images, context, x, target } = globalThis as unknown as Drawn;
    const refusals = [
      () => images.tensorToImage(context.empty([1, 3, 8, 16]), target),
      () => images.tensorToImage(context.empty([2, 3, 16, 16]), target),
    ].map((call) => {
      try {
        call();
        return 'none';
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    await context.prepare(() => images.tensorToImage(x, target));
    return refusals;
  });
  await twoFrames();
  expect(codes).toEqual(['shape', 'shape']);
  expect(await shownAt(page, 8, 8)).toEqual([255, 102, 51, 255]);
});

describe('a GPUExternalTexture', () => {
  it.each(['bilinear', 'bicubic'] as const)('of a VideoFrame, in f32 and f16, %s', async (interpolation) => {
    const apart = await page.evaluate(async (interpolation) => {
      const { norm, images } = globalThis as unknown as Library;
      const context = await norm.createContext();
      const drawing = new OffscreenCanvas(16, 8).getContext('2d')!;
      const colours = ['rgb(200 60 30)', 'rgb(20 90 210)'];
      colours.forEach((colour, half) => {
        drawing.fillStyle = colour;
        drawing.fillRect(8 * half, 0, 8, 8);
      });
      const frame = new VideoFrame(drawing.canvas, { timestamp: 0 });
      const results = [];
      for (const dtype of ['f32', 'f16'] as const) {
        const source = context.device.importExternalTexture({ source: frame });
        const x = images.tensorFromImage(context, source, { resize: [8, 16], interpolation, dtype });
        results.push(await x.read());
      }
      frame.close();
      const exact = [200, 20, 60, 90, 30, 210];
      return results.map((values) =>
        // Of each half the middle column of the fifth row, by colour.
        exact.map((byte, at) => values[Math.floor(at / 2) * 128 + 4 * 16 + (at % 2 ? 12 : 4)]! * 255 - byte),
      );
    }, interpolation);
    for (const each of apart.flat()) expect(Math.abs(each)).toBeLessThanOrEqual(1.5);
  });

  it('of a video that plays', async () => {
    const colour = await page.evaluate(async () => {
      const { norm, images } = globalThis as unknown as Library;
      const context = await norm.createContext();
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: 32, height: 32 });
      const drawing = canvas.getContext('2d')!;
      const video = document.createElement('video');
      Object.assign(video, { muted: true, srcObject: canvas.captureStream() });
      drawing.fillStyle = 'rgb(200 60 30)';
      drawing.fillRect(0, 0, 32, 32);
      const shown = new Promise((resolve) => {
        video.requestVideoFrameCallback(resolve);
      });
      await video.play();
      await shown;
      const source = context.device.importExternalTexture({ source: video });
      const x = images.tensorFromImage(context, source, { resize: [4, 4] });
      const values = await x.read();
      return [0, 16, 32].map((at) => values[at + 5]! * 255);
    });
    for (const [at, byte] of [200, 60, 30].entries()) expect(Math.abs(colour[at]! - byte)).toBeLessThanOrEqual(4);
  });
});
