import * as ort from 'onnxruntime-web/webgpu';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { createOnnxContext } from 'webgpu-norm/onnx';

const TOKENS = 8;
const HIDDEN = 64;

/** The largest difference between the two halves with a normalization of ours between them, and one model of all three. */
async function run(): Promise<number> {
  ort.env.wasm.wasmPaths = { wasm };
  ort.env.wasm.numThreads = 1;
  // Results stay on the GPU.
  const open = async (model: string): Promise<ort.InferenceSession> =>
    ort.InferenceSession.create(new URL(`./${model}.onnx`, import.meta.url).href, {
      executionProviders: ['webgpu'],
      preferredOutputLocation: 'gpu-buffer',
    });
  const attention = await open('attention'); // x [8,64] → attended [8,64]
  const head = await open('head'); // hidden [8,64] → logits [8,10]
  const whole = await open('whole'); // both, and what is between them

  const onnx = await createOnnxContext(ort); // on the device of the sessions
  const numbers = Float32Array.from({ length: TOKENS * HIDDEN }, (_, index) => Math.sin(index));
  const x = onnx.upload(new ort.Tensor('float32', numbers, [TOKENS, HIDDEN]));
  const gamma = onnx.upload(new ort.Tensor('float32', new Float32Array(HIDDEN).fill(1.5), [HIDDEN]));

  const { attended } = await attention.run({ x });
  // As a node of a model; onnx.call(rmsNorm, attended, { residual: x, weight: gamma, eps: 1e-6 }) is the same.
  const { output } = onnx.runNode({ opType: 'SkipSimplifiedLayerNormalization', attributes: { epsilon: 1e-6 } }, [
    attended!,
    x,
    gamma,
  ]);
  const { logits } = await head.run({ hidden: output });
  attended!.dispose();
  output.dispose();

  const { logits: expected } = await whole.run({ x, gamma });
  const [ours, theirs] = [await read(logits!), await read(expected!)];
  onnx.destroy();
  return Math.max(...ours.map((value, index) => Math.abs(value - theirs[index]!)));
}

/** Numbers of a result, which is disposed of. */
async function read(tensor: ort.Tensor): Promise<Float32Array> {
  return (await tensor.getData(true)) as Float32Array;
}

function say(words: string, state: 'done' | 'error'): void {
  document.getElementById('status')!.textContent = words;
  document.documentElement.dataset['state'] = state;
}

await run().then(
  (difference) => {
    document.documentElement.dataset['difference'] = String(difference);
    const agree = difference <= 1e-5;
    say(
      `The halves ${agree ? 'agree' : 'do not agree'} with the whole, to ${difference.toExponential(1)}.`,
      agree ? 'done' : 'error',
    );
  },
  (problem: unknown) => say(problem instanceof Error ? problem.message : String(problem), 'error'),
);
