import * as norm from '../../../../src/index.ts';
import { context, dy, encoder, saved, weight, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

class Settings {
  axes = [-1];
}
const inherited: object = Object.create({ weight });
const bare = (properties: object): object => Object.assign(Object.create(null) as object, properties);

/** Something else where options belong. */
export const OPTIONS: WrongCall[] = [
  [
    'axes themselves',
    () => norm.layerNorm(x, untyped([-1])),
    'option',
    'layerNorm: options are [-1]; give a plain object, { axes } for example',
  ],
  [
    'null',
    () => norm.layerNorm(x, untyped(null)),
    'option',
    'layerNorm: options are null; give a plain object, { axes } for example',
  ],
  [
    'a number',
    () => norm.groupNorm(x, untyped(2)),
    'option',
    'groupNorm: options are 2; give a plain object, { numGroups } for example',
  ],
  [
    'text',
    () => norm.batchNorm(x, untyped('NHWC')),
    'option',
    'batchNorm: options are the text "NHWC"; give a plain object, { training } for example',
  ],
  [
    'a weight itself',
    () => norm.rmsNorm(x, untyped(weight)),
    'option',
    'rmsNorm: options are a Tensor; give a plain object, { axes } for example',
  ],
  [
    'a Map',
    () => norm.normalize(x, untyped(new Map([['axes', 1]]))),
    'option',
    'normalize: options are a Map; give a plain object, { axes } for example',
  ],
  [
    'a Promise of options',
    () => norm.instanceNorm(x, untyped(Promise.resolve({}))),
    'option',
    'instanceNorm: options are a Promise (await it first); give a plain object, { useInputStats } for example',
  ],
  [
    'a function',
    () =>
      norm.layerNorm(
        x,
        untyped(() => ({})),
      ),
    'option',
    'layerNorm: options are a function; give a plain object, { axes } for example',
  ],
  [
    'an instance of a class',
    () => norm.layerNorm(x, untyped(new Settings())),
    'option',
    'layerNorm: options are a Settings; give a plain object, { axes } for example',
  ],
  [
    'inherited options',
    () => norm.layerNorm(x, untyped(inherited)),
    'option',
    'layerNorm: options are an object; give a plain object, { axes } for example',
  ],
  [
    'options inherited of an object without a prototype',
    () => norm.layerNorm(x, untyped(Object.create(bare({ weight })))),
    'option',
    'layerNorm: options are an object; give a plain object, { axes } for example',
  ],
  [
    'a modulation inherited of an object without a prototype',
    () => norm.layerNorm(x, { modulation: untyped(Object.create(bare({ scale: weight }))) }),
    'option',
    'layerNorm: modulation is an object; give a plain object, { scale } for example',
  ],
  [
    'an encoder',
    () => norm.layerNorm(x, untyped(encoder)),
    'option',
    'layerNorm: options are a GPUCommandEncoder; give a plain object, { axes } for example',
  ],
  [
    'a style among the options of AdaIN, null',
    () => norm.adaptiveInstanceNorm(x, x, untyped(null)),
    'option',
    'adaptiveInstanceNorm: options are null; give a plain object, { eps } for example',
  ],
  [
    'a list of gradients',
    () => norm.layerNormBackward(dy, saved, untyped(['dx'])),
    'option',
    'layerNormBackward: options are ["dx"]; give a plain object, { gradients } for example',
  ],
  [
    'null for a gradient',
    () => norm.layerNormBackward(dy, saved, untyped(null)),
    'option',
    'layerNormBackward: options are null; give a plain object, { gradients } for example',
  ],
  [
    'moments over an axis',
    () => norm.moments(x, untyped(1)),
    'option',
    'moments: options are 1; give a plain object, { axes } for example',
  ],
  [
    'moments without options',
    () => norm.moments(x, untyped(undefined)),
    'option',
    'moments: options are undefined; give a plain object, { axes } for example',
  ],
  [
    'a dtype itself',
    () => context.tensor([1], [1], untyped('f16')),
    'option',
    'tensor: options are the text "f16"; give a plain object, { dtype } for example',
  ],
  [
    'null for an empty tensor',
    () => context.empty([1], untyped(null)),
    'option',
    'empty: options are null; give a plain object, { dtype } for example',
  ],
];
