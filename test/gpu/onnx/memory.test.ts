import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { createContext, layerNorm, layerNormForward } from '../../../src/index.ts';
import { createOnnxContext } from '../../../src/onnx/index.ts';
import { gpu } from '../../setup/gpu.ts';

const { device } = await createContext({ gpu: await gpu() });
const onnx = await createOnnxContext(ort, { device });
const { context } = onnx;
const inUse = (): number => {
  const { tensors, saved } = context.memory().kinds;
  return tensors.inUse + saved.inUse;
};
const on = (...shape: number[]): ort.Tensor => onnx.unwrap(context.empty(shape));

/** A tensor of ONNX Runtime in a buffer that is not ours, as a session leaves one. */
function theirs(): ort.Tensor {
  const buffer = device.createBuffer({ size: 96, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [6, 4], dispose: () => buffer.destroy() });
}

describe('what was made for a call that is refused is freed', () => {
  it('the sum of a skip connection', () => {
    const [x, wrong] = [on(2, 3, 64), on(63)];
    const before = inUse();
    for (const first of ['output', 'mean'] as const) {
      const node = { opType: 'SkipLayerNormalization', outputs: [first, 'input_skip_bias_sum'] } as const;
      expect(() => onnx.runNode(node, [x, x, wrong])).toThrow(/weight/);
    }
    expect(inUse()).toBe(before);
  });

  it('results that ONNX Runtime has no type for, but not what was given for them', () => {
    const x = context.empty([64, 64], { dtype: 'bf16' });
    const weight = on(64);
    const before = inUse();
    const refused = expect.objectContaining({
      code: 'dtype',
      message: expect.stringContaining('holds bf16') as string,
    });
    expect(() => onnx.runNode({ opType: 'LayerNormalization' }, [x, weight])).toThrow(refused);
    expect(() => onnx.call(layerNorm, x)).toThrow(refused);
    expect(() => onnx.call(layerNormForward, x)).toThrow(refused);
    expect(() => onnx.call(layerNorm, x, { out: x })).toThrow(refused);
    expect(inUse()).toBe(before);
    expect(x.destroyed).toBe(false);
  });
});

describe('the end of a tensor', () => {
  it('is not that of a buffer which it did but show', async () => {
    const hidden = theirs();
    const shown = onnx.wrap(hidden);
    shown.destroy();
    expect(await onnx.call(layerNorm, hidden).getData()).toEqual(new Float32Array(24));
    expect(onnx.wrap(hidden)).not.toBe(shown);
  });

  it('is that of its other half', () => {
    const hidden = theirs();
    const shown = onnx.wrap(hidden);
    hidden.dispose();
    expect(() => onnx.unwrap(shown)).toThrow(/unwrap: the tensor was disposed/);
    const [first, second] = [context.empty([6, 4]), context.empty([6, 4])];
    const lent = onnx.unwrap(first);
    first.destroy();
    expect(() => onnx.call(layerNorm, lent)).toThrow(/memory of x was destroyed/);
    onnx.unwrap(second).dispose();
    expect(second.destroyed).toBe(true);
  });
});
