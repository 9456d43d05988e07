import { describe, expect, it } from 'vitest';
import { IMAGENET, tensorFromImage, tensorToImage } from '../../../src/images/index.ts';
import { openContexts } from '../support/contexts.ts';
import { decode, encode, roundTo } from '../support/formats.ts';
import { placeAt } from '../support/placed.ts';
import { Random } from '../support/random.ts';
import { imageOf } from './images.ts';
import { bytesOf, textureOf } from './textures.ts';

/** Tensors as textures. */

const { software: context } = await openContexts();
const { device } = context;

function uniforms(seed: number, length: number): Float32Array<ArrayBuffer> {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.uniform());
}

/** The step of 255 that is nearest, as Direct3D has devices convert: to 0.6 of one. Vulkan lets them take either of the two around, as some do of ten bits. */
function expectNearest(bytes: ArrayLike<number>, exact: ArrayLike<number>, most = 255, within = 0.6): void {
  expect(bytes.length).toBe(exact.length);
  for (let at = 0; at < exact.length; at++) {
    const bounded = Math.min(Math.max(exact[at]!, 0), 1) * most;
    if (Math.abs(bytes[at]! - bounded) > within) expect(bytes[at], `pixel ${at}`).toBe(bounded);
  }
}

describe.each(['f32', 'f16', 'bf16'] as const)('%s', (dtype) => {
  it.each([
    [1, 1],
    [5, 7],
    [2, 33],
  ] as const)(
    'rgba8unorm and bgra8unorm of %i by %i, both layouts, from anywhere in a buffer',
    async (height, width) => {
      const values = new Random(7).normals(3 * height * width, 0, 1).map((value) => roundTo(dtype, value));
      const mean = [0.485, 0.456, 0.406];
      const std = [0.229, 0.224, 0.225];
      for (const [turn, format] of (['rgba8unorm', 'bgra8unorm'] as const).entries()) {
        for (const layout of ['NCHW', 'NHWC'] as const) {
          const shape = layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
          const { tensor, untouched } = placeAt(context, values, shape, dtype, [0, 67][turn]!);
          const texture = textureOf(device, format, [width, height]);
          tensorToImage(tensor, texture, { layout, mean, std });
          const exact = Array.from({ length: 4 * height * width }, (_, at) => {
            const [pixel, component] = [at >> 2, at & 3];
            const channel = format === 'bgra8unorm' ? 2 - component : component;
            const from = layout === 'NCHW' ? channel * height * width + pixel : pixel * 3 + channel;
            return component === 3 ? 1 : values[from]! * std[channel]! + mean[channel]!;
          });
          expectNearest(await bytesOf(device, texture), exact);
          expect(await untouched()).toBe(true);
          texture.destroy();
        }
      }
    },
  );
});

describe('an image, normalized and back', () => {
  const image = imageOf(9, 6, 255);

  it.each(['rgba8unorm', 'rgba8unorm-srgb'] as const)('has the same bytes as %s', async (format) => {
    for (const dtype of ['f32', 'f16'] as const) {
      using x = tensorFromImage(context, image, { ...IMAGENET, dtype });
      const texture = textureOf(device, format, [6, 9]);
      tensorToImage(x, texture, { ...IMAGENET });
      expect([...(await bytesOf(device, texture))], dtype).toEqual([...image.data]);
    }
  });

  it('has its alpha, by which a canvas has colours multiplied', async () => {
    const clear = imageOf(9, 6);
    using x = tensorFromImage(context, clear, { channels: 'BGRA' });
    const texture = textureOf(device, 'rgba8unorm', [6, 9]);
    tensorToImage(x, texture, { channels: 'BGRA' });
    expect([...(await bytesOf(device, texture))]).toEqual([...clear.data]);
    tensorToImage(x, texture, { channels: 'BGRA', premultipliedAlpha: true });
    const multiplied = Array.from(clear.data, (byte, at) =>
      at % 4 === 3 ? byte / 255 : (byte / 255) * (clear.data[at - (at % 4) + 3]! / 255),
    );
    expectNearest(await bytesOf(device, texture), multiplied);
  });

  it('is grey in every colour, or in one component', async () => {
    using x = tensorFromImage(context, image, { channels: 'grayscale' });
    const exact = await x.read();
    const texture = textureOf(device, 'rgba8unorm', [6, 9]);
    tensorToImage(x, texture);
    expectNearest(
      await bytesOf(device, texture),
      [...exact].flatMap((value) => [value, value, value, 1]),
    );
    const one = textureOf(device, 'r8unorm', [6, 9]);
    tensorToImage(x, one);
    expectNearest(await bytesOf(device, one), exact);
  });
});

it('numbers beyond 0 and 1, infinities and NaN', async () => {
  const values = [-1, 2, Infinity, -Infinity, NaN, 0.5];
  const x = context.tensor(values, [1, 1, 1, 6]);
  const texture = textureOf(device, 'r8unorm', [6, 1]);
  tensorToImage(x, texture);
  const [below, above, infinite, negative, nan, half] = await bytesOf(device, texture);
  expect([below, above, infinite, negative, nan]).toEqual([0, 255, 255, 0, 0]);
  expect([127, 128]).toContain(half);
});

it('formats of floats take numbers as they are', async () => {
  const values = new Random(3).normals(4 * 15, 0, 100);
  const x = context.tensor(values, [1, 4, 3, 5]);
  const pixels = Array.from({ length: 60 }, (_, at) => values[(at & 3) * 15 + (at >> 2)]!);
  const exact = textureOf(device, 'rgba32float', [5, 3]);
  tensorToImage(x, exact);
  expect([...new Float32Array((await bytesOf(device, exact)).buffer)]).toEqual(pixels);
  const half = textureOf(device, 'rgba16float', [5, 3]);
  tensorToImage(x, half);
  const halves = new Uint16Array((await bytesOf(device, half)).buffer);
  const nearest = [...decode('f16', encode('f16', pixels))];
  decode('f16', halves).forEach((value, at) => expect(value).toBeCloseTo(nearest[at]!, 0));
});

it('ten bits a colour', async () => {
  const values = uniforms(5, 3 * 8);
  const texture = textureOf(device, 'rgb10a2unorm', [4, 2]);
  tensorToImage(context.tensor(values, [1, 3, 2, 4]), texture);
  const words = new Uint32Array((await bytesOf(device, texture)).buffer);
  const colours = [0, 1, 2].flatMap((channel) => Array.from(words, (word) => (word >>> (10 * channel)) & 1023));
  expectNearest(colours, values, 1023, 1);
});

it('several images as layers, and one of a strided tensor', async () => {
  const values = uniforms(9, 2 * 3 * 20);
  const x = context.tensor(values, [2, 3, 4, 5]);
  const texture = textureOf(device, 'rgba8unorm', [5, 4, 2]);
  tensorToImage(x, texture);
  const exact = (image: number): number[] =>
    Array.from({ length: 80 }, (_, at) => ((at & 3) === 3 ? 1 : values[image * 60 + (at & 3) * 20 + (at >> 2)]!));
  for (const layer of [0, 1]) expectNearest(await bytesOf(device, texture, layer), exact(layer));
  const one = textureOf(device, 'rgba8unorm', [5, 4]);
  tensorToImage(x.slice(0, 1, 2), one);
  expectNearest(await bytesOf(device, one), exact(1));
  // The first three columns, transposed.
  const turned = textureOf(device, 'rgba8unorm', [4, 3]);
  tensorToImage(x.slice(0, 1, 2).slice(3, 0, 3).permute([0, 1, 3, 2]), turned);
  const columns = Array.from({ length: 48 }, (_, at) => {
    const [pixel, component] = [at >> 2, at & 3];
    const [row, column] = [Math.floor(pixel / 4), pixel % 4];
    return component === 3 ? 1 : values[60 + component * 20 + column * 5 + row]!;
  });
  expectNearest(await bytesOf(device, turned), columns);
});

it('asks a canvas for its texture only once it draws: what is refused, or planned alone, leaves the canvas as it is', async () => {
  const texture = textureOf(device, 'rgba8unorm', [4, 5]);
  let taken = 0;
  const told = {
    canvas: { width: 4, height: 5 },
    getConfiguration: () => ({ device, format: 'rgba8unorm', usage: 0x10 }),
    getCurrentTexture: () => {
      taken++;
      return texture;
    },
  } as unknown as GPUCanvasContext;
  const x = context.tensor(uniforms(11, 60), [1, 3, 5, 4]);
  const image = x.reshape([1, 3, 4, 5]);
  const wrong = [
    () => tensorToImage(image, told),
    () => tensorToImage(context.empty([2, 3, 5, 4]), told),
    () => tensorToImage(x, told, { channels: 'RGBA' }),
  ];
  for (const call of wrong) expect(call).toThrow(expect.objectContaining({ code: 'shape' }));
  await context.prepare(() => tensorToImage(x, told));
  expect(taken).toBe(0);
  tensorToImage(x, told);
  expect(taken).toBe(1);
  // Where a runtime has no getConfiguration the texture tells.
  const untold = { getCurrentTexture: told.getCurrentTexture } as GPUCanvasContext;
  expect(() => tensorToImage(image, untold)).toThrow(expect.objectContaining({ code: 'shape' }));
  tensorToImage(x, untold);
  expect(taken).toBe(3);
});
