import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { createContext, layerNorm } from '../../../src/index.ts';
import { createOnnxContext } from '../../../src/onnx/index.ts';
import { gpu } from '../../setup/gpu.ts';

const { device } = await createContext({ gpu: await gpu() });
const onnx = await createOnnxContext(ort, { device });
const { context } = onnx;

/** A tensor of ONNX Runtime in a buffer that is not ours, as a session leaves one. */
function theirs(): ort.Tensor {
  const buffer = device.createBuffer({ size: 96, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [6, 4], dispose: () => buffer.destroy() });
}

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
