import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type * as core from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { EPS, channelsOf, inputShapes, outputNames } from '../cases/case.ts';
import type { Case, InputName, Pass } from '../cases/case.ts';
import type { Data, Library, Subject } from './library.ts';
import { viewOf } from './view.ts';
import type { View } from './view.ts';

type Tf = typeof core;

/** TensorFlow.js on its WebGPU backend. */
export const tensorflow: Library = {
  name: 'tfjs',
  open: async () => {
    // In this order: the others change what the first one sets up.
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-core/dist/register_all_gradients');
    await import('@tensorflow/tfjs-backend-webgpu');
    if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js finds no WebGPU here');
    // Small tensors too stay on the GPU.
    tf.env().set('WEBGPU_CPU_FORWARD', false);
    return {
      prepare: async (of, pass, data) => (pass === 'backward' ? null : subjectOf(tf, of, pass, data)),
      // A backend that is removed cannot be registered again.
      destroy: () => {},
    };
  },
};

function subjectOf(tf: Tf, of: Case, pass: Pass, { arrays, copies }: Data): Subject {
  const backend = tf.backend() as WebGPUBackend;
  const view = viewOf(of);
  const upload = (name: InputName): Tensor => {
    const large = name === 'x' || name === 'dy' || name === 'style';
    const tensor = tf.tensor(arrays[name]!, [...(large ? view.shape : view.parameters)], 'float32');
    backend.uploadToGPU(tensor.dataId);
    return tensor;
  };
  const names = Object.keys(inputShapes(of)) as InputName[];
  const parameters = names.slice(1).map(upload);
  const x = Array.from({ length: copies }, () => upload('x'));
  const dy = pass === 'step' ? x.map(() => upload('dy')) : [];
  const outputs = outputNames(of, pass);

  const results = (copy: number): Tensor[] => {
    const given = [x[copy]!, ...parameters];
    if (pass === 'forward') return [forward(tf, of, view, byName(names, given))];
    // Running statistics come last, and have no gradients.
    const trained = given.slice(0, outputs.length - 1);
    const constants = given.slice(trained.length);
    const { value, grads } = tf.valueAndGrads((...variables: Tensor[]) =>
      differentiable(tf, of, view, byName(names, [...variables, ...constants])),
    )(trained, dy[copy]);
    return [value, ...grads];
  };
  let turn = 0;
  const record = (): void => {
    tf.tidy(() => void results(turn++ % copies));
  };
  /** It submits after every few dispatches by itself; this is for the rest. */
  const submit = (): void => {
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.submitQueue();
  };

  return {
    call: () => {
      record();
      submit();
    },
    run: async (calls) => {
      for (let i = 0; i < calls; i++) record();
      submit();
      await backend.device.queue.onSubmittedWorkDone();
    },
    read: async () => {
      const found = tf.tidy(() => results(0));
      const entries = await Promise.all(found.map(async (tensor, i) => [outputs[i]!, await tensor.data()] as const));
      tf.dispose(found);
      return Object.fromEntries(entries) as Awaited<ReturnType<Subject['read']>>;
    },
    destroy: () => tf.dispose([...x, ...dy, ...parameters]),
  };
}

type Given = Record<InputName, Tensor>;

function byName(names: readonly InputName[], tensors: readonly Tensor[]): Given {
  return Object.fromEntries(names.map((name, index) => [name, tensors[index]!])) as Given;
}

/** With the kernel that TensorFlow.js has for the last step. */
function forward(tf: Tf, of: Case, view: View, given: Given): Tensor {
  if (of.norm === 'rmsNorm') return differentiable(tf, of, view, given);
  const { x, weight, bias, runningMean, runningVar, style } = given;
  const axes = [...view.axes];
  const { mean, variance } =
    of.norm === 'batchNormInference'
      ? { mean: runningMean, variance: runningVar }
      : tf.moments(x, axes, weight?.rank !== 1);
  if (of.norm !== 'adaptiveInstanceNorm') return fused(tf, [x, mean, variance, bias, weight]);
  const target = tf.moments(style, axes, true);
  return fused(tf, [x, mean, variance, target.mean, tf.sqrt(tf.add(target.variance, EPS))]);
}

function fused(tf: Tf, [x, mean, variance, offset, scale]: Tensor[]): Tensor {
  // Its types ask for less than it takes.
  return tf.batchNorm(
    x as Tensor4D,
    mean as Tensor4D,
    variance as Tensor4D,
    offset as Tensor4D,
    scale as Tensor4D,
    EPS,
  );
}

/** What has gradients: that of `tf.batchNorm` throws where its parameters broadcast. */
function differentiable(tf: Tf, of: Case, view: View, given: Given): Tensor {
  if (of.layout === 'NHWC' && of.norm.startsWith('batchNorm')) return forward(tf, of, view, withoutAxes(tf, of, given));
  const { x, weight, bias, runningMean, runningVar, style } = given;
  const axes = [...view.axes];
  const meanSquare = (values: Tensor): Tensor => tf.mean(tf.square(values), axes, true);
  const rstd = (variance: Tensor): Tensor => tf.rsqrt(tf.add(variance, EPS));
  if (of.norm === 'rmsNorm') return tf.mul(tf.mul(x, rstd(meanSquare(x))), weight);
  const known = of.norm === 'batchNormInference';
  const centred = tf.sub(x, known ? runningMean : tf.mean(x, axes, true));
  const factor = rstd(known ? runningVar : meanSquare(centred));
  if (of.norm !== 'adaptiveInstanceNorm') return tf.add(tf.mul(centred, tf.mul(factor, weight)), bias);
  const { mean, variance } = tf.moments(style, axes, true);
  return tf.add(tf.mul(centred, tf.mul(factor, tf.sqrt(tf.add(variance, EPS)))), mean);
}

/** With parameters of one axis, as long as the last of x. */
function withoutAxes(tf: Tf, of: Case, given: Given): Given {
  const flat = Object.entries(given).map(([name, tensor]) => [
    name,
    name === 'x' ? tensor : tf.reshape(tensor, [channelsOf(of)]),
  ]);
  return Object.fromEntries(flat) as Given;
}
