import { batchNorm, layerNorm, layerNormBackward, layerNormForward, rmsNorm } from '../../src/index.ts';
import type { Context, Tensor } from '../../src/index.ts';
import { sizeOf } from './case.ts';

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

const ones = (context: Context, shape: readonly number[]): Tensor =>
  context.tensor(new Float32Array(sizeOf(shape)).fill(1), shape);

/** Where results go, and whatever the calls of rows take. */
function arraysOf(context: Context) {
  const rows = (): Tensor => ones(context, SHAPE);
  const column = (): Tensor => ones(context, [256]);
  return { x: rows(), residual: rows(), out: rows(), residualOut: rows(), weight: column(), bias: column() };
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

const INTO = [
  { name: 'LayerNorm', prepare: intoOut },
  { name: 'BatchNorm in training, running statistics', prepare: tracked },
  { name: 'RMSNorm of a sum that is a result too', prepare: ofResidual },
  { name: "LayerNorm's gradient", prepare: gradient },
];
/** Calls of the app's between two submits. */
const MANY = 20;

export const HOST_CALLS: readonly HostCall[] = [
  {
    name: 'LayerNorm, y destroyed after',
    onEncoder: 1,
    prepare: (context) => {
      const { x, weight, bias } = arraysOf(context);
      return () => layerNorm(x, { weight, bias }).destroy();
    },
  },
  ...INTO.map(({ name, prepare }) => ({ name: `${name}, into what is there`, onEncoder: 1, prepare })),
  {
    name: 'LayerNorm forward and backward, results destroyed',
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
  ...INTO.map(({ name, prepare }) => ({ name: `${name}, ${MANY} on one encoder`, onEncoder: MANY, prepare })),
];
