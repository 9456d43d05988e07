import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type * as core from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import {
  arrivingOf,
  channelsOf,
  dtypeOf,
  EPS,
  hasCopies,
  inputShapes,
  MOMENTUM,
  outputNames,
  sizeOf,
  trainedOf,
} from '../cases/case.ts';
import type { Case, InputName, Pass } from '../cases/case.ts';
import type { Data, Library, Subject } from './library.ts';
import { shapeIn, viewOf } from './view.ts';
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
    const tensor = tf.tensor(arrays[name]!, [...shapeIn(view, name)], 'float32');
    backend.uploadToGPU(tensor.dataId);
    return tensor;
  };
  const names = Object.keys(inputShapes(of)) as InputName[];
  const rotating = names.filter(hasCopies);
  const rotatingAll = [...rotating, ...(pass === 'step' ? arrivingOf(of) : [])];
  const uploaded = (wanted: readonly InputName[]): Partial<Given> =>
    Object.fromEntries(wanted.map((name) => [name, upload(name)]));
  const parameters = uploaded(names.filter((name) => !rotating.includes(name)));
  const copied = Array.from({ length: copies }, () => uploaded(rotatingAll));
  const outputs = outputNames(of, pass);
  const trained: InputName[] = ['x', ...trainedOf(of)];

  const results = (copy: number): Tensor[] => {
    const given = { ...parameters, ...copied[copy] } as Given;
    if (pass === 'forward') {
      const { y, rest } = call(tf, of, view, given, forward);
      return [y, ...rest];
    }
    let aside: Tensor[] = [];
    const { value, grads } = tf.valueAndGrads((...variables: Tensor[]) => {
      const { y, rest } = call(tf, of, view, { ...given, ...byName(trained, variables) }, differentiable);
      // Things that no gradient is asked of: kept beyond the end of this function, to the end of the call.
      aside = rest.map((tensor) => tf.keep(tensor));
      return y;
    })(
      trained.map((name) => given[name]),
      given.dy,
    );
    const [dx, ...others] = grads;
    const passed = given.dresidualOut ? tf.add(dx!, given.dresidualOut) : dx!;
    return [value, ...aside, passed, ...others];
  };
  let turn = 0;
  const record = (): void => {
    const kept = tf.tidy(() => results(turn++ % copies));
    tf.dispose(kept);
  };
  /** It submits after every few dispatches by itself; this is for the rest. */
  const submit = (): void => {
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.submitQueue();
  };

  return {
    // It has no f16: it gets the same numbers as f32.
    ...(dtypeOf(of) !== 'f32' && { dtype: 'f32' }),
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
    destroy: () => tf.dispose([parameters, ...copied] as unknown as Tensor[]),
  };
}

type Moments = Record<'mean' | 'variance', Tensor>;
/** The arrays of a call, and the moments of x where those are results too. */
type Given = Record<InputName, Tensor> & Partial<Moments>;
type Normalize = (tf: Tf, of: Case, view: View, given: Given) => Tensor;

/** y, and what else a call gives; `normalize` is one of the two ways below. */
function call(tf: Tf, of: Case, view: View, given: Given, normalize: Normalize): { y: Tensor; rest: Tensor[] } {
  const { x, residual, scale, shift, by, add } = given;
  const input = residual ? tf.add(x, residual) : x;
  const moments = of.tracked ? tf.moments(input, [...view.axes], true) : undefined;
  const rest = residual ? [input] : moments ? track(tf, of, view, given, moments) : [];
  const normalized = normalize(tf, of, view, { ...given, ...moments, x: input });
  const modulated = scale ? tf.add(tf.mul(normalized, tf.add(scale, 1)), shift) : normalized;
  const multiplied = by ? tf.mul(modulated, activate(tf, 'silu', by)) : modulated;
  const added = add ? tf.add(multiplied, add) : multiplied;
  return { y: rotate(tf, activate(tf, of.activation, added), given), rest };
}

/** The halves of each head, turned by the angles of its token. */
function rotate(tf: Tf, y: Tensor, { cos, sin }: Partial<Given>): Tensor {
  if (!cos || !sin) return y;
  const [a, b] = tf.split(y, 2, -1) as [Tensor, Tensor];
  return tf.concat([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))], -1);
}

function activate(tf: Tf, activation: Case['activation'], x: Tensor): Tensor {
  if (activation === 'relu') return tf.relu(x);
  return activation === 'silu' ? tf.mul(x, tf.sigmoid(x)) : x;
}

/** The running statistics after a batch: its mean, and its variance made unbiased. */
function track(
  tf: Tf,
  of: Case,
  { parameters }: View,
  { runningMean, runningVar }: Given,
  { mean, variance }: Moments,
): Tensor[] {
  const count = sizeOf(of.shape) / sizeOf(parameters);
  const mix = (running: Tensor, batch: Tensor, factor: number): Tensor =>
    tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(batch, MOMENTUM * factor));
  return [mix(runningMean, mean, 1), mix(runningVar, variance, count / (count - 1))];
}

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
      : given.mean && given.variance
        ? { mean: given.mean, variance: given.variance }
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
  const centred = tf.sub(x, known ? runningMean : (given.mean ?? tf.mean(x, axes, true)));
  const factor = rstd(known ? runningVar : (given.variance ?? meanSquare(centred)));
  if (of.modulated) return tf.mul(centred, factor);
  if (of.norm !== 'adaptiveInstanceNorm') return tf.add(tf.mul(centred, tf.mul(factor, weight)), bias);
  const { mean, variance } = tf.moments(style, axes, true);
  return tf.add(tf.mul(centred, tf.mul(factor, tf.sqrt(tf.add(variance, EPS)))), mean);
}

const PER_CHANNEL = ['weight', 'bias', 'runningMean', 'runningVar', 'mean', 'variance'] as const;

/** With parameters of one axis, as long as the last of x. */
function withoutAxes(tf: Tf, of: Case, given: Given): Given {
  const flat = PER_CHANNEL.filter((name) => given[name]).map((name) => [
    name,
    tf.reshape(given[name]!, [channelsOf(of)]),
  ]);
  return { ...given, ...(Object.fromEntries(flat) as Partial<Given>) };
}
