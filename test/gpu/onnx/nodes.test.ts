import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { layerNorm } from '../../../src/index.ts';
import { createOnnxContext } from '../../../src/onnx/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { TOLERANCE, worstError } from '../../conformance/onnx.ts';
import { openContexts } from '../support/contexts.ts';
import type { NodeCase } from '../support/onnx/formula.ts';
import { nodeCases } from '../support/onnx/nodes.ts';

const { device } = (await openContexts()).software;
const onnx = await createOnnxContext(ort, { device });

/** Sums up to 4 in size are rounded to float16, by 2 ** -10 at most, before they are normalized; then the result. */
const HALF = 2 ** -8;
/** Outputs that are of float32 whatever the inputs hold. */
const STATISTICS = new Set(['Mean', 'InvStdDev', 'mean', 'inv_std_var']);

const upload = (array: NdArray<Float32Array<ArrayBuffer>> | null): ort.Tensor | null =>
  array && onnx.upload(new ort.Tensor('float32', array.data, [...array.shape]));

/** Inputs on the GPU, those that are one array as one tensor. */
function uploaded(inputs: NodeCase['inputs']): (ort.Tensor | null)[] {
  const tensors = new Map([...new Set(Object.values(inputs))].map((array) => [array, upload(array)]));
  return Object.values(inputs).map((array) => tensors.get(array)!);
}

describe('nodes, beside their formulas', () => {
  it.each(nodeCases)('$opType: $name', async ({ opType, domain, attributes, inputs, outputs }) => {
    const given = uploaded(inputs);
    const wanted = Object.keys(outputs).filter((name) => outputs[name]);
    const results = onnx.runNode({ opType, domain, attributes, outputs: wanted }, given);
    expect(Object.keys(results)).toEqual(wanted);
    for (const name of wanted) {
      const { data, shape } = outputs[name]!;
      const result = results[name]!;
      expect(result.dims, name).toEqual(shape);
      const actual = Float64Array.from((await result.getData()) as Float32Array);
      expect(worstError({ actual, expected: data }), name).toBeLessThanOrEqual(TOLERANCE);
    }
    // The inputs are as they were: running statistics too.
    for (const [index, array] of Object.values(inputs).entries()) {
      if (array) expect(await onnx.wrap(given[index]!).read()).toEqual(array.data);
    }
  });

  it.each(nodeCases)('$opType in float16: $name', async ({ opType, domain, attributes, inputs, outputs }) => {
    const outputNames = Object.keys(outputs).filter((name) => outputs[name]);
    const node = { opType, domain, attributes, outputs: outputNames };
    const half = Object.values(inputs).map(
      (array) => array && onnx.unwrap(onnx.context.tensor(array.data, array.shape, { dtype: 'f16' })),
    );
    // The same numbers in float32, which formulas are compared with above.
    const single = await Promise.all(
      half.map(async (tensor) => tensor && onnx.context.tensor(await onnx.wrap(tensor).read(), tensor.dims)),
    );
    const [results, exact] = [onnx.runNode(node, half), onnx.runNode(node, single)];
    for (const name of outputNames) {
      expect(results[name]!.type, name).toBe(STATISTICS.has(name) ? 'float32' : 'float16');
      expect(results[name]!.dims, name).toEqual(exact[name]!.dims);
      const [actual, expected] = await Promise.all(
        [results, exact].map(async (of) => Float64Array.from(await onnx.wrap(of[name]!).read())),
      );
      expect(worstError({ actual: actual!, expected: expected! }), name).toBeLessThanOrEqual(HALF);
    }
  });

  it.each(['RMSNormalization', 'SimplifiedLayerNormalization'] as const)(
    '%s gives Y of the type of the scale',
    async (opType) => {
      const { context } = onnx;
      const numbers = Float32Array.from({ length: 24 }, (_, index) => 1 + (index % 7));
      const place = (dtype: 'f16' | 'f32', shape: number[]): ort.Tensor =>
        onnx.unwrap(
          context.tensor(
            numbers.slice(
              0,
              shape.reduce((a, b) => a * b),
            ),
            shape,
            { dtype },
          ),
        );
      const node = { opType };
      const of = (x: 'f16' | 'f32', scale: 'f16' | 'f32'): ort.Tensor =>
        onnx.runNode(node, [place(x, [3, 8]), place(scale, [8])]).Y;
      expect(of('f16', 'f32').type).toBe('float32');
      expect(of('f16', 'f16').type).toBe('float16');
      expect(await of('f16', 'f32').getData()).toEqual(await of('f32', 'f32').getData());
    },
  );

  it('gives a tensor that it was given as that tensor', () => {
    const [hidden, weight] = [[2, 4], [4]].map((dims) =>
      upload({ data: new Float32Array(dims.reduce((a, b) => a * b)), shape: dims })!,
    );
    expect(onnx.call(layerNorm, hidden!, { weight: weight!, out: hidden! })).toBe(hidden);
    const read = onnx.wrap(hidden!);
    expect(onnx.unwrap(read)).toBe(hidden);
  });

  it('finds tensors in options that are of no class, as those of a module are', async () => {
    const [x, weight] = [onnx.context.tensor([1, 2, 3, 6], [1, 4]), onnx.context.tensor([1, 2, 3, 4], [4])];
    const options = Object.assign(Object.create(null) as object, { weight: onnx.unwrap(weight) });
    const y = onnx.call(layerNorm, onnx.unwrap(x), options);
    expect(await y.getData()).toEqual(await layerNorm(x, { weight }).read());
  });

  it('gives the first output alone, and any that is asked for', () => {
    const [{ inputs }] = nodeCases as [(typeof nodeCases)[0]];
    const given = Object.values(inputs).map(upload);
    const node = { opType: 'SkipLayerNormalization' } as const;
    expect(Object.keys(onnx.runNode(node, given))).toEqual(['output']);
    const { mean, ...rest } = onnx.runNode({ ...node, outputs: ['mean'] }, given);
    expect([mean.dims, rest]).toEqual([[2, 3, 1], {}]);
  });
});
