import * as norm from '../../../src/index.ts';
import { context, device, dy, encoder, pass, saved, training, untyped, weight, x } from './stage.ts';
import type { WrongCall } from './stage.ts';

class Settings {
  axes = [-1];
}
const inherited: object = Object.create({ weight });

/** Something else where options belong, and where a record does. */
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
    'batchNorm: options are the text "NHWC"; give a plain object, { layout } for example',
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
    'instanceNorm: options are a Promise (await it first); give a plain object, { layout } for example',
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
    'an encoder',
    () => norm.layerNorm(x, untyped(encoder)),
    'option',
    'layerNorm: options are a GPUCommandEncoder; give a plain object, { axes } for example',
  ],
  [
    'a style among the options of AdaIN, null',
    () => norm.adaptiveInstanceNorm(x, x, untyped(null)),
    'option',
    'adaptiveInstanceNorm: options are null; give a plain object, { layout } for example',
  ],
  [
    'a list of gradients',
    () => norm.layerNormBackward(dy, saved, untyped(['dx'])),
    'option',
    'layerNormBackward: options are ["dx"]; give a plain object, { outputs } for example',
  ],
  [
    'null for a gradient',
    () => norm.layerNormBackward(dy, saved, untyped(null)),
    'option',
    'layerNormBackward: options are null; give a plain object, { outputs } for example',
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
  [
    'shapes without options',
    () => norm.parameterShapes(norm.layerNormDefinition, [4], untyped(undefined)),
    'option',
    'layerNorm: options are undefined; give a plain object, { axes } for example',
  ],
  [
    'shapes of no mode',
    () => norm.parameterShapes(untyped(norm.layerNorm), [4], {}),
    'option',
    'parameterShapes: definition is a function; give that of a mode, layerNormDefinition for example',
  ],
];

export const RECORDS: WrongCall[] = [
  [
    'an encoder',
    () => norm.layerNorm(x, {}, untyped(encoder)),
    'option',
    'layerNorm: record is a GPUCommandEncoder; give a plain object, { encoder } for example',
  ],
  [
    'a pass',
    () => norm.layerNorm(x, {}, untyped(pass)),
    'option',
    'layerNorm: record is a GPUComputePassEncoder; give a plain object, { encoder } for example',
  ],
  [
    'null',
    () => norm.batchNorm(x, training, untyped(null)),
    'option',
    'batchNorm: record is null; give a plain object, { encoder } for example',
  ],
  [
    'an output',
    () => norm.layerNorm(x, {}, untyped(dy)),
    'option',
    'layerNorm: record is a Tensor; give a plain object, { encoder } for example',
  ],
  [
    'an encoder for a gradient',
    () => norm.layerNormBackward(dy, saved, {}, untyped(encoder)),
    'option',
    'layerNormBackward: record is a GPUCommandEncoder; give a plain object, { encoder } for example',
  ],
  [
    'an encoder for moments',
    () => norm.moments(x, { axes: 1 }, untyped(encoder)),
    'option',
    'moments: record is a GPUCommandEncoder; give a plain object, { encoder } for example',
  ],
  [
    'a pass as encoder',
    () => norm.layerNorm(x, {}, { encoder: untyped(pass) }),
    'option',
    'layerNorm: encoder is a GPUComputePassEncoder; it must be a GPUCommandEncoder',
  ],
  [
    'a device as encoder',
    () => norm.layerNormBackward(dy, saved, {}, { encoder: untyped(device) }),
    'option',
    'layerNormBackward: encoder is a GPUDevice; it must be a GPUCommandEncoder',
  ],
  [
    'null as encoder',
    () => norm.layerNorm(x, {}, { encoder: untyped(null) }),
    'option',
    'layerNorm: encoder is null; it must be a GPUCommandEncoder',
  ],
  [
    'an object as encoder',
    () => norm.moments(x, { axes: 1 }, { encoder: untyped({}) }),
    'option',
    'moments: encoder is an object; it must be a GPUCommandEncoder',
  ],
  [
    'a Tensor as out of a gradient',
    () => norm.layerNormBackward(dy, saved, {}, { out: untyped(dy) }),
    'option',
    'layerNormBackward: out is a Tensor; give a plain object, { dx } for example',
  ],
  [
    'null to accumulate in',
    () => norm.layerNormBackward(dy, saved, {}, { accumulate: untyped(null) }),
    'option',
    'layerNormBackward: accumulate is null; give a plain object, { dx } for example',
  ],
];
