import { describe, expect, it } from 'vitest';
import { createOnnxContext } from '../../../src/onnx/index.ts';
import { worstError } from '../../conformance/onnx.ts';
import { encodeNode } from '../support/onnx-model.ts';
import { nodeCases } from '../../gpu/support/onnx/nodes.ts';
import type { NodeCase } from '../../gpu/support/onnx/formula.ts';
import { BUILDS, openSession } from '../support/onnx-runtime.ts';

/** Both are of float32. */
const TOLERANCE = 4e-6;

type Shapes = Readonly<Record<string, readonly number[] | null>>;

const shapesOf = (arrays: Readonly<Record<string, { shape: readonly number[] } | null>>): Shapes =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array && array.shape]));

/** What it computes on the CPU, beside what we do on the GPU. */
describe("ONNX Runtime's own results", async () => {
  const runtime = await BUILDS.native();
  const kept = await openSession(runtime, encodeNode(smallest()));
  const onnx = await createOnnxContext(runtime);

  it.each(nodeCases.filter(({ byRuntime = true }) => byRuntime))('$opType: $name', async (of: NodeCase) => {
    const { inputs, outputs } = of;
    const model = encodeNode({ ...of, inputs: shapesOf(inputs), outputs: shapesOf(outputs) });
    const session = await openSession(runtime, model, 'wasm');
    const given = Object.entries(inputs).map(
      ([name, array]) => [name, array && new runtime.Tensor('float32', array.data, [...array.shape])] as const,
    );
    const feeds = Object.fromEntries(given.flatMap(([name, tensor]) => (tensor ? [[name, tensor]] : [])));
    const expected = await session.run(feeds);
    const wanted = Object.keys(outputs).filter((name) => outputs[name]);
    const results = onnx.runNode(
      { opType: of.opType, domain: of.domain, attributes: of.attributes, outputs: wanted },
      given.map(([, tensor]) => tensor && onnx.upload(tensor)),
    );
    for (const name of wanted) {
      expect(results[name]!.dims, name).toEqual(expected[name]!.dims);
      const [actual, exact] = [(await results[name]!.getData()) as Float32Array, expected[name]!.data as Float32Array];
      const compared = { actual: Float64Array.from(actual), expected: Float64Array.from(exact) };
      expect(worstError(compared), name).toBeLessThanOrEqual(TOLERANCE);
    }
    await session.release();
  });

  it('are of sessions that live on', async () => {
    onnx.destroy();
    const x = new runtime.Tensor('float32', Float32Array.of(3, 4), [1, 2]);
    expect(await (await kept.run({ input: x }))['output']!.getData()).toEqual(
      Float32Array.of(0.6, 0.8).map(Math.fround),
    );
  });
});

function smallest() {
  const shapes = { inputs: { input: [1, 2] }, outputs: { output: [1, 2] } };
  return { opType: 'LpNormalization', opset: 21, ...shapes };
}
