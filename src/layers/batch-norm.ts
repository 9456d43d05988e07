import type { CallOptions } from '../calls/types.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { batchNorm, batchNormBackward, batchNormForward } from '../functions/batch-norm.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { checkCount } from '../options/checks.ts';
import { dxOf, Layer } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkChannels, checkOptions, checkRank } from './options.ts';

/** Options of {@link BatchNorm1d}, {@link BatchNorm2d} and {@link BatchNorm3d}. */
export interface BatchNormLayerOptions extends LayoutOptions {
  /** Added to the variance, inside the root. Default: 1e-5. */
  eps?: number | undefined;
  /** The share of the batch in the running statistics; null: the average over all batches. Default: 0.1. */
  momentum?: number | null | undefined;
  /** Whether there are weight and bias. Default: true. */
  affine?: boolean | undefined;
  /** Whether there are running statistics, which evaluation then uses. Default: true. */
  trackRunningStats?: boolean | undefined;
}

const OPTIONS = ['layout', 'channelAxis', 'eps', 'momentum', 'affine', 'trackRunningStats'];

/** The base of all three: they differ in how many axes x has. */
abstract class BatchNorm extends Layer {
  readonly #ranks: readonly number[];
  readonly #numFeatures: number;
  readonly #options: Pick<BatchNormLayerOptions, 'layout' | 'channelAxis' | 'eps' | 'momentum'>;

  /** @internal */
  protected constructor(
    name: string,
    ranks: readonly number[],
    context: Context,
    numFeatures: number,
    options: BatchNormLayerOptions,
    more: readonly never[],
  ) {
    checkOptions(name, options, OPTIONS, ['affine', 'trackRunningStats'], more);
    checkCount(name, 'numFeatures', numFeatures);
    const { affine = true, trackRunningStats = true, ...rest } = options;
    const weight = affine ? [numFeatures] : null;
    super(
      context,
      name,
      { weight, bias: weight, tracked: trackRunningStats ? numFeatures : null },
      dxOf(batchNormBackward),
    );
    this.#ranks = ranks;
    this.#numFeatures = numFeatures;
    this.#options = rest;
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    checkRank(this.name, x.shape, this.#ranks);
    checkChannels(this.name, x.shape, this.#options, this.#numFeatures);
    const tracked = this.tracked();
    const training = this.training || !tracked;
    const options = { ...this.#options, ...this.affine(), ...tracked, training, ...call };
    return saves ? batchNormForward(x, options) : { y: batchNorm(x, options) };
  }
}

/**
 * Batch normalization of [N,C] or [N,C,L]: y = (x - mean) / sqrt(variance + eps) · weight + bias for each of `numFeatures` channels, as
 * {@link batchNorm} has it. In training by the statistics of the batch, after `eval()` by the running ones; weight begins with 1, bias with 0.
 *
 * Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167; torch.nn.BatchNorm1d
 *
 * @example const layer = new BatchNorm1d(context, 64, { momentum: null });
 */
export class BatchNorm1d extends BatchNorm {
  /** @throws NormError `option`, `eps`. */
  constructor(context: Context, numFeatures: number, options: BatchNormLayerOptions = {}, ...more: readonly never[]) {
    super('BatchNorm1d', [2, 3], context, numFeatures, options, more);
  }
}

/**
 * Batch normalization of [N,C,H,W], or of another layout with four axes: as {@link BatchNorm1d}, statistics over N,H,W.
 *
 * @example const layer = new BatchNorm2d(context, 64, { layout: 'NHWC' });
 */
export class BatchNorm2d extends BatchNorm {
  /** @throws NormError `option`, `eps`. */
  constructor(context: Context, numFeatures: number, options: BatchNormLayerOptions = {}, ...more: readonly never[]) {
    super('BatchNorm2d', [4], context, numFeatures, options, more);
  }
}

/**
 * Batch normalization of [N,C,D,H,W], or of another layout with five axes: as {@link BatchNorm1d}, statistics over N,D,H,W.
 *
 * @example const layer = new BatchNorm3d(context, 64);
 */
export class BatchNorm3d extends BatchNorm {
  /** @throws NormError `option`, `eps`. */
  constructor(context: Context, numFeatures: number, options: BatchNormLayerOptions = {}, ...more: readonly never[]) {
    super('BatchNorm3d', [5], context, numFeatures, options, more);
  }
}
