import { tensorFromImage } from '../../../../src/images/index.ts';
import { loose, untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';
import { context, device, from, image, target } from './stage.ts';

/** Options of tensorFromImage. */
export const OPTIONS: WrongCall[] = [
  [
    'no context',
    () => tensorFromImage(untyped(device), image),
    'option',
    'tensorFromImage: context is a GPUDevice; it must be a Context, as await createContext() makes it',
  ],
  [
    'an unknown option',
    () => from({ normalize: true }),
    'option',
    /^tensorFromImage: there is no option 'normalize'; the options are layout, dtype, channels, mean/,
  ],
  [
    'no options object',
    () => from([]),
    'option',
    'tensorFromImage: options are []; give a plain object, { layout } for example',
  ],
  [
    'an argument too many',
    () => loose(tensorFromImage)(context, image, {}, 1),
    'option',
    'tensorFromImage: 1 follows the arguments; leave it out',
  ],
  [
    'a layout',
    () => from({ layout: 'CHW' }),
    'layout',
    "tensorFromImage: layout is 'CHW'; it must be one of NCHW, NHWC",
  ],
  ['a dtype', () => from({ dtype: 'u32' }), 'dtype', "tensorFromImage: dtype is 'u32'; it must be f32, f16 or bf16"],
  [
    'channels',
    () => from({ channels: 'RBG' }),
    'option',
    "tensorFromImage: channels is 'RBG'; it must be one of RGB, BGR, RGBA, BGRA, grayscale",
  ],
  [
    'a std of zero',
    () => from({ std: [1, 0, 1] }),
    'option',
    'tensorFromImage: std has 0; a deviation must be greater than 0, as f32',
  ],
  [
    'a std that f32 has as zero',
    () => from({ std: 1e-60 }),
    'option',
    'tensorFromImage: std has 1e-60; a deviation must be greater than 0, as f32',
  ],
  [
    'a negative std',
    () => from({ std: -1 }),
    'option',
    'tensorFromImage: std has -1; a deviation must be greater than 0, as f32',
  ],
  [
    'a mean too short',
    () => from({ mean: [0.5, 0.5] }),
    'option',
    'tensorFromImage: mean is [0.5,0.5]; it must be a number, or an Array of 3 for RGB',
  ],
  [
    'a mean of three for grey',
    () => from({ mean: [0.5, 0.5, 0.5], channels: 'grayscale' }),
    'option',
    'tensorFromImage: mean is [0.5,0.5,0.5]; it must be a number, or an Array of 1 for grayscale',
  ],
  [
    'a mean that is no number',
    () => from({ mean: [0.5, NaN, 0.5] }),
    'option',
    'tensorFromImage: mean is [0.5,NaN,0.5]; it must be finite numbers, as f32',
  ],
  [
    'a mean as text',
    () => from({ mean: '0.5' }),
    'option',
    'tensorFromImage: mean is the text "0.5"; it must be a number, or an Array of 3 for RGB',
  ],
  ...(['mean', 'std', 'background'] as const).map((name): WrongCall => [
    `${name} with a hole`,
    // oxlint-disable-next-line no-sparse-arrays
    () => from({ [name]: [0.5, , 0.5] }),
    'option',
    `tensorFromImage: ${name} is [0.5,undefined,0.5]; it must be finite numbers, as f32`,
  ]),
  ...(['resize', 'centerCrop'] as const).map((name): WrongCall => [
    `${name} to holes`,
    () => from({ [name]: Array(2) }),
    'option',
    `tensorFromImage: ${name} is [undefined,undefined]; it must be a whole number, or [height, width], of at least 1`,
  ]),
  [
    'a background of bytes',
    () => from({ background: [255, 255, 255] }),
    'option',
    'tensorFromImage: background is [255,255,255]; it must be from 0 to 1',
  ],
  [
    'resize to nothing',
    () => from({ resize: 0 }),
    'option',
    'tensorFromImage: resize is 0; it must be a positive whole number',
  ],
  [
    'resize to three',
    () => from({ resize: [1, 2, 3] }),
    'option',
    'tensorFromImage: resize is [1,2,3]; it must be a whole number, or [height, width], of at least 1',
  ],
  [
    'resize to a fraction',
    () => from({ resize: [1.5, 2] }),
    'option',
    'tensorFromImage: resize is [1.5,2]; it must be a whole number, or [height, width], of at least 1',
  ],
  [
    'resize by another name',
    () => from({ resize: { shortestEdge: 3 } }),
    'option',
    "tensorFromImage: resize has no 'shortestEdge'; it may have longestEdge",
  ],
  [
    'a crop to nothing',
    () => from({ centerCrop: [0, 4] }),
    'option',
    'tensorFromImage: centerCrop is [0,4]; it must be a whole number, or [height, width], of at least 1',
  ],
  [
    'interpolation',
    () => from({ interpolation: 'lanczos' }),
    'option',
    "tensorFromImage: interpolation is 'lanczos'; it must be one of bilinear, bicubic",
  ],
  [
    'bicubic without antialias',
    () => from({ interpolation: 'bicubic', antialias: false }),
    'option',
    'tensorFromImage: bicubic interpolation is antialiased; leave antialias out',
  ],
  [
    'antialias as text',
    () => from({ antialias: 'no' }),
    'option',
    'tensorFromImage: antialias is the text "no"; it must be true or false',
  ],
  [
    'a fill',
    () => from({ fill: Infinity }),
    'option',
    'tensorFromImage: fill is Infinity; it must be a finite number, as f32',
  ],
  [
    'a background',
    () => from({ background: [1, 1] }),
    'option',
    'tensorFromImage: background is [1,1]; it must be a number, or an Array of 3 for RGB',
  ],
  [
    'premultipliedAlpha of bytes',
    () => from({ premultipliedAlpha: true }),
    'option',
    'tensorFromImage: premultipliedAlpha is for a GPUTexture; what the browser copies is not',
  ],
  [
    'a colour space of a texture',
    () => from({ colorSpace: 'srgb' }, target),
    'option',
    /^tensorFromImage: colorSpace is what the browser converts its own images to/,
  ],
  [
    'a colour space',
    () => from({ colorSpace: 'rec2020' }),
    'option',
    "tensorFromImage: colorSpace is 'rec2020'; it must be one of srgb, display-p3",
  ],
  [
    'an encoder',
    () => from({ encoder: device }),
    'option',
    'tensorFromImage: encoder is a GPUDevice; it must be a GPUCommandEncoder or an open GPUComputePassEncoder',
  ],
];
