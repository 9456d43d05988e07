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
import { EPS, MOMENTUM } from '../cases/case.ts';
import type { Case } from '../cases/case.ts';
import type { Arrays } from './device.ts';

/** A case as calls of webgpu-norm on a copy of x and of what goes with it. */
export interface Calls {
  forward(copy: number, encoder?: GPUCommandEncoder): void;
  save(copy: number, encoder?: GPUCommandEncoder): Saved;
  backward(copy: number, saved: Saved, record: BackwardRecord): Partial<Record<Gradient, Tensor>>;
}

export function callsOf(of: Case, arrays: Arrays): Calls {
  const { norm: name, layout, shape, axes = 1, groups = 1, activation, tracked } = of;
  const { weight, bias, runningMean, runningVar, scale, shift, style } = arrays.parameters;
  const last = shape.map((_, axis) => axis).slice(shape.length - axes);
  const affine = {
    eps: EPS,
    ...(weight && { weight }),
    ...(bias && { bias }),
    ...(scale && { scale }),
    ...(shift && { shift }),
    ...(activation && { activation }),
  };
  const running = {
    ...(runningMean && { runningMean }),
    ...(runningVar && { runningVar }),
    ...(tracked && { momentum: MOMENTUM }),
  };
  const rows = { ...affine, axes: last };
  const image = { ...affine, layout };
  switch (name) {
    case 'layerNorm':
      return bind(norm.layerNorm, norm.layerNormBackward, rows, arrays);
    case 'rmsNorm':
      return bind(norm.rmsNorm, norm.rmsNormBackward, rows, arrays);
    case 'batchNorm':
      return bind(norm.batchNorm, norm.batchNormBackward, { ...image, ...running, training: true }, arrays);
    case 'batchNormInference':
      return bind(norm.batchNorm, norm.batchNormBackward, { ...image, ...running }, arrays);
    case 'instanceNorm':
      return bind(norm.instanceNorm, norm.instanceNormBackward, image, arrays);
    case 'groupNorm':
      return bind(norm.groupNorm, norm.groupNormBackward, { ...image, numGroups: groups }, arrays);
    case 'adaptiveInstanceNorm':
      return bind(styled(style!), norm.adaptiveInstanceNormBackward, { eps: EPS, layout }, arrays);
  }
}

type Backward = (
  dy: Tensor,
  saved: Saved,
  options: { dsum?: Tensor },
  record?: BackwardRecord,
) => Partial<Record<Gradient, Tensor>>;

function bind<O extends object>(
  forward: Forward<O>,
  backward: Backward,
  options: O,
  { x, y, residual, sum, dy, dsum }: Arrays,
): Calls {
  const plain = x.map((_, copy) =>
    residual[copy] ? { ...options, residual: residual[copy], returnSum: true } : options,
  );
  const saving = plain.map((each) => ({ ...each, save: true as const }));
  const passed = x.map((_, copy) => (dsum[copy] ? { dsum: dsum[copy] } : {}));
  const record = (copy: number, encoder: GPUCommandEncoder | undefined): RecordOptions => ({
    out: y[copy]!,
    ...(sum[copy] && { outSum: sum[copy] }),
    ...(encoder && { encoder }),
  });
  return {
    forward: (copy, encoder) => void forward(x[copy]!, plain[copy]!, record(copy, encoder)),
    save: (copy, encoder) => forward(x[copy]!, saving[copy]!, record(copy, encoder)).saved,
    backward: (copy, saved, given) => backward(dy[copy]!, saved, passed[copy]!, given),
  };
}

/** AdaIN as a function of x alone. */
function styled(style: Tensor): Forward<norm.AdaptiveInstanceNormOptions> {
  const call = (x: Tensor, options: norm.AdaptiveInstanceNormOptions & NoSave & NoSum, record?: RecordOptions) =>
    norm.adaptiveInstanceNorm(x, style, options, record);
  return call as Forward<norm.AdaptiveInstanceNormOptions>;
}
