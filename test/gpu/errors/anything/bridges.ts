import * as ort from 'onnxruntime-web';
import * as images from '../../../../src/images/index.ts';
import { layerNorm } from '../../../../src/index.ts';
import type { Context } from '../../../../src/index.ts';
import * as layers from '../../../../src/layers/index.ts';
import { createOnnxContext } from '../../../../src/onnx/index.ts';
import * as sync from '../../../../src/sync/index.ts';
import { localGroup } from '../../../sync/local.ts';
import type { Right } from './values.ts';

/** Layers by their class, with what their constructors take besides the context. */
const LAYERS: Readonly<
  Record<string, { given: readonly unknown[]; names: readonly string[]; shape?: readonly number[]; gated?: boolean }>
> = {
  LayerNorm: { given: [8], names: ['eps', 'bias', 'elementwiseAffine'] },
  RMSNorm: { given: [8], names: ['eps', 'zeroCenteredWeight', 'elementwiseAffine'] },
  RMSNormGated: { given: [8], names: ['eps', 'groupSize', 'normBeforeGate'], gated: true },
  GroupNorm: { given: [2, 4], names: ['eps', 'affine', 'layout', 'channelAxis'], shape: [2, 4, 8] },
  BatchNorm1d: { given: [4], names: ['eps', 'momentum', 'affine', 'trackRunningStats'], shape: [2, 4, 8] },
  BatchNorm2d: { given: [4], names: ['eps', 'momentum'], shape: [2, 4, 3, 3] },
  BatchNorm3d: { given: [4], names: ['eps'], shape: [2, 4, 2, 2, 2] },
  InstanceNorm1d: { given: [4], names: ['eps', 'momentum', 'affine', 'trackRunningStats'], shape: [2, 4, 8] },
  InstanceNorm2d: { given: [4], names: ['eps'], shape: [2, 4, 3, 3] },
  InstanceNorm3d: { given: [4], names: ['eps'], shape: [2, 4, 2, 2, 2] },
  GlobalResponseNorm: { given: [8], names: ['eps', 'layout', 'channelAxis'], shape: [2, 8, 3, 3] },
  GraphNorm: { given: [8], names: ['eps'] },
  ScaleNorm: { given: [], names: ['eps', 'weight'] },
  DynamicTanh: { given: [8], names: ['alpha'] },
  DynamicErf: { given: [8], names: ['alpha'] },
};

function layerCalls(context: Context): Right[] {
  const classes = layers as unknown as Record<string, new (...given: unknown[]) => layers.Layer>;
  return Object.entries(LAYERS).flatMap(([name, { given, names, shape = [2, 8], gated }]): Right[] => {
    const Layer = classes[name]!;
    const layer = new Layer(context, ...given);
    layer.keepSaved = true;
    const x = context.empty(shape);
    const inputs = gated ? { z: context.empty(shape) } : {};
    let isKept = false;
    const keep = (): void => {
      if (!isKept) layer.forward(x, inputs).destroy();
      isKept = true;
    };
    const methods = ['train', 'eval', 'parameters', 'zeroGrad', 'stateDict', 'freeSaved'] as const;
    return [
      {
        name: `new ${name}`,
        call: (...all: unknown[]) => new Layer(...all).destroy(),
        given: () => [context, ...given, {}],
        options: { at: 1 + given.length, names: [...names, 'misspelt'] },
      },
      ...methods.map((method): Right => {
        return { name: `${name}.${method}`, call: layer[method].bind(layer) as Right['call'], given: () => [] };
      }),
      {
        name: `${name}.forward`,
        call: layer.forward.bind(layer) as Right['call'],
        given: () => (layer.freeSaved(), [x, inputs]),
        options: { at: 1, names: ['out', 'encoder'] },
      },
      {
        name: `${name}.backward`,
        call: (...all) => {
          (layer.backward as (...given: never[]) => unknown)(...all);
          isKept = false;
        },
        given: () => (keep(), [x, {}]),
        options: { at: 1, names: ['out', 'encoder'] },
      },
      {
        name: `${name}.loadStateDict`,
        call: layer.loadStateDict.bind(layer),
        given: () => [{}, { strict: false }],
        options: { at: 1, names: ['strict', 'rename'] },
      },
    ];
  });
}

function imageCalls(context: Context): Right[] {
  const { device } = context;
  const usage = 0x17;
  const texture = device.createTexture({ format: 'rgba8unorm', size: [7, 5], usage });
  return [
    {
      name: 'tensorFromImage',
      call: images.tensorFromImage as Right['call'],
      given: () => [context, texture, {}],
      options: {
        at: 2,
        names:
          'mean std resize centerCrop encoder layout dtype channels interpolation antialias fill background premultipliedAlpha colorSpace out misspelt'.split(
            ' ',
          ),
      },
    },
    {
      name: 'tensorToImage',
      call: images.tensorToImage as Right['call'],
      given: () => [context.empty([1, 3, 5, 7]), texture, {}],
      options: { at: 2, names: 'mean std layout channels premultipliedAlpha encoder misspelt'.split(' ') },
    },
  ];
}

async function syncCalls(context: Context): Promise<Right[]> {
  const [group] = await localGroup(1);
  const x = context.empty([4, 6, 8]);
  const options = { timeout: 1, size: 1 };
  const { saved } = await sync.syncBatchNormForward(group!, x);
  const channel = { id: 'a', listen: () => {}, send: () => {}, close: () => {} };
  return [
    {
      name: 'joinGroup',
      call: sync.joinGroup,
      given: () => [channel, options],
      options: { at: 1, names: ['size', 'onLeave', 'atLeast', 'timeout', 'version'] },
    },
    {
      name: 'averageGradients',
      call: sync.averageGradients,
      given: () => [group, [x], { count: 4 }],
      options: { at: 2, names: ['count'] },
    },
    { name: 'sumGradients', call: sync.sumGradients, given: () => [group, [x, new Float32Array(3)]] },
    { name: 'broadcastParameters', call: sync.broadcastParameters, given: () => [group, [x]] },
    {
      name: 'syncBatchNormForward',
      call: sync.syncBatchNormForward,
      given: () => [group, x, {}],
      options: { at: 2, names: ['weight', 'bias', 'eps', 'momentum', 'layout', 'mask', 'out', 'moments', 'training'] },
    },
    {
      name: 'syncBatchNormBackward',
      call: sync.syncBatchNormBackward as Right['call'],
      given: () => [group, x, saved, {}],
      options: { at: 3, names: ['count', 'gradients', 'out', 'accumulate', 'sums', 'encoder'] },
    },
    {
      name: 'group.allReduce',
      // A merge that fails ends the group.
      call: async (...all) => (await localGroup(1))[0]!.allReduce(...(all as unknown as [Float32Array])),
      given: () => [new Float32Array(3), {}],
      options: { at: 1, names: ['label', 'merge'] },
    },
    { name: 'broadcastChannel', call: sync.broadcastChannel, given: () => [{ ...new BroadcastChannelLike() }] },
    { name: 'trysteroChannel', call: sync.trysteroChannel, given: () => [room, 'me'] },
    { name: 'comlinkChannel', call: sync.comlinkChannel, given: () => [comlink, relay] },
    { name: 'webSocketChannel', call: sync.webSocketChannel, given: () => [new WebSocketLike()] },
    { name: 'serveRelay', call: sync.serveRelay, given: () => [{ on: () => {} }] },
  ];
}

const settled = async (): Promise<void> => {};
const room = {
  makeAction: () => ({ send: settled, onMessage: null }),
  getPeers: () => ({}),
  leave: settled,
  onPeerJoin: null,
  onPeerLeave: null,
};
const comlink = { proxy: <T>(value: T): T => value, transfer: <T>(value: T): T => value };
const relay = { enter: async () => 'me', send: settled, exit: settled };

/** Of a relay that welcomes whoever listens. */
class WebSocketLike {
  binaryType = '';
  addEventListener = (type: string, listener: (event: { data: string }) => void): void => {
    if (type === 'message') setTimeout(listener, 0, { data: JSON.stringify({ kind: 'welcome', id: 'me' }) });
  };
  send = (): void => {};
  close = (): void => {};
}

class BroadcastChannelLike {
  name = 'anything';
  postMessage = (): void => {};
  addEventListener = (): void => {};
  close = (): void => {};
}

async function onnxCalls({ device }: Context): Promise<Right[]> {
  const onnx = await createOnnxContext(ort, { device });
  const cpu = (...dims: number[]): ort.Tensor =>
    new ort.Tensor('float32', new Float32Array(dims.reduce((size, next) => size * next, 1)), dims);
  const [x, scale] = [onnx.upload(cpu(2, 4)), onnx.upload(cpu(4))];
  return [
    {
      name: 'createOnnxContext',
      call: async (...all) =>
        (await createOnnxContext(...(all as unknown as Parameters<typeof createOnnxContext>))).destroy(),
      given: () => [ort, { device }],
      options: { at: 1, names: ['device', 'onError', 'memory', 'misspelt'] },
    },
    { name: 'onnx.wrap', call: onnx.wrap.bind(onnx), given: () => [x] },
    { name: 'onnx.unwrap', call: onnx.unwrap.bind(onnx), given: () => [onnx.context.empty([2])] },
    { name: 'onnx.upload', call: onnx.upload.bind(onnx), given: () => [cpu(2)] },
    {
      name: 'onnx.call',
      call: onnx.call.bind(onnx) as Right['call'],
      given: () => [layerNorm, x, {}],
      options: { at: 2, names: ['weight', 'bias', 'eps', 'modulation', 'out'] },
    },
    {
      name: 'onnx.runNode',
      call: onnx.runNode.bind(onnx) as Right['call'],
      given: () => [{ opType: 'LayerNormalization' }, [x, scale]],
      options: { at: 0, names: ['opType', 'domain', 'attributes', 'outputs', 'misspelt'] },
    },
  ];
}

function safetensorsCalls(): Right[] {
  const state = { weight: { data: new Float32Array(2), shape: [2], dtype: 'F32' } };
  const written = layers.writeSafetensors(state as never);
  return [
    { name: 'writeSafetensors', call: layers.writeSafetensors, given: () => [state] },
    {
      name: 'writeSafetensors of an entry',
      call: (entry, ...more) => layers.writeSafetensors({ entry }, ...more),
      given: () => [state.weight],
      options: { at: 0, names: ['data', 'shape', 'dtype'] },
    },
    {
      name: 'readSafetensors',
      call: layers.readSafetensors as Right['call'],
      given: () => [written, {}],
      options: { at: 1, names: ['names', 'misspelt'] },
    },
    { name: 'entriesUnder', call: layers.entriesUnder, given: () => ['weight', state] },
  ];
}

/** Every function of what is built on the others. */
export async function bridgeCalls(context: Context): Promise<Right[]> {
  return [
    ...layerCalls(context),
    ...imageCalls(context),
    ...safetensorsCalls(),
    ...(await syncCalls(context)),
    ...(await onnxCalls(context)),
  ];
}
