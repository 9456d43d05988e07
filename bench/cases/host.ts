import { batchNorm, layerNorm, layerNormBackward, layerNormForward, rmsNorm } from '../../src/index.ts';
import type { Context, Tensor } from '../../src/index.ts';

/** Calls whose cost is that of asking for them: what is normalized is small, and on a GPU that does nothing it does not matter. */

/** A call, ready to be made again and again. */
export interface HostCall {
  name: string;
  /** How many calls go into one encoder of the app's; 1: each is submitted by itself. */
  onEncoder: number;
  /** Makes it. */
  prepare: (context: Context) => (encoder?: GPUCommandEncoder) => void;
}

const SHAPE = [32, 256];
const IMAGES = [4, 8, 8, 8];

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

const ones = (context: Context, shape: readonly number[]): Tensor =>
  context.tensor(new Float32Array(sizeOf(shape)).fill(1), shape);

/** Where results go, and whatever the calls take. */
function arraysOf(context: Context) {
  const [x, residual, out, residualOut] = [0, 1, 2, 3].map(() => ones(context, SHAPE));
  const [weight, bias] = [ones(context, [256]), ones(context, [256])];
  return { x: x!, residual: residual!, out: out!, residualOut: residualOut!, weight, bias };
}

const intoOut: HostCall['prepare'] = (context) => {
  const { x, weight, bias, out } = arraysOf(context);
  return (encoder) => layerNorm(x, { weight, bias, out, encoder });
};

const tracked: HostCall['prepare'] = (context) => {
  const [x, out] = [ones(context, IMAGES), ones(context, IMAGES)];
  const [weight, bias, runningMean, runningVar] = [0, 1, 2, 3].map(() => ones(context, [8]));
  return (encoder) => batchNorm(x, { training: true, weight, bias, runningMean, runningVar, out, encoder });
};

const ofResidual: HostCall['prepare'] = (context) => {
  const { x, residual, weight, out, residualOut } = arraysOf(context);
  return (encoder) => rmsNorm(x, { residual, weight, out, residualOut, encoder });
};

const gradient: HostCall['prepare'] = (context) => {
  const { x, weight, bias, out: dx } = arraysOf(context);
  const [dweight, dbias] = [ones(context, [256]), ones(context, [256])];
  const { saved } = layerNormForward(x, { weight, bias });
  const dy = ones(context, SHAPE);
  return (encoder) => layerNormBackward(dy, saved, { out: { dx, dweight, dbias }, encoder });
};

const [LAYER_NORM, BATCH_NORM, RMS_NORM, GRADIENT] = [
  'LayerNorm',
  'BatchNorm in training, running statistics',
  'RMSNorm of a sum that is a result too',
  "LayerNorm's gradient",
];
const into = [
  { name: LAYER_NORM, prepare: intoOut },
  { name: BATCH_NORM, prepare: tracked },
  { name: RMS_NORM, prepare: ofResidual },
  { name: GRADIENT, prepare: gradient },
];

export const HOST_CALLS: readonly HostCall[] = [
  {
    name: `${LAYER_NORM}, y destroyed after`,
    onEncoder: 1,
    prepare: (context) => {
      const { x, weight, bias } = arraysOf(context);
      return () => layerNorm(x, { weight, bias }).destroy();
    },
  },
  ...into.map(({ name, prepare }) => ({ name: `${name}, into what is there`, onEncoder: 1, prepare })),
  {
    name: `${LAYER_NORM} forward and backward, results destroyed`,
    onEncoder: 1,
    prepare: (context) => {
      const { x, weight, bias, residual: dy } = arraysOf(context);
      return () => {
        const { y, saved } = layerNormForward(x, { weight, bias });
        for (const each of Object.values(layerNormBackward(dy, saved))) each.destroy();
        saved.destroy();
        y.destroy();
      };
    },
  },
  ...into.map(({ name, prepare }) => ({ name: `${name}, 20 on one encoder`, onEncoder: 20, prepare })),
];
