import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import * as layers from '../../../src/layers/index.ts';
import { caught } from '../../layers/caught.ts';
import { gpu } from '../../setup/gpu.ts';
import { loose, untyped } from '../support/wrong-call.ts';

const context = await createContext({ gpu: await gpu() });

const gated = new layers.RMSNormGated(context, 8, { groupSize: 4 });
const rows = context.empty([2, 8]);

describe('wrong states and calls', () => {
  it.each([
    ['with parameters', () => new layers.LayerNorm(context, 4)],
    ['without', () => new layers.InstanceNorm1d(context, 4)],
  ])('a destroyed layer, %s, touches no memory that may be somebody else’s', async (_, make) => {
    const layer = make();
    const state = await layer.stateDict();
    layer.destroy();
    layer.destroy();
    const x = context.tensor(new Float32Array(16), [1, 4, 4]);
    for (const call of [() => layer.forward(x), () => layer.backward(x), () => layer.zeroGrad()]) {
      expect(caught(call).code).toBe('destroyed');
    }
    expect(caught(() => layer.loadStateDict(state)).code).toBe('destroyed');
    await expect(layer.stateDict()).rejects.toMatchObject({ code: 'destroyed' });
  });

  it.each<[string, () => unknown]>([
    [
      'elementwiseAffine is false for neither, bias for no bias',
      () => new layers.LayerNorm(context, 4, untyped({ center: false })),
    ],
    [
      'elementwiseAffine is false for neither, bias for no bias',
      () => new layers.LayerNorm(context, 4, untyped({ scale: false })),
    ],
    ['affine is false for neither', () => new layers.BatchNorm2d(context, 4, untyped({ weight: rows }))],
    ['affine is false for neither', () => new layers.GroupNorm(context, 2, 4, untyped({ beta: null }))],
  ])('options of Keras, or parameters, are told what a layer has in their place: %s', (said, call) => {
    const { code, message } = caught(call);
    expect(code).toBe('option');
    expect(message.endsWith(`; a layer makes its own weight and bias: ${said}`), message).toBe(true);
  });

  it('takes nothing to make a state dict by', async () => {
    const layer = new layers.LayerNorm(context, 4);
    await expect(loose(layer.stateDict.bind(layer))({ prefix: 'norm.' })).rejects.toMatchObject({
      code: 'option',
      message: 'LayerNorm: stateDict: an object follows the arguments; leave it out',
    });
  });

  it('a layer of which a part was destroyed touches no memory that is somebody else’s', async () => {
    const state = await new layers.LayerNorm(context, 64).stateDict();
    for (const part of ['value', 'grad'] as const) {
      const layer = new layers.LayerNorm(context, 64);
      layer.parameters()[0]![part].destroy();
      const others = [1, 2].map(() => context.tensor(new Float32Array(64).fill(7), [64]));
      for (const call of [() => layer.zeroGrad(), () => layer.loadStateDict(state)]) {
        expect(caught(call)).toMatchObject({
          code: 'destroyed',
          message: expect.stringMatching(/whose .*weight was destroyed/) as string,
        });
      }
      for (const other of others) expect([...(await other.read())]).toEqual(Array<number>(64).fill(7));
    }
  });

  it.each<[string, string, () => unknown]>([
    ['a picture for rows', 'shape', () => new layers.BatchNorm1d(context, 4).forward(context.empty([2, 4, 3, 3]))],
    ['rows for a picture', 'shape', () => new layers.BatchNorm2d(context, 4).forward(context.empty([2, 4]))],
    ['other channels', 'parameter', () => new layers.BatchNorm2d(context, 4).forward(context.empty([2, 5, 3, 3]))],
    ['other last axes', 'shape', () => new layers.LayerNorm(context, [3, 4]).forward(context.empty([3, 5]))],
    ['a gate of another shape', 'shape', () => gated.forward(context.empty([2, 8]), { z: context.empty([2, 4]) })],
    ['a gated layer without its gate', 'option', () => gated.forward(context.empty([2, 8]))],
    ['an input that a layer has not', 'option', () => gated.forward(context.empty([2, 8]), untyped({ gate: null }))],
    ['other rows for a gated layer', 'shape', () => gated.forward(context.empty([2, 4]), { z: context.empty([2, 4]) })],
    ['an out of a gated layer that is none', 'option', () => gated.forward(rows, { z: rows, out: untyped([]) })],
    ['groups that do not divide a row', 'groups', () => new layers.RMSNormGated(context, 8, { groupSize: 3 })],
    ['a group of a half', 'option', () => new layers.RMSNormGated(context, 8, { groupSize: 0.5 })],
    ['nodes of a picture', 'shape', () => new layers.GraphNorm(context, 4).forward(context.empty([1, 2, 3, 4]))],
    ['nodes of other channels', 'parameter', () => new layers.GraphNorm(context, 4).forward(context.empty([3, 5]))],
    [
      'starts that do not end with the nodes',
      'option',
      () => new layers.GraphNorm(context, 4).forward(context.empty([3, 4]), { segments: [0, 2] }),
    ],
    ['no features', 'option', () => new layers.BatchNorm2d(context, 0)],
    ['no normalized axes', 'option', () => new layers.LayerNorm(context, [])],
    ['groups that do not divide', 'groups', () => new layers.GroupNorm(context, 4, 6)],
    ['a misspelt option', 'option', () => new layers.BatchNorm2d(context, 4, { track: true } as never)],
    ['a flag that is text', 'option', () => new layers.LayerNorm(context, 4, { bias: 'no' } as never)],
    ['a gradient before a forward call', 'saved', () => new layers.RMSNorm(context, 4).backward(context.empty([2, 4]))],
  ])('%s is refused', (_, code, call) => {
    expect(caught(call).code).toBe(code);
  });
});

describe('axes of a layer that is told its layout', () => {
  it.each<[layers.Layer, number[], string, string]>([
    [
      new layers.InstanceNorm1d(context, 4, { layout: 'NHWC' }),
      [2, 3, 3, 4],
      'shape',
      'InstanceNorm1d: x [2,3,3,4] has 4 axes; it must have 3 or 2',
    ],
    [
      new layers.InstanceNorm2d(context, 4, { layout: 'LC' }),
      [3, 4],
      'shape',
      'InstanceNorm2d: x [3,4] has 2 axes; it must have 4 or 3',
    ],
    [
      new layers.InstanceNorm2d(context, 4, { layout: 'HWC' }),
      [2, 3, 3, 4],
      'layout',
      "InstanceNorm2d: layout 'HWC' has 3 letters, but x [2,3,3,4] has 4 axes",
    ],
    [
      new layers.InstanceNorm2d(context, 4, { channelAxis: -1 }),
      [3, 3, 4],
      'shape',
      'InstanceNorm2d: x [3,3,4] has 3 axes; it must have 4',
    ],
  ])('%#', (layer, shape, code, says) => {
    expect(caught(() => layer.forward(context.empty(shape)))).toMatchObject({
      code,
      message: expect.stringContaining(says) as string,
    });
  });

  it('one sample, channels last, is as good as one of a batch', async () => {
    const layer = new layers.InstanceNorm2d(context, 2, { layout: 'HWC' });
    const x = context.tensor(
      Float32Array.from({ length: 12 }, (_, index) => Math.sin(index)),
      [2, 3, 2],
    );
    const batch = new layers.InstanceNorm2d(context, 2, { layout: 'NHWC' }).forward(x.reshape([1, 2, 3, 2]));
    expect(await layer.forward(x).read()).toEqual(await batch.read());
  });
});

describe('channels of a layer without parameters', () => {
  const bare = { affine: false, trackRunningStats: false };
  it.each<[string, layers.Layer, number[], string]>([
    ['BatchNorm1d', new layers.BatchNorm1d(context, 4, bare), [3, 5], 'x [3,5] has 5 channels on axis 1'],
    ['BatchNorm2d', new layers.BatchNorm2d(context, 64, bare), [2, 5, 3, 3], 'x [2,5,3,3] has 5 channels on axis 1'],
    [
      'BatchNorm2d',
      new layers.BatchNorm2d(context, 4, { ...bare, layout: 'NHWC' }),
      [2, 4, 3, 3],
      'x [2,4,3,3] has 3 channels on axis 3',
    ],
    ['InstanceNorm2d', new layers.InstanceNorm2d(context, 4), [2, 3, 4, 4], 'x [2,3,4,4] has 3 channels on axis 1'],
    ['InstanceNorm1d', new layers.InstanceNorm1d(context, 4), [3, 4], 'x [3,4] has 3 channels on axis 0'],
    [
      'GroupNorm',
      new layers.GroupNorm(context, 2, 4, { affine: false }),
      [2, 8, 5],
      'x [2,8,5] has 8 channels on axis 1',
    ],
    [
      'GroupNorm',
      new layers.GroupNorm(context, 2, 4, { affine: false, channelAxis: -1 }),
      [2, 4, 6],
      'x [2,4,6] has 6 channels on axis 2',
    ],
  ])('%s', (name, layer, shape, says) => {
    const { code, message } = caught(() => layer.forward(context.empty(shape)));
    expect(code).toBe('parameter');
    expect(message).toContain(`${name}: ${says}; the layer was made for `);
  });
});
