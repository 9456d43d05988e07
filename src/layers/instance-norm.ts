import type { CallOptions } from '../calls/types.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { instanceNorm, instanceNormBackward, instanceNormForward } from '../functions/instance-norm.ts';
import type { InstanceNormOptions } from '../functions/instance-norm.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { checkCount } from '../options/checks.ts';
import { dxOf, Layer } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkChannels, checkOptions, checkRank } from './options.ts';

/** Options of {@link InstanceNorm1d}, {@link InstanceNorm2d} and {@link InstanceNorm3d}. */
export interface InstanceNormLayerOptions extends LayoutOptions {
  /** Added to the variance, inside the root. Default: 1e-5. */
  eps?: number | undefined;
  /** The share of the batch in the running statistics; null: the average over all batches, which alone are counted. Default: 0.1. */
  momentum?: number | null | undefined;
  /** Whether there are weight and bias. Default: false. */
  affine?: boolean | undefined;
  /** Whether there are running statistics, which evaluation then uses. Default: false. */
  trackRunningStats?: boolean | undefined;
}

const OPTIONS = ['layout', 'channelAxis', 'eps', 'momentum', 'affine', 'trackRunningStats'];

/** The base of all three: they differ in how many axes x has. One axis fewer is one sample, channels first. */
abstract class InstanceNorm extends Layer {
  readonly #rank: number;
  readonly #numFeatures: number;
  readonly #options: Pick<InstanceNormLayerOptions, 'layout' | 'channelAxis' | 'eps' | 'momentum'>;

  /** @internal */
  protected constructor(
    name: string,
    rank: number,
    context: Context,
    numFeatures: number,
    options: InstanceNormLayerOptions,
    more: readonly never[],
  ) {
    checkOptions(name, options, OPTIONS, ['affine', 'trackRunningStats'], more);
    checkCount(name, 'numFeatures', numFeatures);
    const { affine = false, trackRunningStats = false, ...rest } = options;
    const weight = affine ? [numFeatures] : null;
    const tracked = trackRunningStats ? numFeatures : null;
    super(context, name, { weight, bias: weight, tracked }, dxOf(instanceNormBackward));
    this.#rank = rank;
    this.#numFeatures = numFeatures;
    this.#options = rest;
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    const { layout, channelAxis } = this.#options;
    const named = layout !== undefined || channelAxis !== undefined;
    const oneSample = !named && x.shape.length === this.#rank - 1;
    checkRank(this.name, x.shape, channelAxis === undefined ? [this.#rank, this.#rank - 1] : [this.#rank]);
    const place = { ...this.#options, ...(oneSample && { channelAxis: 0 }) };
    checkChannels(this.name, x.shape, place, this.#numFeatures);
    const tracked = this.tracked();
    const options = {
      ...place,
      ...this.affine(),
      ...tracked,
      // Batches are counted where the average over them is asked for; else the count stays, as PyTorch's does.
      ...(this.#options.momentum !== null && { numBatchesTracked: undefined }),
      useInputStats: this.training || !tracked,
      ...call,
    } as InstanceNormOptions;
    return saves ? instanceNormForward(x, options) : { y: instanceNorm(x, options) };
  }
}

/**
 * Instance normalization of [N,C,L], or [C,L]: y = (x - mean) / sqrt(variance + eps) · weight + bias for each channel of each sample, as
 * {@link instanceNorm} has it. Without weight and bias, and without running statistics, unless told otherwise.
 *
 * Ulyanov, Vedaldi, Lempitsky 2016, https://arxiv.org/abs/1607.08022; torch.nn.InstanceNorm1d
 *
 * @example const layer = new InstanceNorm1d(context, 64);
 */
export class InstanceNorm1d extends InstanceNorm {
  /** @throws NormError `option`, `eps`. */
  constructor(
    context: Context,
    numFeatures: number,
    options: InstanceNormLayerOptions = {},
    ...more: readonly never[]
  ) {
    super('InstanceNorm1d', 3, context, numFeatures, options, more);
  }
}

/**
 * Instance normalization of [N,C,H,W], or [C,H,W]: as {@link InstanceNorm1d}, statistics over H,W.
 *
 * @example const layer = new InstanceNorm2d(context, 64, { affine: true });
 */
export class InstanceNorm2d extends InstanceNorm {
  /** @throws NormError `option`, `eps`. */
  constructor(
    context: Context,
    numFeatures: number,
    options: InstanceNormLayerOptions = {},
    ...more: readonly never[]
  ) {
    super('InstanceNorm2d', 4, context, numFeatures, options, more);
  }
}

/**
 * Instance normalization of [N,C,D,H,W], or [C,D,H,W]: as {@link InstanceNorm1d}, statistics over D,H,W.
 *
 * @example const layer = new InstanceNorm3d(context, 64);
 */
export class InstanceNorm3d extends InstanceNorm {
  /** @throws NormError `option`, `eps`. */
  constructor(
    context: Context,
    numFeatures: number,
    options: InstanceNormLayerOptions = {},
    ...more: readonly never[]
  ) {
    super('InstanceNorm3d', 5, context, numFeatures, options, more);
  }
}
