import { describe, expect, it } from 'vitest';
import { tensorFromImage } from '../../../src/images/index.ts';
import type { TensorFromImageOptions } from '../../../src/images/index.ts';
import published from '../../conformance/images.json';
import { openContexts } from '../support/contexts.ts';
import { placeAt } from '../support/placed.ts';
import { colourAt, expected, imageOf, largestError } from './images.ts';

/** Bytes, and textures of them, as tensors. */

const { software: context } = await openContexts();

const MEAN = [0.485, 0.456, 0.406, 0.5];
const STD = [0.229, 0.224, 0.225, 0.25];
const SIZES = [
  [1, 1],
  [5, 7],
  [8, 6],
  [3, 33],
] as const;

describe.each(['f32', 'f16', 'bf16'] as const)('%s', (dtype) => {
  it.each(['NCHW', 'NHWC'] as const)('%s of every order of channels and every size, odd ones too', async (layout) => {
    for (const channels of ['RGB', 'BGR', 'RGBA', 'BGRA', 'grayscale'] as const) {
      const count = channels === 'grayscale' ? 1 : channels.length;
      const [mean, std] = [MEAN.slice(0, count), STD.slice(0, count)];
      for (const [height, width] of SIZES) {
        const image = imageOf(height, width);
        using x = tensorFromImage(context, image, { layout, dtype, channels, mean, std });
        expect(x.shape).toEqual(layout === 'NCHW' ? [1, count, height, width] : [1, height, width, count]);
        expect(x.dtype).toBe(dtype);
        const exact = expected(image, { layout, channels, mean, std });
        expect(largestError(await x.read(), exact, dtype), `${channels} ${height}x${width}`).toBeLessThanOrEqual(1);
      }
    }
  });

  it('a batch, in a shared buffer at an odd place, whose other bytes stay', async () => {
    const images = [imageOf(3, 5), imageOf(3, 5, 255), imageOf(3, 5, 0)];
    images[1]!.data.reverse();
    const shape = [3, 3, 3, 5];
    for (const offset of [1, 66, 131]) {
      const zeros = new Float32Array(shape.reduce((product, size) => product * size));
      const { tensor, untouched } = placeAt(context, zeros, shape, dtype, offset);
      expect(tensorFromImage(context, images, { out: tensor, mean: 0.5, std: 0.25 })).toBe(tensor);
      const exact = images.flatMap((image) => [...expected(image, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] })]);
      expect(largestError(await tensor.read(), exact, dtype)).toBeLessThanOrEqual(1);
      expect(await untouched()).toBe(true);
    }
  });
});

describe('alpha', () => {
  const image = imageOf(5, 7);

  it('is ignored', async () => {
    using x = tensorFromImage(context, image);
    using opaque = tensorFromImage(context, { ...image, data: imageOf(5, 7, 255).data });
    expect([...(await x.read())]).toEqual([...(await opaque.read())]);
  });

  it('shows a background, of which there is none in an opaque image', async () => {
    const background = [0.9, 0.25, 0.5];
    using x = tensorFromImage(context, image, { background, channels: 'RGBA' });
    expect(largestError(await x.read(), expected(image, { background, channels: 'RGBA' }))).toBeLessThanOrEqual(1);
    using grey = tensorFromImage(context, image, { background: 1, channels: 'grayscale' });
    const exact = expected(image, { background: [1, 1, 1], channels: 'grayscale' });
    expect(largestError(await grey.read(), exact)).toBeLessThanOrEqual(1);
  });
});

describe('as torchvision resizes, crops and normalizes, in float64', () => {
  const NAMES = ['resize', 'centerCrop', 'mean', 'std', 'interpolation', 'antialias'] as const;

  it.each(published.exact.map((one, index) => ({ one, index })))('case $index', async ({ one }) => {
    const given = NAMES.flatMap((name) => (one[name] === null ? [] : [[name, one[name]]]));
    const options = Object.fromEntries(given) as TensorFromImageOptions;
    using x = tensorFromImage(context, imageOf(one.source[0]!, one.source[1]!), options);
    expect(x.shape).toEqual([1, ...one.shape]);
    // The sum of up to a hundred products.
    expect(largestError(await x.read(), one.values, 'f32', 40)).toBeLessThanOrEqual(1);
  });

  it('within a byte of Pillow, which rounds to bytes after each axis', async () => {
    for (const { source, shape, bytes, interpolation, ...sizes } of published.rounded) {
      const options = { ...sizes, interpolation: interpolation as 'bilinear' };
      using x = tensorFromImage(context, imageOf(source[0]!, source[1]!), options);
      expect(x.shape).toEqual([1, ...shape]);
      const apart = (await x.read()).map((value, index) => Math.abs(value * 255 - bytes[index]!));
      expect(Math.max(...apart)).toBeLessThanOrEqual(1.05);
    }
  });

  it("within half a byte of Pillow's grey", async () => {
    using x = tensorFromImage(context, imageOf(5, 7), { channels: 'grayscale' });
    const apart = (await x.read()).map((value, index) => Math.abs(value * 255 - published.grey[index]!));
    expect(Math.max(...apart)).toBeLessThanOrEqual(0.501);
  });
});

describe('sizes', () => {
  it.each([
    [{ resize: { longestEdge: 640 } }, [107, 640]],
    [{ resize: { longestEdge: 20 }, centerCrop: 20 }, [20, 20]],
    [{ resize: 3, centerCrop: [2, 9] as const }, [2, 9]],
    [{ resize: [9, 4] as const }, [9, 4]],
    [{ resize: 6 }, [6, 36]],
  ])('%j of 24 by 4 pixels', (options, size) => {
    using x = tensorFromImage(context, imageOf(4, 24), options);
    expect(x.shape).toEqual([1, 3, ...size]);
  });

  it('letterbox: what is around the image is the fill', async () => {
    const options = { resize: { longestEdge: 6 }, centerCrop: 6, fill: 114 / 255, mean: 0.5, std: 0.25 };
    using x = tensorFromImage(context, imageOf(3, 6), options);
    const values = await x.read();
    const inside = expected(imageOf(3, 6), { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
    const exact = Array.from(values, (_, index) => {
      const [row, channel] = [Math.floor(index / 6) % 6, Math.floor(index / 36)];
      const at = channel * 18 + (row - 1) * 6 + (index % 6);
      return row < 1 || row >= 4 ? (114 / 255 - 0.5) / 0.25 : inside[at]!;
    });
    expect(largestError(values, exact)).toBeLessThanOrEqual(1);
  });

  it('images of several sizes become one batch', async () => {
    const images = [imageOf(9, 4), imageOf(5, 6)];
    using both = tensorFromImage(context, images, { resize: [3, 3] });
    for (const [index, image] of images.entries()) {
      using one = tensorFromImage(context, image, { resize: [3, 3] });
      expect((await both.read()).slice(27 * index, 27 * (index + 1))).toEqual(await one.read());
    }
  });

  it('a middle far from the origin is as exact as one near to it', async () => {
    const [width, smaller] = [8000, 7999];
    const image = imageOf(1, width, 255);
    using x = tensorFromImage(context, image, { resize: [1, smaller], channels: 'grayscale', antialias: false });
    const grey = Float64Array.from({ length: width }, (_, index) =>
      [0.299, 0.587, 0.114].reduce((sum, part, channel) => sum + (part * colourAt(3 * index + channel)) / 255, 0),
    );
    const exact = Float64Array.from({ length: smaller }, (_, index) => {
      const middle = ((index + 0.5) * width) / smaller - 0.5;
      const [before, behind] = [Math.floor(middle), middle - Math.floor(middle)];
      return grey[Math.max(before, 0)]! * (1 - behind) + grey[Math.min(before + 1, width - 1)]! * behind;
    });
    expect(largestError(await x.read(), exact)).toBeLessThanOrEqual(1);
  });
});
