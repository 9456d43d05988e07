import * as ort from 'onnxruntime-web';
import * as images from '../../../../src/images/index.ts';
import { layerNorm } from '../../../../src/index.ts';
import type { Context } from '../../../../src/index.ts';
import * as layers from '../../../../src/layers/index.ts';
import { createOnnxContext } from '../../../../src/onnx/index.ts';
import * as sync from '../../../../src/sync/index.ts';
import { localGroup } from '../../../sync/local.ts';
import { layerCalls } from './layers.ts';
import type { Right } from './values.ts';

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
    { name: 'serveRelay', call: sync.serveRelay, given: () => [{ on: () => {}, handleUpgrade: () => {} }] },
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
