import type { WrongCall } from '../../support/wrong-call.ts';
import { context, gone, image, pass, sampled, texture, to, x } from './stage.ts';

/** What tensorToImage cannot draw, or draw into. */
export const TARGETS: WrongCall[] = [
  ['no tensor', () => to({}, image), 'option', /^tensorToImage: the tensor is no Tensor but an object/],
  [
    'no texture',
    () => to({}, x, null),
    'option',
    'tensorToImage: the target is null; it must be a GPUTexture or a GPUCanvasContext',
  ],
  ['an unknown option', () => to({ dtype: 'f16' }), 'option', /^tensorToImage: there is no option 'dtype'/],
  [
    'a tensor of three axes',
    () => to({}, x.reshape([3, 5, 7])),
    'shape',
    'tensorToImage: the tensor [3,5,7] has 3 axes; NCHW has 4, reshape it to [1,…] for one image',
  ],
  [
    'channels of another layout',
    () => to({ layout: 'NHWC' }),
    'shape',
    'tensorToImage: the tensor has 7 channels; an image has 1, 3 or 4',
  ],
  [
    'two channels',
    () => to({}, context.empty([1, 2, 5, 7])),
    'shape',
    'tensorToImage: the tensor has 2 channels; an image has 1, 3 or 4',
  ],
  [
    'other channels than are named',
    () => to({ channels: 'RGBA' }),
    'shape',
    'tensorToImage: RGBA has 4 channels, but the tensor has 3',
  ],
  [
    'another size',
    () => to({}, context.empty([1, 3, 7, 5])),
    'shape',
    'tensorToImage: the tensor has images of 5 by 7 pixels, but the texture is of 7 by 5',
  ],
  [
    'more images than layers',
    () => to({}, context.empty([2, 3, 5, 7])),
    'shape',
    'tensorToImage: the tensor has 2 images, but there are 1 layers; tensor.slice(0, index, index + 1) is one of them',
  ],
  [
    'a mean too long',
    () => to({ mean: [0, 0, 0, 0] }),
    'option',
    'tensorToImage: mean is [0,0,0,0]; it must be a number, or an Array of 3 for RGB',
  ],
  [
    'a std of zero',
    () => to({ std: 0 }),
    'option',
    'tensorToImage: std has 0; a deviation must be greater than 0, as f32',
  ],
  [
    'a compute pass',
    () => to({ encoder: pass }),
    'option',
    'tensorToImage: encoder is a GPUComputePassEncoder; it must be a GPUCommandEncoder',
  ],
  [
    'a tensor of counts',
    () => to({}, context.empty([1, 3, 5, 7], { dtype: 'u32' })),
    'dtype',
    'tensorToImage: the tensor holds u32; it must hold f32, f16 or bf16',
  ],
  [
    'a tensor that was destroyed',
    () => to({}, gone),
    'destroyed',
    'tensorToImage: the tensor was destroyed; it can no longer be used',
  ],
  [
    'a texture that cannot be drawn into',
    () => to({}, x, sampled),
    'usage',
    'tensorToImage: the texture was made without GPUTextureUsage.RENDER_ATTACHMENT, which the call needs',
  ],
  [
    'colours into one component',
    () => to({}, x, texture('r8unorm')),
    'shape',
    'tensorToImage: the format r8unorm has 1 components, but RGB 3',
  ],
  [
    'a multisampled texture',
    () => to({}, x, texture('rgba8unorm', { sampleCount: 4 })),
    'usage',
    'tensorToImage: the texture has 4 samples a pixel; resolve it into a texture that has one',
  ],
  [
    'a texture of whole numbers',
    () => to({}, x, texture('rgba8uint')),
    'dtype',
    /^tensorToImage: the texture has the format rgba8uint/,
  ],
];
