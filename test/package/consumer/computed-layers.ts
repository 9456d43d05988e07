import type { CallOptions, Context, Tensor } from 'webgpu-norm';
import * as layers from 'webgpu-norm/layers';
import type {
  BatchNormLayerOptions,
  Bytes,
  BytesLater,
  GroupNormLayerOptions,
  IncompatibleKeys,
  InstanceNormLayerOptions,
  Layer,
  LayerNormLayerOptions,
  LoadableEntry,
  LoadOptions,
  Parameter,
  ReadSafetensorsOptions,
  RmsNormLayerOptions,
  StateDict,
  StateEntry,
} from 'webgpu-norm/layers';
import * as reference from 'webgpu-norm/reference';
import type {
  ActivationOptions,
  AdaptiveInstanceNormGradients,
  AdaptiveInstanceNormOptions,
  Affine,
  BackwardOptions,
  BatchNormBackwardOptions,
  BatchNormOptions,
  FusionOptions,
  Gradients,
  GradientSums,
  GroupNormOptions,
  HalfDtype,
  InstanceNormOptions,
  LayerNormOptions,
  LayoutOptions,
  MaskOptions,
  Moments,
  MomentsOptions,
  NdArray,
  NormalizeOptions,
  Normalized,
  RmsNormOptions,
  Running,
  RunningOptions,
  ScaleNormOptions,
  Statistic,
} from 'webgpu-norm/reference';
import type { Settings } from './computed.js';

/** Every layer, with options that are computed. */
export function made(context: Context, { flag, eps, momentum, layout }: Settings): Layer[] {
  const batch: BatchNormLayerOptions = { eps, momentum, affine: flag, trackRunningStats: flag, layout };
  const instance: InstanceNormLayerOptions = { eps, momentum, affine: flag, trackRunningStats: flag, layout };
  const group: GroupNormLayerOptions = { eps, affine: flag, channelAxis: flag ? -1 : undefined };
  const rows: LayerNormLayerOptions = { eps, elementwiseAffine: flag, bias: flag };
  const root: RmsNormLayerOptions = { eps, elementwiseAffine: flag };
  return [
    new layers.BatchNorm1d(context, 4, batch),
    new layers.BatchNorm2d(context, 4, batch),
    new layers.BatchNorm3d(context, 4, flag ? batch : undefined),
    new layers.InstanceNorm1d(context, 4, instance),
    new layers.InstanceNorm2d(context, 4, instance),
    new layers.InstanceNorm3d(context, 4, instance),
    new layers.GroupNorm(context, 2, 4, group),
    new layers.LayerNorm(context, flag ? 4 : [4, 4], rows),
    new layers.RMSNorm(context, 4, root),
  ];
}

export async function used(layer: Layer, x: Tensor, file: Bytes, later: BytesLater, set: Settings): Promise<Tensor[]> {
  const call: CallOptions = { out: set.out, encoder: set.encoder };
  const options: ReadSafetensorsOptions = { only: set.flag ? 'norm.' : undefined, f64: set.flag ? 'round' : undefined };
  const load: LoadOptions = { strict: set.flag, rename: set.flag ? { gamma: 'weight' } : undefined };
  const state: StateDict = layers.readSafetensors(file, options);
  const either: StateDict = await layers.readSafetensors(set.flag ? file : later, options);
  const entry: StateEntry | LoadableEntry | undefined = either['weight'];
  const keys: IncompatibleKeys = layer.loadStateDict(layers.entriesUnder('norm.', state), load);
  const written: Uint8Array<ArrayBuffer> = layers.writeSafetensors(await layer.stateDict());
  const parameters: readonly Parameter[] = layer.parameters();
  if (!entry || keys.missingKeys.length + written.length === 0) return [];
  return [layer.train(set.flag).forward(x, call), layer.backward(x, call), ...parameters.map(({ grad }) => grad)];
}

/** Every function of the reference, with options that are computed. */
export function exact(x: NdArray, given: NdArray | undefined, set: Settings, half: HalfDtype | undefined): NdArray[] {
  const { flag, eps, momentum, layout } = set;
  const statistic: Statistic = set.statistic;
  const act: ActivationOptions = { activation: set.activation, alpha: undefined };
  const fused: FusionOptions = { ...act, residual: given, gate: given, modulation: { scale: given, shift: given } };
  const affine: Affine = { weight: given, bias: given, zeroCenteredWeight: flag };
  const place: LayoutOptions = { layout };
  const masked: MaskOptions = { mask: given, maskOutput: flag };
  const running: RunningOptions = { runningMean: given, runningVar: given, momentum };
  const back: BackwardOptions = { dresidualOut: given };
  const measured: MomentsOptions = { axes: 0, keepDims: flag };
  const moments: Moments = reference.mergeMoments([reference.moments(x, measured)]);
  const rows: LayerNormOptions = { ...fused, ...affine, eps, unbiased: flag, castBeforeWeight: half };
  const root: RmsNormOptions = { ...fused, ...affine, partial: flag ? 0.5 : undefined };
  const scaled: ScaleNormOptions = { ...fused, weight: given };
  const batch: BatchNormOptions = { ...fused, ...affine, ...place, ...masked, ...running, training: flag, moments };
  const instance: InstanceNormOptions = { ...fused, ...affine, ...place, ...running, useInputStats: flag };
  const group: GroupNormOptions = { ...fused, ...affine, ...place, numGroups: flag ? 2 : 4 };
  const any: NormalizeOptions = { ...fused, ...affine, axes: 0, statistic };
  const styled: AdaptiveInstanceNormOptions = { ...fused, ...place, unbiased: flag };
  const sums: GradientSums = reference.gradientSums(x, x, { ...batch, moments });
  const whole: BatchNormBackwardOptions = { ...batch, ...back, sums: flag ? sums : undefined };
  const results: Normalized[] = [
    reference.layerNorm(x, flag ? rows : undefined),
    reference.rmsNorm(x, root),
    reference.scaleNorm(x, scaled),
    reference.groupNorm(x, group),
    reference.normalize(x, any),
    reference.adaptiveInstanceNorm(x, x, styled),
  ];
  const tracked: (Normalized & Running)[] = [reference.batchNorm(x, batch), reference.instanceNorm(x, instance)];
  const gradients: Gradients[] = [
    reference.layerNormBackward(x, x, { ...rows, ...back }),
    reference.rmsNormBackward(x, x, { ...root, ...back }),
    reference.scaleNormBackward(x, x, { ...scaled, ...back }),
    reference.groupNormBackward(x, x, { ...group, ...back }),
    reference.normalizeBackward(x, x, { ...any, ...back }),
    reference.batchNormBackward(x, x, whole),
    reference.instanceNormBackward(x, x, { ...instance, ...back }),
  ];
  const { dstyle }: AdaptiveInstanceNormGradients = reference.adaptiveInstanceNormBackward(x, x, x, styled);
  return [...[...results, ...tracked].map(({ y }) => y), ...gradients.map(({ dx }) => dx), dstyle];
}
