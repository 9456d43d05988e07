import { describe, expect, it } from 'vitest';
import { tensorFromImage } from '../../../src/images/index.ts';
import { openContexts } from '../support/contexts.ts';
import { decode, encode } from '../support/formats.ts';
import { expected, imageOf, largestError } from './images.ts';
import type { Bytes } from './images.ts';
import { textureOf } from './textures.ts';

/** Textures of the app's as tensors. */

const { software: context } = await openContexts();
const { device } = context;
const [WIDTH, HEIGHT] = [7, 5];
const image = imageOf(HEIGHT, WIDTH);

/** Red and blue exchanged. */
const swapped = (data: Uint8ClampedArray<ArrayBuffer>): Uint8ClampedArray<ArrayBuffer> =>
  data.map((_, at) => data[at % 4 === 0 ? at + 2 : at % 4 === 2 ? at - 2 : at]!);

describe('the colours that are stored', () => {
  it.each([
    ['rgba8unorm', image.data],
    ['rgba8unorm-srgb', image.data],
    ['bgra8unorm', swapped(image.data)],
    ['rgba32float', Float32Array.from(image.data, (byte) => byte / 255)],
  ] as const)('%s', async (format, bytes) => {
    const texture = textureOf(device, format, [WIDTH, HEIGHT], bytes);
    using x = tensorFromImage(context, texture, { channels: 'RGBA' });
    // The device decodes and we encode: Direct3D and Vulkan have devices lose half a byte at most, 1 / 255 / 2.
    const size = format.endsWith('srgb') ? 2 ** 22 / 2 / 255 : 1;
    expect(largestError(await x.read(), expected(image, { channels: 'RGBA' }), 'f32', size)).toBeLessThanOrEqual(1);
    texture.destroy();
  });

  it('rgba16float, numbers beyond 1 and negative ones too, bicubic as well', async () => {
    const halves = encode(
      'f16',
      Float64Array.from(image.data, (byte) => byte / 32 - 2),
    );
    const texture = textureOf(device, 'rgba16float', [WIDTH, HEIGHT], halves);
    using x = tensorFromImage(context, texture, { channels: 'RGBA', layout: 'NHWC' });
    expect([...(await x.read())]).toEqual([...decode('f16', halves)]);
    using larger = tensorFromImage(context, texture, { interpolation: 'bicubic', resize: [10, 14] });
    expect(Math.max(...(await larger.read()))).toBeGreaterThan(5);
  });

  it('one component is grey', async () => {
    const bytes = image.data.slice(0, WIDTH * HEIGHT);
    const texture = textureOf(device, 'r8unorm', [WIDTH, HEIGHT], bytes);
    const exact = Float64Array.from(bytes, (byte) => byte / 255);
    using grey = tensorFromImage(context, texture, { channels: 'grayscale' });
    expect(largestError(await grey.read(), exact, 'f32', 1)).toBeLessThanOrEqual(1);
    using x = tensorFromImage(context, texture, { channels: 'RGBA' });
    const ones = exact.map(() => 1);
    expect(largestError(await x.read(), [...exact, ...exact, ...exact, ...ones], 'f32', 1)).toBeLessThanOrEqual(1);
  });

  it('colours multiplied by alpha are divided by it', async () => {
    const numbers = Float32Array.from(image.data, (byte) => byte / 255);
    const multiplied = numbers.map((value, at) => (at % 4 === 3 ? value : value * numbers[at - (at % 4) + 3]!));
    const texture = textureOf(device, 'rgba32float', [WIDTH, HEIGHT], multiplied);
    using x = tensorFromImage(context, texture, { premultipliedAlpha: true, channels: 'RGBA' });
    expect(largestError(await x.read(), expected(image, { channels: 'RGBA' }))).toBeLessThanOrEqual(1);
  });
});

it('each layer is an image', async () => {
  const other: Bytes = { ...image, data: image.data.toReversed() as Uint8ClampedArray<ArrayBuffer> };
  const bytes = new Uint8Array([...image.data, ...other.data]);
  const texture = textureOf(device, 'rgba8unorm', [WIDTH, HEIGHT, 2], bytes);
  using x = tensorFromImage(context, texture);
  expect(x.shape).toEqual([2, 3, HEIGHT, WIDTH]);
  const exact = [...expected(image), ...expected(other)];
  expect(largestError(await x.read(), exact, 'f32', 1)).toBeLessThanOrEqual(1);
});

it('a texture of another device: whoever reads the tensor is told', async () => {
  const { software: stranger } = await openContexts();
  const texture = textureOf(stranger.device, 'rgba8unorm', [1, 1]);
  using x = tensorFromImage(context, texture);
  await expect(x.read()).rejects.toMatchObject({ name: 'NormError', code: 'device' });
});

it('a texture that was destroyed: whoever reads the tensor is told', async () => {
  const texture = textureOf(device, 'rgba8unorm', [1, 1]);
  texture.destroy();
  using x = tensorFromImage(context, texture);
  await expect(x.read()).rejects.toMatchObject({ name: 'NormError', code: 'destroyed' });
});
