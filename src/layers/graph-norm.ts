import type { CallOptions, Counts } from '../calls/types.ts';
import { instanceNorm, instanceNormBackward, instanceNormForward } from '../functions/instance-norm.ts';
import type { InstanceNormOptions } from '../functions/instance-norm.ts';
import { checkCount } from '../options/checks.ts';
import type { SegmentsOptions } from '../problem/segments.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { dxOf, Layer } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkChannels, checkOptions, checkRank } from './options.ts';

/** Options of {@link GraphNorm}. */
export interface GraphNormLayerOptions {
  /** Added to the mean square of what remains, inside the root. Default: 1e-5. */
  eps?: number | undefined;
}

/**
 * GraphNorm of nodes [nodes,C]: of each channel of each graph a trained share of the mean is taken off, and what remains divided by its root mean square.
 * The graphs are those of `segments`; without them all nodes are one graph, and graphs of one size are [graphs,nodes,C]. Its state is that of PyTorch
 * Geometric's, `weight`, `bias` and `mean_scale`.
 * c = x - mean_scale · mean; y = c / sqrt(mean(c²) + eps) · weight + bias, as {@link instanceNorm} has it with `meanScale`.
 *
 * Cai et al. 2021, https://arxiv.org/abs/2009.03294
 *
 * @example const layer = new GraphNorm(context, 64);
 * const y = layer.forward(nodes, { segments: [0, 17, 40] }); // PyTorch Geometric's batch.ptr
 */
export class GraphNorm extends Layer<SegmentsOptions<Counts>> {
  readonly #inChannels: number;
  readonly #eps: { eps?: number | undefined };

  /** @throws NormError `option`, `eps`. */
  constructor(context: Context, inChannels: number, options: GraphNormLayerOptions = {}, ...more: readonly never[]) {
    checkOptions('GraphNorm', options, ['eps'], [], more);
    checkCount('GraphNorm', 'inChannels', inChannels);
    const shape = [inChannels];
    const others = [{ name: 'mean_scale', shape, value: 1 } as const];
    const parts = { weight: shape, bias: shape, others, tracked: null };
    super(context, 'GraphNorm', parts, dxOf(instanceNormBackward), ['segments']);
    this.#inChannels = inChannels;
    this.#eps = { ...options };
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions & SegmentsOptions<Counts>): LayerResult {
    const { segments } = call;
    if (segments === undefined) checkRank('GraphNorm', x.shape, [2, 3]);
    const layout = x.shape.length === 2 ? 'LC' : 'NLC';
    checkChannels('GraphNorm', x.shape, { channelAxis: -1 }, this.#inChannels);
    const place = segments === undefined ? { layout } : {};
    const options = { ...this.#eps, ...this.affine(), ...place, ...call } as InstanceNormOptions;
    return saves ? instanceNormForward(x, options) : { y: instanceNorm(x, options) };
  }
}
