import * as norm from '../../../../src/index.ts';
import * as stage from './stage.ts';
import {
  bundle,
  context,
  device,
  dy,
  encoder,
  finished,
  moments,
  pass,
  saved,
  savedOfMoments,
  sums,
  training,
  x,
} from './stage.ts';
import { loose, untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

const belongs = 'follows the options; out and encoder are options too, { encoder } for example';
const encoderBelongs = 'follows the options; encoder is an option too, { encoder } for example';
const encoders = 'it must be a GPUCommandEncoder or an open GPUComputePassEncoder';

/** Arguments that follow the options. */
export const ARGUMENTS: WrongCall[] = [
  ['an encoder', () => loose(norm.layerNorm)(x, {}, encoder), 'option', `layerNorm: a GPUCommandEncoder ${belongs}`],
  ['a pass', () => loose(norm.layerNorm)(x, {}, pass), 'option', `layerNorm: a GPUComputePassEncoder ${belongs}`],
  ['null', () => loose(norm.batchNorm)(x, training, null), 'option', `batchNorm: null ${belongs}`],
  ['an output', () => loose(norm.layerNorm)(x, {}, dy), 'option', `layerNorm: a Tensor ${belongs}`],
  [
    'an object with an output',
    () => loose(norm.rmsNorm)(x, {}, { out: dy }),
    'option',
    `rmsNorm: an object ${belongs}`,
  ],
  [
    'an object with an encoder, in training',
    () => loose(norm.layerNormForward)(x, {}, { encoder }),
    'option',
    `layerNorm: an object ${belongs}`,
  ],
  ['the second of two', () => loose(norm.groupNorm)(x, { numGroups: 2 }, encoder, dy), 'option', /a GPUCommandEncoder/],
  [
    'one after options that are left out',
    () => loose(norm.instanceNorm)(x, undefined, encoder),
    'option',
    `instanceNorm: a GPUCommandEncoder ${belongs}`,
  ],
  [
    'an encoder for AdaIN',
    () => loose(norm.adaptiveInstanceNorm)(x, x, {}, encoder),
    'option',
    `adaptiveInstanceNorm: a GPUCommandEncoder ${belongs}`,
  ],
  [
    'an output for AdaIN in training',
    () => loose(norm.adaptiveInstanceNormForward)(x, x, {}, dy),
    'option',
    `adaptiveInstanceNorm: a Tensor ${belongs}`,
  ],
  [
    'an encoder for a gradient',
    () => loose(norm.layerNormBackward)(dy, saved, {}, encoder),
    'option',
    `layerNormBackward: a GPUCommandEncoder ${belongs}`,
  ],
  [
    'an object with outputs for a gradient',
    () => loose(norm.batchNormBackward)(dy, savedOfMoments, { sums }, { out: { dx: dy } }),
    'option',
    `batchNormBackward: an object ${belongs}`,
  ],
  [
    'an encoder for moments',
    () => loose(norm.moments)(x, { axes: 1 }, encoder),
    'option',
    `moments: a GPUCommandEncoder ${encoderBelongs}`,
  ],
  [
    'an encoder for sums of gradients',
    () => loose(norm.gradientSums)(dy, savedOfMoments, {}, encoder),
    'option',
    `gradientSums: a GPUCommandEncoder ${encoderBelongs}`,
  ],
  [
    'an encoder for merged moments',
    () => loose(norm.mergeMoments)([moments], {}, encoder),
    'option',
    `mergeMoments: a GPUCommandEncoder ${encoderBelongs}`,
  ],
  [
    'an object with an encoder for merged sums',
    () => loose(norm.mergeGradientSums)([sums], undefined, { encoder }),
    'option',
    `mergeGradientSums: an object ${encoderBelongs}`,
  ],
  [
    'options for loaded moments',
    () => loose(norm.loadMoments)(context, stage.momentsData, {}),
    'option',
    'loadMoments: an object follows the arguments; leave it out',
  ],
  [
    'options for loaded sums',
    () => loose(norm.loadGradientSums)(context, stage.sumsData, {}),
    'option',
    'loadGradientSums: an object follows the arguments; leave it out',
  ],
  [
    'a label after the options of a tensor',
    () => loose(context.tensor.bind(context))([1], [1], {}, 'x'),
    'option',
    'tensor: the text "x" follows the options; dtype and label are options too, { label } for example',
  ],
  [
    'a label after the options of an empty tensor',
    () => loose(context.empty.bind(context))([1], undefined, 'x'),
    'option',
    'empty: the text "x" follows the options; dtype and label are options too, { label } for example',
  ],
  [
    'a byteOffset after the options of wrap',
    () => loose(context.wrap.bind(context))(stage.buffer, { shape: [1] }, 256),
    'option',
    'wrap: 256 follows the options; dtype and byteOffset and strides are options too, { strides } for example',
  ],
  [
    'two functions to explain',
    () =>
      loose(context.explain.bind(context))(
        () => norm.layerNorm(x),
        () => norm.rmsNorm(x),
      ),
    'option',
    'explain: a function follows the arguments; leave it out',
  ],
  [
    'an encoder to prepare for',
    async () => loose(context.prepare.bind(context))(() => norm.layerNorm(x), encoder),
    'option',
    'prepare: a GPUCommandEncoder follows the arguments; leave it out',
  ],
  [
    'sizes one by one',
    () => loose(x.reshape.bind(x))([8], 15),
    'option',
    'reshape: 15 follows the arguments; leave it out',
  ],
  [
    'two dtypes to read',
    async () => loose(x.read.bind(x))('f32', 'f16'),
    'option',
    'read: the text "f16" follows the arguments; leave it out',
  ],
  ...[moments, sums].map((part): WrongCall => [
    `a dtype to read ${part.constructor.name} as`,
    async () => loose(part.read.bind(part))('f16'),
    'option',
    'read: the text "f16" follows the arguments; leave it out',
  ]),
  [
    'a device after the options of a context',
    async () => loose(norm.createContext)({}, device),
    'option',
    'createContext: a GPUDevice follows the options; device is an option too, { device } for example',
  ],
];

/** Something else where an encoder or a tensor for results belongs. */
export const DESTINATIONS: WrongCall[] = [
  ...[encoder, pass].map((of): WrongCall => [
    `a Proxy of a ${of.constructor.name}`,
    () => norm.layerNorm(x, { encoder: new Proxy(of, {}) }),
    'option',
    /^layerNorm: encoder is a GPUCom[a-zA-Z]*Encoder; it must be the encoder itself, no Proxy of it$/,
  ]),
  [
    'a render bundle as encoder',
    () => norm.layerNorm(x, { encoder: untyped(bundle) }),
    'option',
    `layerNorm: encoder is a GPURenderBundleEncoder; ${encoders}`,
  ],
  [
    'a device as encoder',
    () => norm.layerNormBackward(dy, saved, { encoder: untyped(device) }),
    'option',
    `layerNormBackward: encoder is a GPUDevice; ${encoders}`,
  ],
  [
    'null as encoder',
    () => norm.layerNorm(x, { encoder: untyped(null) }),
    'option',
    `layerNorm: encoder is null; ${encoders}`,
  ],
  [
    'an object as encoder',
    () => norm.moments(x, { axes: 1, encoder: untyped({}) }),
    'option',
    `moments: encoder is an object; ${encoders}`,
  ],
  [
    'text as encoder',
    () => norm.gradientSums(dy, savedOfMoments, { encoder: untyped('encoder') }),
    'option',
    `gradientSums: encoder is the text "encoder"; ${encoders}`,
  ],
  ...[
    () => norm.layerNorm(x, { encoder: finished }),
    () => norm.layerNormBackward(dy, saved, { encoder: finished }),
    () => norm.moments(x, { axes: 1, encoder: finished }),
  ].map((call, index): WrongCall => [
    `an encoder that was finished: ${index}`,
    call,
    'option',
    /: encoder is a GPUCommandEncoder; it must be a new one, since this one was finished$/,
  ]),
  [
    'a pass to merge into',
    () => norm.mergeGradientSums([sums], { encoder: pass }),
    'option',
    'mergeGradientSums: encoder is an open compute pass; parts are copied side by side first, which takes a GPUCommandEncoder',
  ],
  [
    'a Tensor as out of a gradient',
    () => norm.layerNormBackward(dy, saved, { out: untyped(dy) }),
    'option',
    'layerNormBackward: out is a Tensor; give a plain object, { dx } for example',
  ],
  [
    'null to accumulate in',
    () => norm.layerNormBackward(dy, saved, { accumulate: untyped(null) }),
    'option',
    'layerNormBackward: accumulate is null; give a plain object, { dx } for example',
  ],
];
