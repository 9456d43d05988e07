import * as norm from '../../../../src/index.ts';
import { array, buffer, context, device, dy, moments, saved, savedOfMoments, training, weight, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

const make = 'make one with ctx.tensor() or ctx.wrap()';
const save = '{ y, saved } = layerNormForward(…)';
/** As TensorFlow.js names its own. */
class Tensor {}
const halves = context.empty(moments.packed.shape, { dtype: 'f16' });

/** Something else where a tensor, or what a forward call saved, belongs. */
export const TENSORS: WrongCall[] = [
  [
    'x undefined',
    () => norm.layerNorm(untyped(undefined)),
    'option',
    `layerNorm: x is no Tensor but undefined; ${make}`,
  ],
  [
    'an array of the reference',
    () => norm.layerNorm(untyped(array)),
    'option',
    `layerNorm: x is no Tensor but an object; ${make}`,
  ],
  [
    'numbers',
    () => norm.rmsNorm(untyped(array.data)),
    'option',
    `rmsNorm: x is no Tensor but a Float32Array of 120; ${make}`,
  ],
  ['a buffer', () => norm.layerNorm(untyped(buffer)), 'option', `layerNorm: x is no Tensor but a GPUBuffer; ${make}`],
  [
    'a Promise of x',
    () => norm.layerNorm(untyped(Promise.resolve(x))),
    'option',
    `layerNorm: x is no Tensor but a Promise (await it first); ${make}`,
  ],
  [
    'a result with what it saved',
    () => norm.layerNorm(untyped({ y: x, saved })),
    'option',
    `layerNorm: x is no Tensor but an object; ${make}`,
  ],
  [
    "another library's Tensor",
    () => norm.layerNorm(untyped(new Tensor())),
    'option',
    `layerNorm: x is no Tensor but a Tensor of another library; ${make}`,
  ],
  ...(
    [
      ['a Proxy of x, as Vue makes one', new Proxy(x, {})],
      ['what has x for its prototype', Object.create(x)],
    ] as const
  ).map(([name, given]): WrongCall => [
    name,
    () => norm.layerNorm(given),
    'option',
    'layerNorm: x is a Proxy of a Tensor, or made of one; give the Tensor itself',
  ]),
  [
    'a Proxy of a weight',
    () => norm.layerNorm(x, { weight: new Proxy(weight, {}) }),
    'option',
    /^layerNorm: weight is a Proxy of a Tensor, or made of one; give the Tensor itself$/,
  ],
  [
    'a Proxy of out',
    () => norm.layerNorm(x, { out: new Proxy(dy, {}) }),
    'option',
    /^layerNorm: out is a Proxy of a Tensor, /,
  ],
  [
    'a weight as a list',
    () => norm.layerNorm(x, { weight: untyped([1, 2, 3, 4, 5]) }),
    'option',
    `layerNorm: weight is no Tensor but [1,2,3,4,5]; ${make}`,
  ],
  [
    'a style that is left out',
    () => norm.adaptiveInstanceNorm(x, untyped(undefined)),
    'option',
    'adaptiveInstanceNorm: style is missing; it must be a Tensor',
  ],
  [
    'options in place of a style',
    () => norm.adaptiveInstanceNorm(x, untyped({ eps: 1 })),
    'option',
    `adaptiveInstanceNorm: style is no Tensor but an object; ${make}`,
  ],
  [
    'out null',
    () => norm.layerNorm(x, { out: untyped(null) }),
    'option',
    `layerNorm: out is no Tensor but null; ${make}`,
  ],
  [
    'dy as text',
    () => norm.layerNormBackward(untyped('dy'), saved),
    'option',
    `layerNormBackward: dy is no Tensor but the text "dy"; ${make}`,
  ],
  [
    'dresidualOut null',
    () => norm.layerNormBackward(dy, saved, { dresidualOut: untyped(null) }),
    'option',
    `layerNormBackward: dresidualOut is no Tensor but null; ${make}`,
  ],
  [
    'a device for moments',
    () => norm.moments(untyped(device), { axes: 0 }),
    'option',
    `moments: x is no Tensor but a GPUDevice; ${make}`,
  ],
  [
    'a Tensor for what was saved',
    () => norm.layerNormBackward(dy, untyped(x)),
    'saved',
    `layerNormBackward: saved is not what a forward call saved but a Tensor; give the saved of \`${save}\``,
  ],
  [
    'nothing for what was saved',
    () => norm.layerNormBackward(dy, untyped(null)),
    'saved',
    `layerNormBackward: saved is not what a forward call saved but null; give the saved of \`${save}\``,
  ],
  [
    'sums as a Tensor',
    () => norm.batchNormBackward(dy, savedOfMoments, { sums: untyped(dy) }),
    'option',
    'batchNormBackward: sums are no GradientSums but a Tensor; make them with gradientSums() and mergeGradientSums()',
  ],
  [
    'one gradient instead of a list',
    () => norm.layerNormBackward(dy, saved, { gradients: untyped('dx') }),
    'option',
    'layerNormBackward: gradients is the text "dx"; it must be an Array of dx, dweight',
  ],
  [
    'a gradient that is no name',
    () => norm.layerNormBackward(dy, saved, { gradients: untyped([0]) }),
    'option',
    'layerNormBackward: gradients names 0; there are dx, dweight',
  ],
  [
    'moments as a Tensor',
    () => norm.batchNorm(x, { ...training, moments: untyped(moments.packed) }),
    'option',
    'batchNorm: moments is a Tensor; give what moments() or mergeMoments() returns',
  ],
  [
    'moments null',
    () => norm.batchNorm(x, { ...training, moments: untyped(null) }),
    'option',
    'batchNorm: moments is null; give what moments() or mergeMoments() returns',
  ],
  [
    'a count of moments as text, after a call with that count',
    () => norm.batchNormForward(x, { ...training, moments: { ...moments, count: untyped('20') } }),
    'option',
    'batchNorm: count of moments is the text "20"; it must be a positive whole number',
  ],
  [
    'packed of moments in halves',
    () => norm.batchNorm(x, { ...training, moments: { ...moments, packed: untyped(halves) } }),
    'dtype',
    'batchNorm: packed of moments holds f16; it must hold f32',
  ],
  [
    'packed of other moments',
    () => norm.batchNorm(x, { ...training, moments: { ...moments, packed: x } }),
    'parameter',
    'batchNorm: packed of moments has shape [4,6,5], which is not that of a mean of [6]; give both of one Moments',
  ],
];
