import * as norm from '../../src/index.ts';
import type {
  BackwardRecord,
  Forward,
  Gradient,
  NoSave,
  NoSum,
  RecordOptions,
  Saved,
  Tensor,
} from '../../src/index.ts';
import { EPS } from '../cases/case.ts';
import type { Case } from '../cases/case.ts';
import type { Arrays } from './device.ts';

/** A case as calls of webgpu-norm. */
export interface Calls {
  forward(x: Tensor, record: RecordOptions): void;
  save(x: Tensor, record: RecordOptions): Saved;
  backward(dy: Tensor, saved: Saved, record: BackwardRecord): Partial<Record<Gradient, Tensor>>;
}

export function callsOf({ norm: name, layout, shape, axes = 1, groups = 1 }: Case, { parameters }: Arrays): Calls {
  const { weight, bias, runningMean, runningVar, style } = parameters;
  const last = shape.map((_, axis) => axis).slice(shape.length - axes);
  const affine = { weight, ...(bias && { bias }), eps: EPS };
  const rows = { ...affine, axes: last };
  const image = { ...affine, layout };
  switch (name) {
    case 'layerNorm':
      return bind(norm.layerNorm, norm.layerNormBackward, rows);
    case 'rmsNorm':
      return bind(norm.rmsNorm, norm.rmsNormBackward, rows);
    case 'batchNorm':
      return bind(norm.batchNorm, norm.batchNormBackward, { ...image, training: true });
    case 'batchNormInference':
      return bind(norm.batchNorm, norm.batchNormBackward, { ...image, runningMean, runningVar });
    case 'instanceNorm':
      return bind(norm.instanceNorm, norm.instanceNormBackward, image);
    case 'groupNorm':
      return bind(norm.groupNorm, norm.groupNormBackward, { ...image, numGroups: groups });
    case 'adaptiveInstanceNorm':
      return bind(styled(style!), norm.adaptiveInstanceNormBackward, { eps: EPS, layout });
  }
}

type Backward = (
  dy: Tensor,
  saved: Saved,
  options?: undefined,
  record?: BackwardRecord,
) => Partial<Record<Gradient, Tensor>>;

function bind<O extends object>(forward: Forward<O>, backward: Backward, options: O): Calls {
  const saving = { ...options, save: true as const };
  return {
    forward: (x, record) => void forward(x, options, record),
    save: (x, record) => forward(x, saving, record).saved,
    backward: (dy, saved, record) => backward(dy, saved, undefined, record),
  };
}

/** AdaIN as a function of x alone. */
function styled(style: Tensor): Forward<norm.AdaptiveInstanceNormOptions> {
  const call = (x: Tensor, options: norm.AdaptiveInstanceNormOptions & NoSave & NoSum, record?: RecordOptions) =>
    norm.adaptiveInstanceNorm(x, style, options, record);
  return call as Forward<norm.AdaptiveInstanceNormOptions>;
}
