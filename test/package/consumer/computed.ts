import * as norm from 'webgpu-norm';
import type {
  Activation,
  AdaptiveInstanceNormOptions,
  BackwardOptions,
  BatchNormOptions,
  CallOptions,
  Context,
  ContextOptions,
  Encoder,
  EncoderOptions,
  FloatDtype,
  ForwardResult,
  GivenSums,
  GradientName,
  Gradients,
  GradientSums,
  GradientTensors,
  GroupNormOptions,
  InstanceNormOptions,
  LayerNormOptions,
  Modulation,
  Moments,
  MomentsOption,
  MomentsOptions,
  NormalizeOptions,
  PackedData,
  ParameterGradientName,
  Plan,
  RmsNormOptions,
  Saved,
  ScaleNormOptions,
  Shape,
  Statistic,
  Tensor,
  TensorOptions,
  WrapOptions,
} from 'webgpu-norm';

/** What is known at run time only: whether there is a thing, and which. */
export interface Settings {
  flag: boolean;
  weight: Tensor | undefined;
  residual: Tensor | undefined;
  out: Tensor | undefined;
  encoder: Encoder | undefined;
  eps: number | undefined;
  momentum: number | null | undefined;
  activation: Activation | undefined;
  outputDtype: FloatDtype | undefined;
  statistic: Statistic;
  layout: string | undefined;
  names: readonly ParameterGradientName[];
  name: 'dx' | 'dweight';
  sums: GradientSums | undefined;
  moments: MomentsOption<Tensor> | undefined;
}

/** Every function with options that are computed. */
export function forwards(x: Tensor, set: Settings): Tensor[] {
  const { flag, weight, residual, out, encoder, eps, momentum, activation, outputDtype, layout, moments } = set;
  const modulation: Modulation<Tensor> = { scale: weight, shift: residual };
  const call: CallOptions = { out, encoder };
  const fused = { residual, gate: weight, residualOut: flag ? out : undefined, modulation, activation, outputDtype };
  const affine = { weight, bias: weight, eps, zeroCenteredWeight: flag, ...fused, ...call };
  const running = { runningMean: weight, runningVar: weight, momentum, numBatchesTracked: out };
  const rows: LayerNormOptions = { ...affine, axes: flag ? [-1] : undefined, unbiased: flag, castBeforeWeight: flag };
  const root: RmsNormOptions = { ...affine, partial: flag ? 0.5 : undefined };
  const scaled: ScaleNormOptions = { weight, eps, ...fused, ...call };
  const batch: BatchNormOptions = {
    ...affine,
    ...running,
    layout,
    training: flag,
    mask: out,
    maskOutput: flag,
    moments,
  };
  const instance: InstanceNormOptions = { ...affine, ...running, channelAxis: undefined, useInputStats: flag };
  const group: GroupNormOptions = { ...affine, numGroups: flag ? 2 : 4, layout };
  const any: NormalizeOptions = { ...affine, axes: [0], statistic: set.statistic };
  const styled: AdaptiveInstanceNormOptions = { eps, unbiased: flag, layout, ...fused, ...call };
  const results: ForwardResult[] = [
    norm.layerNormForward(x, rows),
    norm.rmsNormForward(x, root),
    norm.scaleNormForward(x, scaled),
    norm.batchNormForward(x, batch),
    norm.instanceNormForward(x, instance),
    norm.groupNormForward(x, group),
    norm.normalizeForward(x, any),
    norm.adaptiveInstanceNormForward(x, x, styled),
  ];
  return [
    norm.layerNorm(x, flag ? rows : undefined),
    norm.rmsNorm(x, root),
    norm.scaleNorm(x, scaled),
    norm.batchNorm(x, batch),
    norm.instanceNorm(x, instance),
    norm.groupNorm(x, group),
    norm.normalize(x, any),
    norm.adaptiveInstanceNorm(x, x, styled),
    ...results.flatMap(({ y, residualOut }) => (residualOut ? [y, residualOut] : [y])),
  ];
}

/** Gradients whose names are computed: what is not certain may be undefined. */
export function backwards(dy: Tensor, saved: Saved, set: Settings): (Tensor | undefined)[] {
  const { flag, names, name, out, encoder, sums } = set;
  const into: GradientTensors = { dx: out, dweight: flag ? out : undefined };
  const options: BackwardOptions = { gradients: flag ? names : undefined, dresidualOut: out, out: into, encoder };
  const given: BackwardOptions & GivenSums = { ...options, accumulate: into, sums };
  const computed: Gradients = norm.layerNormBackward(dy, saved, options);
  // @ts-expect-error a list that is made at run time may lack it
  const uncertain: Tensor = norm.layerNormBackward(dy, saved, { gradients: names }).dweight;
  // @ts-expect-error so may a list of one of two
  const other: Tensor = norm.layerNormBackward(dy, saved, { gradients: [name] }).dweight;
  // @ts-expect-error and one of two lists
  const either: Tensor = norm.rmsNormBackward(dy, saved, { gradients: flag ? ['dx'] : ['dx', 'dweight'] }).dweight;
  const both: Gradients<'dx' | 'dbias'> = norm.groupNormBackward(dy, saved, { gradients: ['dx', 'dbias'] });
  const listed = norm.groupNormBackward(dy, saved, { gradients: ['dx', 'dbias'], out: into });
  const certain: Tensor[] = [listed.dx, listed.dbias, norm.instanceNormBackward(dy, saved).dx];
  const all: GradientName[] = ['dx', 'dstyle'];
  // @ts-expect-error only AdaIN has a gradient of the style
  norm.normalizeBackward(dy, saved, { gradients: all });
  const style: BackwardOptions<readonly ('dx' | 'dstyle')[]> = { gradients: flag ? ['dx'] : ['dstyle'] };
  return [
    ...certain,
    computed.dx,
    computed.dweight,
    uncertain,
    other,
    either,
    both.dx,
    both.dbias,
    norm.batchNormBackward(dy, saved, given).dx,
    norm.scaleNormBackward(dy, saved, { gradients: ['dweight'] }).dweight,
    norm.adaptiveInstanceNormBackward(dy, saved, style).dstyle,
    norm.adaptiveInstanceNormBackward(dy, saved, { gradients: ['dstyle'] }).dstyle,
  ];
}

export async function parts(context: Context, x: Tensor, saved: Saved, set: Settings): Promise<PackedData[]> {
  const recorded: EncoderOptions = { encoder: set.encoder };
  const options: MomentsOptions = { axes: set.flag ? 0 : [0, 1], keepDims: set.flag, ...recorded };
  const local: Moments = norm.moments(x, options);
  const merged: Moments = norm.mergeMoments([local, norm.loadMoments(context, await local.read())], recorded);
  const sums: GradientSums = norm.gradientSums(x, saved, recorded);
  const whole: GradientSums = norm.mergeGradientSums(
    [sums, norm.loadGradientSums(context, await sums.read())],
    set.flag ? recorded : undefined,
  );
  norm.batchNorm(x, { training: true, moments: set.flag ? merged : undefined });
  return [await merged.read(), await whole.read()];
}

export async function contexts(device: GPUDevice | undefined, buffer: GPUBuffer, set: Settings): Promise<Plan[]> {
  const options: ContextOptions = { device, calibrate: set.flag, powerPreference: undefined, profile: undefined };
  const context: Context = await norm.createContext(options);
  const shape: Shape = [8, 64];
  const made: TensorOptions = { dtype: set.outputDtype, label: undefined };
  const borrowed: WrapOptions = { shape, dtype: set.outputDtype, byteOffset: set.flag ? 256 : undefined };
  const x: Tensor = context.tensor(new Float32Array(512), shape, made);
  const y: Tensor = context.wrap(buffer, borrowed);
  await x.read(set.outputDtype);
  await context.prepare(() => norm.layerNorm(context.empty(shape, made), { out: y }));
  return context.explain(() => norm.layerNorm(x));
}
