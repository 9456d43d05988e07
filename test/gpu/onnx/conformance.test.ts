import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { createOnnxContext } from '../../../src/onnx/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { publishedCases, TOLERANCE, worstError } from '../../conformance/onnx.ts';
import { openContexts } from '../support/contexts.ts';

const { device } = (await openContexts()).software;
const onnx = await createOnnxContext(ort, { device });

/** The names that ONNX's tests give to outputs are their own: their order counts. */
const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  LayerNormalization: ['Y', 'Mean', 'InvStdDev'],
  BatchNormalization: ['Y', 'running_mean', 'running_var'],
  InstanceNormalization: ['output'],
  LpNormalization: ['output'],
};

const upload = ({ data, shape }: NdArray): ort.Tensor =>
  onnx.upload(new ort.Tensor('float32', Float32Array.from(data), [...shape]));

describe("ONNX's own cases", () => {
  it('are all there', () => expect(publishedCases).toHaveLength(53));

  it.each(publishedCases)('$op: $name', async ({ name, op, attributes, inputs, outputs }) => {
    const wanted = (OUTPUTS[op] ?? ['Y']).slice(0, Object.keys(outputs).length);
    const given = Object.values(inputs).map(upload);
    const results = onnx.runNode({ opType: op, attributes, outputs: wanted }, given);
    expect(Object.keys(results)).toEqual(wanted);
    for (const [index, expected] of Object.values(outputs).entries()) {
      const result = results[wanted[index]!]!;
      expect(result.location).toBe('gpu-buffer');
      expect(result.dims, name).toEqual(expected.shape);
      const actual = Float64Array.from((await result.getData()) as Float32Array);
      expect(worstError({ actual, expected: Float64Array.from(expected.data) }), name).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});
