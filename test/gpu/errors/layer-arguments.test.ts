import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import * as layers from '../../../src/layers/index.ts';
import { caught } from '../../layers/caught.ts';
import { gpu } from '../../setup/gpu.ts';
import { loose } from '../support/wrong-call.ts';

/** Arguments and options of layers that are none, or too many. */

const context = await createContext({ gpu: await gpu() });
const destroyed = await createContext({ device: context.device });
destroyed.destroy();
const gated = new layers.RMSNormGated(context, 8, { groupSize: 4 });
const rows = context.empty([2, 8]);

describe('what is wrong is named by its type', () => {
  const layer = new layers.LayerNorm(context, 4);
  const x = context.empty([2, 4]);
  const trained = new layers.LayerNorm(context, 4);
  trained.forward(x);
  const make = (...given: unknown[]): layers.Layer => new layers.LayerNorm(...(given as [never, never, never]));
  it.each<[string, string, () => unknown]>([
    ['x is no Tensor but a Float32Array of 8', 'option', () => layer.forward(new Float32Array(8) as never)],
    ['x is no Tensor but undefined', 'option', () => layer.forward(undefined as never)],
    ['x is no Tensor but a Promise (await it first)', 'option', () => layer.forward(Promise.resolve(x) as never)],
    ['dy is no Tensor but a Float32Array of 8', 'option', () => layer.backward(new Float32Array(8) as never)],
    ['dy is no Tensor but null', 'option', () => layer.backward(null as never)],
    ['forward: options are null; give a plain object, { out } for', 'option', () => layer.forward(x, null as never)],
    ["forward: there is no option 'save'", 'option', () => layer.forward(x, { save: true } as never)],
    ['backward: options are null; give a plain object, { out } for', 'option', () => layer.backward(x, null as never)],
    [
      'forward: a Tensor follows the options; out and encoder are options too, { encoder } for',
      'option',
      () => loose(layer.forward.bind(layer))(x, {}, x),
    ],
    [
      'backward: an object follows the options; out and encoder are options too',
      'option',
      () => loose(layer.backward.bind(layer))(x, undefined, { out: x }),
    ],
    ['dx is no Tensor but null', 'option', () => trained.backward(x, { out: null } as never)],
    ['encoder is null; it must be', 'option', () => trained.backward(x, { encoder: null } as never)],
    ['out is no Tensor but null', 'option', () => gated.forward(rows, { z: rows, out: null } as never)],
    ...(['zeroGrad', 'freeSaved', 'parameters'] as const).map(
      (method) =>
        [
          `${method}: true follows the arguments; leave it out`,
          'option',
          () => loose(layer[method].bind(layer))(true),
        ] as [string, string, () => unknown],
    ),
    ['train: false follows the arguments; leave it out', 'option', () => loose(layer.train.bind(layer))(true, false)],
    ['eval: true follows the arguments; leave it out', 'option', () => loose(layer.eval.bind(layer))(true)],
    [
      'loadStateDict: true follows the options; strict and rename are options too',
      'option',
      () => loose(layer.loadStateDict.bind(layer))({}, {}, true),
    ],
    [
      'LayerNorm: 0.1 follows the options; eps is an option too, { eps } for',
      'option',
      () => make(context, 4, {}, 0.1),
    ],
    [
      'writeSafetensors: an object follows the arguments',
      'option',
      () => loose(layers.writeSafetensors)({}, { author: '' }),
    ],
    ['entriesUnder: true follows the arguments', 'option', () => loose(layers.entriesUnder)('', {}, true)],
    [
      'readSafetensors: true follows the options; only and f64 are options too',
      'option',
      () => loose(layers.readSafetensors)(new ArrayBuffer(8), {}, true),
    ],
    ["no option 'epsilon'; here it is called eps", 'option', () => make(context, 4, { epsilon: 1e-6 })],
    ["no option 'affine'; here it is called elementwiseAffine", 'option', () => make(context, 4, { affine: false })],
    [
      "no option 'elementwise_affine'; here it is called elementwiseAffine",
      'option',
      () => make(context, 4, { elementwise_affine: false }),
    ],
    [
      "no option 'elementwise_affine'; here it is called affine",
      'option',
      () => new layers.BatchNorm2d(context, 4, { elementwise_affine: false } as never),
    ],
    [
      "no option 'track_running_stats'; here it is called trackRunningStats",
      'option',
      () => new layers.BatchNorm2d(context, 4, { track_running_stats: false } as never),
    ],
    ['LayerNorm: eps is the text "1e-5"; it must be a finite', 'eps', () => make(context, 4, { eps: '1e-5' })],
    [
      'BatchNorm2d: momentum is 10; it must be between 0 and 1',
      'option',
      () => new layers.BatchNorm2d(context, 4, { momentum: 10 }),
    ],
    ["no option 'accumulate'", 'option', () => layer.backward(x, { accumulate: {} } as never)],
    ['training is the text "yes"; it must be true or false', 'option', () => layer.train('yes' as never)],
    [
      "BatchNorm2d: layout 'nhwc' must be capital letters",
      'layout',
      () => new layers.BatchNorm2d(context, 4, { layout: 'nhwc' }),
    ],
    [
      'GroupNorm: channelAxis is 0.5; it must be a whole',
      'layout',
      () => new layers.GroupNorm(context, 2, 4, { channelAxis: 0.5 }),
    ],
    ['InstanceNorm1d: the context was destroyed', 'lost', () => new layers.InstanceNorm1d(destroyed, 4)],
    ['context is an object; it must be a Context', 'option', () => make({}, 4)],
    ['context is undefined; it must be a Context', 'option', () => make(undefined, 4)],
    ['context is a Promise (await it first); it must be a Context', 'option', () => make(Promise.resolve(context), 4)],
    [`context is a ${context.device.constructor.name}`, 'option', () => make(context.device, 4)],
    ['normalizedShape is the text "768"; it must be a positive', 'option', () => make(context, '768')],
    ['normalizedShape is undefined; it must be', 'option', () => make(context, undefined)],
    ['normalizedShape is null; it must be', 'option', () => make(context, null)],
    ['normalizedShape is 4n (a BigInt); it must be', 'option', () => make(context, 4n)],
    ['normalizedShape is an Int32Array of 1; it must be', 'option', () => make(context, Int32Array.of(4))],
    ['a size of normalizedShape is the text "4"', 'option', () => make(context, ['4'])],
    ['normalizedShape is 1.5; it must be', 'option', () => make(context, 1.5)],
    ['options are null', 'option', () => make(context, 4, null)],
    ['options are null', 'option', () => new layers.RMSNorm(context, 4, null as never)],
    ['options are null', 'option', () => new layers.BatchNorm1d(context, 4, null as never)],
    ['options are null', 'option', () => new layers.InstanceNorm1d(context, 4, null as never)],
    ['options are null', 'option', () => new layers.GroupNorm(context, 2, 4, null as never)],
    ['numGroups is the text "2"; it must be', 'option', () => new layers.GroupNorm(context, '2' as never, 4)],
    ['numChannels is the text "4"; it must be', 'option', () => new layers.GroupNorm(context, 2, '4' as never)],
    ['numFeatures is the text "4"; it must be', 'option', () => new layers.BatchNorm2d(context, '4' as never)],
  ])('%s', (says, code, call) => {
    const error = caught(call);
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
  });
});
