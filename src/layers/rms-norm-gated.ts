import { checkTensor } from '../calls/checks.ts';
import type { CallOptions, Gradients } from '../calls/types.ts';
import { NormError } from '../errors.ts';
import { rmsNorm, rmsNormBackward, rmsNormForward } from '../functions/rms-norm.ts';
import { checkCount } from '../options/checks.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { formatShape, isSameShape } from '../problem/shape.ts';
import type { Context } from '../runtime/context.ts';
import { Tensor } from '../runtime/tensor.ts';
import type { Backward, LayerResult } from './layer.ts';
import { checkOptions } from './options.ts';
import { Rows } from './rows.ts';

/** Options of {@link RMSNormGated}. */
export interface RmsNormGatedLayerOptions {
  /** Added to the mean square, inside the root. Default: 1e-5. */
  eps?: number | undefined;
  /** How many neighbours of a row share statistics; a divisor of its size. Default: all of them. */
  groupSize?: number | undefined;
  /** Whether the gate multiplies what is normalized and weighted (Qwen3-Next), or x before that (Mamba 2). Default: true. */
  normBeforeGate?: boolean | undefined;
}

/** Options of forward. */
export interface GateInput {
  /** The gate, of the shape of x. */
  z: Tensor<FloatDtype>;
}

/** The gradients of both inputs. */
export type GatedGradient = Record<'dx' | 'dz', Tensor<FloatDtype>>;

const OPTIONS = ['eps', 'groupSize', 'normBeforeGate'];

/**
 * Gated RMSNorm of rows of `hiddenSize`: norm(x) · weight · silu(z), or without `normBeforeGate` norm(x · silu(z)) · weight, in one pass. Its state is
 * `weight` [hiddenSize], as of mamba_ssm's `RMSNormGated`, Mamba 2's `MambaRMSNormGated` (normBeforeGate false) and `Qwen3NextRMSNormGated` (eps 1e-6).
 * norm(x) = x / sqrt(mean(x²) + eps), the mean over each `groupSize` of a row.
 *
 * Dao, Gu 2024, https://arxiv.org/abs/2405.21060
 *
 * @example const layer = new RMSNormGated(context, 4096, { groupSize: 512, normBeforeGate: false });
 * const gated = layer.forward(x, { z: hidden });
 * const { dx, dz } = layer.backward(dy);
 */
export class RMSNormGated extends Rows<GateInput, GatedGradient> {
  readonly #options: { eps: number; normBeforeGate: boolean };
  readonly #grouped: Grouping;

  /** @throws NormError `option`, `eps`, `groups` where groupSize does not divide hiddenSize. */
  constructor(context: Context, hiddenSize: number, options: RmsNormGatedLayerOptions = {}, ...more: readonly never[]) {
    checkOptions('RMSNormGated', options, OPTIONS, ['normBeforeGate'], more);
    checkCount('RMSNormGated', 'hiddenSize', hiddenSize);
    const { eps = 1e-5, groupSize = hiddenSize, normBeforeGate = true } = options;
    checkCount('RMSNormGated', 'groupSize', groupSize);
    if (hiddenSize % groupSize !== 0) {
      throw new NormError(
        'groups',
        `RMSNormGated: groupSize is ${groupSize}; it must be a divisor of hiddenSize, ${hiddenSize}`,
      );
    }
    const grouped = groupingOf(hiddenSize, groupSize);
    super('RMSNormGated', context, hiddenSize, { weight: true, bias: false }, backwardOf(grouped), ['z']);
    this.#options = { eps, normBeforeGate };
    this.#grouped = grouped;
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, { z, out, ...call }: CallOptions & GateInput): LayerResult {
    this.axesOf(x);
    checkTensor('RMSNormGated: forward', 'z', z);
    if (!isSameShape(z.shape, x.shape)) {
      throw new NormError(
        'shape',
        `RMSNormGated: z has shape ${formatShape(z.shape)}, but x has ${formatShape(x.shape)}; they must agree`,
      );
    }
    const { eps, normBeforeGate } = this.#options;
    const grouped = this.#grouped;
    const options = {
      eps,
      weight: grouped(this.affine().weight!),
      multiply: { by: grouped(z), activation: 'silu', where: normBeforeGate ? 'after' : 'before' },
      ...(out !== undefined && { out: grouped(out) }),
      ...call,
    } as const;
    const result: LayerResult = saves ? rmsNormForward(grouped(x), options) : { y: rmsNorm(grouped(x), options) };
    return { ...result, y: out ?? result.y.reshape(x.shape) };
  }
}

/** A tensor of rows as one of groups, where a row is more than one. */
type Grouping = (tensor: Tensor) => Tensor;

/** The gradient of what sees rows as groups. */
function backwardOf(grouped: Grouping): Backward<GatedGradient> {
  return (dy, saved, { accumulate, out, ...options }) => {
    const { dx, dby }: Gradients<'dx'> = rmsNormBackward(grouped(dy), saved, {
      ...options,
      accumulate: { dweight: grouped(accumulate!.dweight!) },
      out: { dx: out?.dx === undefined ? undefined : grouped(out.dx) },
    });
    return { dx: out?.dx ?? dx.reshape(dy.shape), dz: dby!.reshape(dy.shape) };
  };
}

function groupingOf(hiddenSize: number, groupSize: number): Grouping {
  return groupSize === hiddenSize ? (tensor) => tensor : (tensor) => inGroups(tensor, groupSize);
}

/** The last axis as two, groups and what is in one. What is no tensor of such rows the call refuses. */
function inGroups(tensor: Tensor, size: number): Tensor {
  const last = tensor instanceof Tensor ? (tensor.shape.at(-1) ?? 0) : 0;
  if (last === 0 || last % size !== 0) return tensor;
  const { runtime, storage, shape, strides, dtype, byteOffset } = tensor;
  const step = strides.at(-1)!;
  const sizes = [...shape.slice(0, -1), last / size, size];
  return new Tensor(runtime, storage, sizes, dtype, byteOffset, [...strides.slice(0, -1), step * size, step]);
}
