import * as ort from 'onnxruntime-web';
import { describe, expect, it, vi } from 'vitest';
import { batchNorm, createContext, layerNorm, NormError } from '../../../src/index.ts';
import { createOnnxContext } from '../../../src/onnx/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { loose, recording, testWrongCalls } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

const { device } = await createContext({ gpu: await gpu() });
const onnx = await createOnnxContext(ort, { device });
const { context } = onnx;

const cpu = (dims: number[]): ort.Tensor =>
  new ort.Tensor('float32', new Float32Array(dims.reduce((product, size) => product * size, 1)), dims);
const on = (...dims: number[]): ort.Tensor => onnx.upload(cpu(dims));
const placed = (location: string): ort.Tensor => ({ location, type: 'float32', dims: [2, 3], size: 6 }) as never;

const x = on(2, 3, 4);
const c = on(4);
const gone = on(4);
gone.dispose();
const freed = context.empty([4]);
const dangling = onnx.unwrap(freed);
freed.destroy();
const stranger = (await createContext({ gpu: await gpu() })).empty([2, 4]);
const integers = ort.Tensor.fromGpuBuffer(context.empty([4]).buffer, { dataType: 'int32', dims: [4] });

const layer = { opType: 'LayerNormalization' } as const;
const group = { opType: 'GroupNorm', attributes: { groups: 2, activation: 0 } } as const;
const training = { opType: 'BatchNormalization', attributes: { training_mode: 1 }, outputs: ['running_mean'] } as const;
const circular: { rotary: { cos?: unknown } } = { rotary: {} };
circular.rotary.cos = circular.rotary;
const run = loose(onnx.runNode.bind(onnx));

const TENSORS: WrongCall[] = [
  [
    'a tensor on the CPU',
    () => onnx.runNode(layer, [cpu([2, 3]), c]),
    'device',
    /X is of location 'cpu'; upload it once/,
  ],
  [
    'a weight on the CPU',
    () => onnx.runNode(layer, [x, cpu([4])]),
    'device',
    /Scale is of location 'cpu'.*upload\(tensor\)/,
  ],
  ['a tensor of WebNN', () => onnx.runNode(layer, [placed('ml-tensor'), c]), 'device', /'ml-tensor'.*run on WebGPU/],
  ['a tensor of WebGL', () => onnx.wrap(placed('texture')), 'device', /'texture'.*executionProviders/],
  ['int32', () => onnx.runNode(layer, [integers, c]), 'dtype', /X holds int32; it must hold float32 or float16.*Cast/],
  [
    'counts in int32',
    () => onnx.call(batchNorm, x, { training: true, runningMean: c, runningVar: c, numBatchesTracked: integers }),
    'dtype',
    /numBatchesTracked holds int32; it must hold uint32, which a Cast/,
  ],
  ['int32 on its own', () => onnx.wrap(integers), 'dtype', /tensor holds int32/],
  ['a disposed one', () => onnx.runNode(layer, [x, gone]), 'destroyed', /Scale was disposed/],
  ['one whose memory is gone', () => onnx.runNode(layer, [x, dangling]), 'destroyed', /memory of Scale was destroyed/],
  [
    'a Float32Array',
    () => run(layer, [x, new Float32Array(4)]),
    'option',
    /Scale is a Float32Array of 4.*an ort\.Tensor/,
  ],
  ['a number in a call', () => loose(onnx.call.bind(onnx))(layerNorm, 3), 'option', /x is no Tensor but 3/],
  [
    'options that hold themselves',
    () => loose(onnx.call.bind(onnx))(layerNorm, x, circular),
    'option',
    /^call: cos is an object that it is in; give options that do not hold themselves$/,
  ],
  [
    'a weight of a call on the CPU',
    () => onnx.call(layerNorm, x, { weight: cpu([4]) }),
    'device',
    /call: weight is of/,
  ],
  ['no function to call', () => loose(onnx.call.bind(onnx))('layerNorm', x), 'option', /the text "layerNorm"/],
  ['upload of what is there', () => onnx.upload(x), 'option', /of location 'gpu-buffer'; upload takes one on the CPU/],
  ['upload of text', () => onnx.upload(new ort.Tensor('string', ['a'], [1])), 'dtype', /holds string/],
];

const LENT: WrongCall[] = [
  // @ts-expect-error the compiler refuses it too
  ['bf16', () => onnx.unwrap(context.empty([4], { dtype: 'bf16' })), 'dtype', /holds bf16.*outputDtype/],
  ['a part of a buffer', () => onnx.unwrap(context.empty([4, 4]).slice(0, 1, 2)), 'limit', /begins at byte 16/],
  ['axes in another order', () => onnx.unwrap(context.empty([3, 4]).permute([1, 0])), 'limit', /has strides \[1,4\]/],
  ['one of another device', () => onnx.unwrap(stranger), 'device', /on another device than ONNX Runtime/],
  [
    'a result on another device',
    () => onnx.call(layerNorm, stranger),
    'device',
    /^call: the tensor is on another device than ONNX Runtime; copy it through the CPU$/,
  ],
  ['a destroyed one', () => onnx.unwrap(freed), 'destroyed', /was destroyed/],
  ['an ort.Tensor', () => loose(onnx.unwrap.bind(onnx))(x), 'option', /a Tensor of webgpu-norm/],
];

const NODES: WrongCall[] = [
  [
    'an operator that does not normalize',
    () => run({ opType: 'Softmax' }, [x]),
    'unsupported',
    /'Softmax', which is no normalization; there are BatchNormalization, /,
  ],
  ['a name of Object', () => run({ opType: 'toString' }, [x]), 'unsupported', /'toString'/],
  [
    'the wrong domain',
    () => onnx.runNode({ ...group, domain: '' }, [x, c, c]),
    'unsupported',
    /that of 'com\.microsoft' is/,
  ],
  ['another domain', () => onnx.runNode({ ...layer, domain: 'com.microsoft' }, [x, c]), 'unsupported', /'ai\.onnx' is/],
  ['outputs null', () => run({ ...layer, outputs: null }, [x, c]), 'option', /outputs is null; it must be an Array of/],
  ['a misspelt part of a node', () => run({ ...layer, attribute: {} }, [x, c]), 'option', /no option 'attribute'/],
  [
    'an attribute it does not have',
    () => onnx.runNode({ ...layer, attributes: { eps: 1 } }, [x, c]),
    'option',
    /no attribute 'eps'; it has axis, epsilon, stash_type/,
  ],
  [
    'an attribute with a name of Object',
    () => run({ ...layer, attributes: { toString: 1 } }, [x, c]),
    'option',
    /no attribute 'toString'; it has axis, epsilon, stash_type/,
  ],
  [
    'text for a number',
    () => run({ ...layer, attributes: { axis: '-1' } }, [x, c]),
    'option',
    /'axis' is the text "-1"; it must be a whole number/,
  ],
  ['half an axis', () => onnx.runNode({ ...layer, attributes: { axis: 0.5 } }, [x, c]), 'option', /'axis' is 0\.5/],
  [
    'a number for a list',
    () => onnx.runNode({ opType: 'MeanVarianceNormalization', attributes: { axes: 1 } }, [x]),
    'option',
    /an Array of whole numbers/,
  ],
  [
    'statistics in half precision',
    () => onnx.runNode({ ...layer, attributes: { stash_type: 10 } }, [x, c]),
    'option',
    /'stash_type' is 10; it may be 1/,
  ],
  [
    'a missing attribute',
    () => onnx.runNode({ opType: 'GroupNorm', attributes: { groups: 2 } }, [x, c, c]),
    'option',
    /'activation' is missing/,
  ],
  [
    'an output it does not have',
    () => run({ ...layer, outputs: ['y'] }, [x, c]),
    'option',
    /no output 'y'; outputs may name Y, Mean, InvStdDev/,
  ],
  [
    'outputs as text',
    () => run({ ...layer, outputs: 'Y' }, [x, c]),
    'option',
    /outputs is the text "Y"; it must be an Array/,
  ],
  [
    'running statistics without training',
    () => onnx.runNode({ opType: 'BatchNormalization', outputs: ['running_mean'] }, [x, c, c, c, c]),
    'option',
    /given where training_mode is 1/,
  ],
  [
    'too few inputs',
    () => onnx.runNode(layer, [x]),
    'parameter',
    /the input Scale is missing; it takes X, Scale, B \(optional\)/,
  ],
  ['too many inputs', () => onnx.runNode(layer, [x, c, c, c]), 'parameter', /4 inputs are given; it takes/],
  ['a lone tensor', () => run(layer, x), 'parameter', /inputs are .*; give an Array/],
  [
    'an axis out of range',
    () => onnx.runNode({ ...layer, attributes: { axis: 3 } }, [x, c]),
    'axes',
    /^LayerNormalization: .*axis 3 is out of range/,
  ],
  [
    'a scale that does not fit',
    () => onnx.runNode(layer, [x, on(3)]),
    'parameter',
    /^LayerNormalization: .*weight.*\(X is x, Scale is weight\)$/,
  ],
  [
    'groups that do not divide',
    () => onnx.runNode({ opType: 'GroupNormalization', attributes: { num_groups: 2 } }, [x, on(3), on(3)]),
    'groups',
    /^GroupNormalization: .*divisor of the 3 channels/,
  ],
  [
    'a skip that does not fit',
    () => onnx.runNode({ opType: 'SkipLayerNormalization' }, [x, on(2, 4), c, c, c]),
    'parameter',
    /^SkipLayerNormalization: .*skip is residual/,
  ],
  [
    'a variance that does not fit',
    () => onnx.runNode(training, [x, on(3), on(3), on(3), on(4)]),
    'parameter',
    /input_var is runningVar/,
  ],
];

describe('wrong tensors', () => testWrongCalls(TENSORS, recording(context)));
describe('tensors that ONNX Runtime has not', () => testWrongCalls(LENT, recording(context)));
describe('wrong nodes', () => testWrongCalls(NODES, recording(context)));

describe('wrong modules', () => {
  const old = { env: { versions: { common: '1.16.3' }, webgpu: {} }, Tensor: class {} };
  const create = loose(createOnnxContext);
  testWrongCalls(
    [
      [
        'an old one',
        async () => create(old),
        'unsupported',
        /onnxruntime-web 1\.16\.3 has no Tensor\.fromGpuBuffer; install 1\.17/,
      ],
      [
        'one that is not awaited',
        async () => create(import('onnxruntime-web')),
        'option',
        /ort is a Promise \(await it first\)/,
      ],
      ['none', async () => create(), 'option', /ort is undefined; give the module/],
      [
        'one without a session',
        async () => createOnnxContext({ ...ort, env: { ...ort.env, webgpu: {} } } as never),
        'device',
        /create a session .* first/,
      ],
      ['no device', async () => create(ort, { device: {} }), 'option', /device is/],
      ['a misspelt option', async () => create(ort, { device, onerror: () => {} }), 'option', /no option 'onerror'/],
      ['no function', async () => create(ort, { device, onError: 'log' }), 'option', /onError is the text "log"/],
    ],
    [],
  );
});

describe('a destroyed context', () => {
  it('says so, and takes nothing of the device with it', async () => {
    const other = await createOnnxContext(ort, { device });
    other.destroy();
    expect(() => other.runNode(layer, [x, c])).toThrow(/the context was destroyed/);
    expect(await layerNorm(onnx.wrap(x)).read()).toHaveLength(24);
  });
});

describe('what the device finds wrong', () => {
  it('is told', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const elsewhere = await createContext({ gpu: await gpu() });
    const buffer = elsewhere.device.createBuffer({ size: 96, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    const foreign = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [2, 3, 4] });
    const { Y } = onnx.runNode(layer, [foreign, c]);
    await expect(Y.getData()).rejects.toMatchObject({ name: 'NormError', code: 'device' });
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.any(NormError));
    vi.restoreAllMocks();
    const made = elsewhere.empty([2, 3, 4]);
    const known = ort.Tensor.fromGpuBuffer(made.buffer, { dataType: 'float32', dims: [2, 3, 4] });
    expect(() => onnx.runNode(layer, [known, c])).toThrow(/belongs to another device/);
  });
});
