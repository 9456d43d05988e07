import * as norm from '../../src/index.ts';
import type {
  BackwardOptions,
  CallOptions,
  ForwardResult,
  FusionOptions,
  GradientName,
  Saved,
  Tensor,
} from '../../src/index.ts';
import { EPS, MOMENTUM } from '../cases/case.ts';
import type { Case } from '../cases/case.ts';
import type { Arrays } from './device.ts';

/** A case as calls of webgpu-norm on a copy of x and of what goes with it. */
export interface Calls {
  norm(copy: number, encoder?: GPUCommandEncoder): Tensor;
  /** The same for training. */
  forward(copy: number, encoder?: GPUCommandEncoder): Saved;
  backward(
    copy: number,
    saved: Saved,
    options: BackwardOptions<readonly ['dx']>,
  ): Partial<Record<GradientName, Tensor>>;
}

export function callsOf(of: Case, arrays: Arrays): Calls {
  const { norm: name, layout, shape, axes = 1, groups = 1, activation, tracked } = of;
  const { weight, bias, runningMean, runningVar, scale, shift, style, cos, sin } = arrays.parameters;
  const last = shape.map((_, axis) => axis).slice(shape.length - axes);
  const affine = {
    eps: EPS,
    ...(weight && { weight }),
    ...(bias && { bias }),
    ...(scale && shift && { modulation: { scale, shift } }),
    ...(activation && { activation }),
  };
  const running = {
    ...(runningMean && { runningMean }),
    ...(runningVar && { runningVar }),
    ...(tracked && { momentum: MOMENTUM }),
  };
  const rows = { ...affine, axes: last, ...(cos && sin && { rotary: { cos, sin, tokenAxis: 1 } }) };
  const image = { ...affine, layout };
  switch (name) {
    case 'layerNorm':
      return bind(norm.layerNorm, norm.layerNormForward, norm.layerNormBackward, rows, arrays);
    case 'rmsNorm':
      return bind(norm.rmsNorm, norm.rmsNormForward, norm.rmsNormBackward, rows, arrays);
    case 'batchNorm':
    case 'batchNormInference': {
      const options = { ...image, ...running, training: name === 'batchNorm' };
      return bind(norm.batchNorm, norm.batchNormForward, norm.batchNormBackward, options, arrays);
    }
    case 'instanceNorm':
      return bind(norm.instanceNorm, norm.instanceNormForward, norm.instanceNormBackward, image, arrays);
    case 'groupNorm': {
      const options = { ...image, numGroups: groups };
      return bind(norm.groupNorm, norm.groupNormForward, norm.groupNormBackward, options, arrays);
    }
    case 'adaptiveInstanceNorm': {
      const options: norm.AdaptiveInstanceNormOptions = { eps: EPS, layout };
      return bind(
        (x, each) => norm.adaptiveInstanceNorm(x, style!, each),
        (x, each) => norm.adaptiveInstanceNormForward(x, style!, each),
        norm.adaptiveInstanceNormBackward,
        options,
        arrays,
      );
    }
  }
}

/** A function of x by its options. */
type Function<O, Result> = (x: Tensor, options: O) => Result;

type Backward = (
  dy: Tensor,
  saved: Saved,
  options: BackwardOptions<readonly ['dx']>,
) => Partial<Record<GradientName, Tensor>>;

function bind<O extends FusionOptions<Tensor> & CallOptions>(
  plain: Function<O, Tensor>,
  forward: Function<O, ForwardResult>,
  backward: Backward,
  options: O,
  { x, y, residual, residualOut, by, add, dy, dresidualOut }: Arrays,
): Calls {
  const each = x.map((_, copy) => ({
    ...options,
    ...(y[copy] && { out: y[copy] }),
    ...(residual[copy] && { residual: residual[copy] }),
    ...(residualOut[copy] && { residualOut: residualOut[copy] }),
    ...(by[copy] && { multiply: { by: by[copy], activation: 'silu' as const } }),
    ...(add[copy] && { add: add[copy] }),
  }));
  const optionsOf = (copy: number, encoder: GPUCommandEncoder | undefined): O =>
    encoder ? { ...each[copy]!, encoder } : each[copy]!;
  return {
    norm: (copy, encoder) => plain(x[copy]!, optionsOf(copy, encoder)),
    forward: (copy, encoder) => forward(x[copy]!, optionsOf(copy, encoder)).saved,
    backward: (copy, saved, given) =>
      backward(dy[copy]!, saved, {
        ...given,
        ...(dresidualOut[copy] && { dresidualOut: dresidualOut[copy] }),
      }),
  };
}
