import type { WrongCall } from '../../support/wrong-call.ts';
import { imageOf } from '../images.ts';
import { context, from, gone, image, sampled, stranger, texture, x } from './stage.ts';

/** What tensorFromImage cannot read, or write to. */
export const SOURCES: WrongCall[] = [
  [
    'no image',
    () => from({}, null),
    'option',
    /^tensorFromImage: the image is null; it must be a GPUTexture, an HTMLImageElement/,
  ],
  [
    'a URL',
    () => from({}, 'cat.png'),
    'option',
    /^tensorFromImage: the image is the text "cat.png"; it must be a GPUTexture/,
  ],
  [
    'a Proxy of a texture',
    () => from({}, new Proxy(sampled, {})),
    'option',
    /^tensorFromImage: the image is a Proxy of a GPUTexture; it must be a GPUTexture/,
  ],
  ['an empty batch', () => from({}, []), 'shape', 'tensorFromImage: there is no image; give one, or an Array of some'],
  [
    'bytes without alpha',
    () => from({}, { data: new Uint8Array(105), width: 7, height: 5 }),
    'shape',
    'tensorFromImage: the image has 105 bytes, a width of 7 and a height of 5; there must be 4 · width · height bytes, RGBA, and more than 0',
  ],
  [
    'bytes of no width',
    () => from({}, { data: new Uint8Array(0), width: 0, height: 5 }),
    'shape',
    /a width of 0 and a height of 5; there must be/,
  ],
  [
    'an image larger than a texture',
    () => from({}, { data: new Uint8Array(4 * 20000), width: 20000, height: 1 }),
    'limit',
    /^tensorFromImage: the image is of 20000 by 1 pixels; textures of this device have at most \d+ a side/,
  ],
  [
    'an image resized to edges too long',
    () => from({ resize: 20000 }, imageOf(1, 7)),
    'limit',
    'tensorFromImage: resized, the image is [20000,140000] (height, width); an edge may be at most 65536',
  ],
  [
    'an image padded to edges too long',
    () => from({ centerCrop: [300_000, 1] }, imageOf(1, 7)),
    'limit',
    'tensorFromImage: cropped, the image is [300000,1] (height, width); an edge may be at most 65536',
  ],
  [
    'images of two sizes',
    () => from({}, [image, imageOf(5, 6)]),
    'shape',
    'tensorFromImage: images of a batch become [5,7] and [5,6] (height, width); give resize: [height, width] or a centerCrop',
  ],
  [
    'out of another shape',
    () => from({ out: context.empty([3, 5, 7]) }),
    'shape',
    'tensorFromImage: out has shape [3,5,7], but the result is [1,3,5,7], contiguous',
  ],
  [
    'out with strides',
    () => from({ out: context.empty([1, 5, 7, 3]).permute([0, 3, 1, 2]) }),
    'shape',
    'tensorFromImage: out has shape [1,3,5,7] and strides, but the result is [1,3,5,7], contiguous',
  ],
  [
    'out of another dtype',
    () => from({ out: x, dtype: 'f16' }),
    'dtype',
    'tensorFromImage: out holds f32, but dtype is f16; give one of them',
  ],
  [
    'out of counts',
    () => from({ out: context.empty([1, 3, 5, 7], { dtype: 'u32' }) }),
    'dtype',
    'tensorFromImage: out holds u32; it must hold f32, f16 or bf16',
  ],
  [
    'out on another device',
    () => from({ out: stranger.empty([1, 3, 5, 7]) }),
    'device',
    /^tensorFromImage: out is on another device/,
  ],
  [
    'out that was destroyed',
    () => from({ out: gone }),
    'destroyed',
    'tensorFromImage: out was destroyed; it can no longer be used',
  ],
  [
    'a texture of whole numbers',
    () => from({}, texture('rgba8uint')),
    'dtype',
    'tensorFromImage: the texture has the format rgba8uint; it must have one of floats or normalized numbers with 1, 3 or 4 components, rgba8unorm for example',
  ],
  [
    'a texture of depth',
    () => from({}, texture('depth24plus')),
    'dtype',
    /the format depth24plus; it must have one of floats/,
  ],
  [
    'a texture of two components',
    () => from({}, texture('rg8unorm')),
    'dtype',
    /the format rg8unorm; it must have one of floats/,
  ],
  [
    'a multisampled texture',
    () => from({}, texture('rgba8unorm', { sampleCount: 4 })),
    'usage',
    'tensorFromImage: the texture has 4 samples a pixel; resolve it into a texture that has one',
  ],
  [
    'a volume',
    () => from({}, texture('rgba8unorm', { dimension: '3d', size: [7, 5, 2], usage: 4 })),
    'usage',
    'tensorFromImage: the texture has the dimension 3d; it must be 2d',
  ],
  [
    'a texture that cannot be bound',
    () => from({}, texture('rgba8unorm', { usage: 0x10 })),
    'usage',
    'tensorFromImage: the texture was made without GPUTextureUsage.TEXTURE_BINDING, which the call needs',
  ],
];
