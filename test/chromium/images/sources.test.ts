import { describe, expect, it } from 'vitest';
import { tensorFromImage } from '../../../src/images/index.ts';
import type { ImageSource, TensorFromImageOptions } from '../../../src/images/index.ts';
import { readingProgram } from '../../../src/images/programs.ts';
import { openContexts } from '../../gpu/support/contexts.ts';
import { expected, largestError } from '../../gpu/images/images.ts';
import type { Bytes } from '../../gpu/images/images.ts';
import { clear, dataOf, drawn, HEIGHT, offPage, onPage, opaque, WIDTH } from './canvases.ts';

/** What only a browser has images in, as tensors. */

const { software: context } = await openContexts();

async function imageElement(): Promise<HTMLImageElement> {
  const image = new Image(3, 2);
  image.src = onPage().toDataURL('image/png');
  await image.decode();
  return image;
}

/** One that was chosen among several by the density of the screen: it tells as many pixels as the page has for it. */
async function ofDensity(density: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.sizes = '1px';
  image.srcset = `${onPage().toDataURL('image/png')} ${density}`;
  await image.decode();
  expect(image.naturalWidth).not.toBe(WIDTH);
  return image;
}

async function ofPicture(): Promise<HTMLImageElement> {
  const picture = document.createElement('picture');
  const source = document.createElement('source');
  const image = new Image();
  source.srcset = `${onPage().toDataURL('image/png')} 3x`;
  picture.append(source, image);
  image.src = onPage(areas).toDataURL('image/png');
  await image.decode();
  return image;
}

/** Half red, half blue; in a picture of 300 by 150 pixels unless it tells a size. */
async function vectors(size = ''): Promise<HTMLImageElement> {
  const image = new Image();
  const halves = '<rect width="4" height="4" fill="#f00"/><rect x="4" width="4" height="4" fill="#00f"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4" ${size}>${halves}</svg>`;
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  return image;
}

/** A frame of large areas, since what a camera or a codec has is no better than that. */
const areas: Bytes = {
  width: 32,
  height: 16,
  data: Uint8ClampedArray.from({ length: 32 * 16 * 4 }, (_, at) => {
    const isLeft = (at >> 2) % 32 < 16;
    return (at & 3) === 3 ? 255 : (isLeft ? [200, 60, 30] : [20, 90, 210])[at & 3]!;
  }),
};

async function video(): Promise<HTMLVideoElement> {
  const element = document.createElement('video');
  element.muted = true;
  const canvas = onPage(areas);
  element.srcObject = canvas.captureStream();
  drawn(canvas, areas);
  const shown = new Promise((resolve) => element.requestVideoFrameCallback(resolve));
  await element.play();
  await shown;
  return element;
}

async function errorOf(source: ImageSource, bytes: Bytes, options: TensorFromImageOptions = {}): Promise<number> {
  using x = tensorFromImage(context, source, options);
  expect(x.shape).toEqual([1, options.channels === 'RGBA' ? 4 : 3, bytes.height, bytes.width]);
  return largestError(await x.read(), expected(bytes, { channels: options.channels ?? 'RGB' }), 'f32', 1);
}

/** A byte, in units of what is allowed of f32. */
const BYTE = 2 ** 22 / 255;

describe('an image', () => {
  it.each<[string, () => ImageSource | Promise<ImageSource>]>([
    ['HTMLImageElement, whatever size it is shown at', imageElement],
    ['HTMLImageElement of twice as many pixels', async () => ofDensity('2x')],
    ['HTMLImageElement of half as many pixels', async () => ofDensity('0.5x')],
    ['HTMLImageElement of a width that is told', async () => ofDensity(`${WIDTH}w`)],
    ['HTMLImageElement of a picture', ofPicture],
    ['HTMLCanvasElement', onPage],
    ['OffscreenCanvas', offPage],
    ['ImageData', () => dataOf(opaque)],
    ['ImageBitmap', async () => createImageBitmap(dataOf(opaque))],
    ['VideoFrame', () => new VideoFrame(offPage(), { timestamp: 0 })],
  ])('%s, to the byte', async (_, make) => {
    expect(await errorOf(await make(), opaque)).toBeLessThanOrEqual(1);
  });

  it.each([
    ['of a size', 'width="8" height="4"', [4, 8]],
    ['without a size', '', [150, 300]],
  ] as const)('of vectors %s', async (_, told, [height, width]) => {
    using x = tensorFromImage(context, await vectors(told));
    expect(x.shape).toEqual([1, 3, height, width]);
    const values = await x.read();
    for (const [column, colour] of [
      [0, [1, 0, 0]],
      [width - 1, [0, 0, 1]],
    ] as const) {
      const at = (channel: number): number => values[(channel * height + height / 2) * width + column]!;
      expect([0, 1, 2].map(at)).toEqual(colour);
    }
  });

  it('of a video: HTMLVideoElement, and a VideoFrame of it', async () => {
    const element = await video();
    expect(await errorOf(element, areas)).toBeLessThanOrEqual(4 * BYTE);
    const frame = new VideoFrame(element);
    expect(await errorOf(frame, areas)).toBeLessThanOrEqual(4 * BYTE);
    frame.close();
  });

  it('of a VideoFrame in YUV', async () => {
    // BT.601, limited range: Y 81, U 90, V 240 is red.
    const data = new Uint8Array([
      ...Array<number>(64).fill(81),
      ...Array<number>(16).fill(90),
      ...Array<number>(16).fill(240),
    ]);
    const colorSpace = {
      primaries: 'smpte170m',
      transfer: 'smpte170m',
      matrix: 'smpte170m',
      fullRange: false,
    } as const;
    const init = { format: 'I420', codedWidth: 8, codedHeight: 8, timestamp: 0, colorSpace } as const;
    using x = tensorFromImage(context, new VideoFrame(data, init));
    const values = await x.read();
    const [red, green, blue] = [0, 64, 128].map((at) => values[at]! * 255);
    expect(red).toBeGreaterThan(245);
    expect(green).toBeLessThan(30);
    expect(blue).toBeLessThan(10);
  });
});

/** Chromium imports no frames where nothing draws pages: here whether programs compile; test/pages/canvas.test.ts reads some. */
describe('a GPUExternalTexture', () => {
  it.each(['bilinear', 'bicubic'] as const)('is read by programs that compile: %s', async (filter) => {
    const { device } = context;
    device.pushErrorScope('validation');
    for (const dtype of ['f32', 'f16', 'bf16'] as const) readingProgram(device, 'external', filter, dtype);
    expect((await device.popErrorScope())?.message).toBeUndefined();
  });

  it('does not tell its size', () => {
    const external = Object.create({ [Symbol.toStringTag]: 'GPUExternalTexture' }) as GPUExternalTexture;
    expect(() => tensorFromImage(context, external)).toThrow(
      'tensorFromImage: a GPUExternalTexture does not tell its size; give resize: [height, width]',
    );
  });
});

describe('transparent images have colours that are not multiplied by alpha', () => {
  it('to the byte where nobody has multiplied them', async () => {
    const bitmap = await createImageBitmap(dataOf(clear), { premultiplyAlpha: 'none' });
    expect(await errorOf(dataOf(clear), clear, { channels: 'RGBA' })).toBeLessThanOrEqual(1);
    expect(await errorOf(bitmap, clear, { channels: 'RGBA' })).toBeLessThanOrEqual(1);
  });

  it.each([onPage, offPage])('as near as a canvas keeps them, which has them multiplied', async (make) => {
    using x = tensorFromImage(context, make(clear), { channels: 'RGBA' });
    const values = await x.read();
    const exact = expected(clear, { channels: 'RGBA' });
    const pixels = WIDTH * HEIGHT;
    for (let at = 0; at < 3 * pixels; at++) {
      const alpha = clear.data[4 * (at % pixels) + 3]!;
      if (alpha > 0) expect(Math.abs(values[at]! - exact[at]!) * 255).toBeLessThanOrEqual(255 / alpha + 1);
    }
  });
});

describe('colour spaces', () => {
  const image = dataOf(clear, { colorSpace: 'display-p3' });

  it('numbers are kept where they are asked for in the space they are in', async () => {
    const options = { colorSpace: 'display-p3', channels: 'RGBA' } as const;
    expect(await errorOf(image, clear, options)).toBeLessThanOrEqual(1);
  });

  it('display-p3 is converted to sRGB', async () => {
    const inside = { ...opaque, data: opaque.data.map((byte, at) => (at % 4 === 3 ? 255 : 100 + byte / 8)) };
    using x = tensorFromImage(context, dataOf(inside, { colorSpace: 'display-p3' }));
    // https://www.w3.org/TR/css-color-4/#color-conversion-code: display-p3, linear, to XYZ and to sRGB, linear.
    const MATRIX = [
      [1.2249401762805598, -0.22494017628055996, 0],
      [-0.042056954709688163, 1.0420569547096881, 0],
      [-0.019637554590334432, -0.07863604555063188, 1.0982736001409663],
    ];
    const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const encoded = (value: number): number =>
      value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    const values = await x.read();
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      const colour = [0, 1, 2].map((at) => linear(inside.data[4 * pixel + at]! / 255));
      MATRIX.forEach((row, channel) => {
        const exact = encoded(row.reduce((sum, factor, at) => sum + factor * colour[at]!, 0));
        expect(Math.abs(values[channel * WIDTH * HEIGHT + pixel]! - exact) * 255).toBeLessThanOrEqual(1);
      });
    }
  });
});
