import {
  add,
  cast,
  keep,
  maximum,
  moments,
  mul,
  reshape,
  scalar,
  sqrt,
  Tensor,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { NormError } from '../../errors.ts';
import { checkFlag } from '../../options/checks.ts';
import { formatValue } from '../../options/format-value.ts';
import { batchNorm } from '../functions.ts';
import { registerLayer } from './register.ts';
import { checkAxis, checkConfig, onlyShape, onlyTensor, sizeAlong, withoutList } from './stock.ts';
import type { Inputs, LayerConfig, SavedConfig } from './stock.ts';

export type NormalizationConfig = LayerConfig & {
  /** The axis whose features have a mean and a variance each; null: there is one of each for all. Default: -1, the last. */
  axis?: number | null | undefined;
  /** Mean or variance of the features, where they are known: a number, or one for each; with the other of the two. */
  mean?: number | number[] | undefined;
  variance?: number | number[] | undefined;
  /** Whether y is what becomes x: y = x · deviation + mean. Default: false. */
  invert?: boolean | undefined;
};

/** The least variance, the square of the least deviation that Keras divides by. */
const LEAST_VARIANCE = 1e-14;

/**
 * Normalization as Keras has it, for the features of data: y = (x - mean) / max(sqrt(variance), 1e-7). Mean and variance are given, or measured by
 * `adapt`, before which they are 0 and 1; then they are weights (mean, variance, count) that are saved and loaded, and never trained.
 *
 * @throws NormError `option` where one of mean and variance is given alone; when it is called, as `batchNorm`.
 * @example const normalization = new Normalization({ axis: -1 });
 * normalization.adapt(x);
 * const y = normalization.apply(x);
 */
export class Normalization extends layers.Layer {
  static readonly className = 'WebgpuNormNormalization';
  readonly axis: number | null;
  readonly invert: boolean;
  readonly #given: { mean: number | number[]; variance: number | number[] } | null;
  /** Mean and variance that are given, once it is built. */
  #constants: { mean: Tensor; variance: Tensor } | null = null;
  #measured: Record<'mean' | 'variance' | 'count', LayerVariable> | null = null;

  constructor(config: NormalizationConfig = {}) {
    super(config);
    checkConfig(this, config);
    const { axis = -1, invert = false } = config;
    const [mean, variance] = [config.mean ?? undefined, config.variance ?? undefined];
    // Keras writes none, of null, as an empty list.
    this.axis = Array.isArray(axis) && axis.length === 0 ? null : withoutList(axis);
    if (this.axis !== null) checkAxis(this, this.axis);
    checkFlag(this.name, 'invert', invert);
    this.invert = invert;
    if (mean === undefined && variance === undefined) this.#given = null;
    else if (mean !== undefined && variance !== undefined) this.#given = { mean, variance };
    else {
      const [there, missing] = mean === undefined ? ['variance', 'mean'] : ['mean', 'variance'];
      throw new NormError(
        'option',
        `${this.name}: ${there} is given without ${missing}; give both, or neither and adapt(x)`,
      );
    }
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(this, inputShape);
    const features = this.axis === null ? [] : [sizeAlong(this, this.axis, shape)];
    if (this.#given) {
      const given = this.#given;
      const { mean, variance } = tidy(() => ({
        mean: this.#constant('mean', given.mean, features),
        variance: maximum(this.#constant('variance', given.variance, features), LEAST_VARIANCE),
      }));
      this.#constants = { mean: keep(mean), variance: keep(variance) };
    } else {
      const weight = (name: string, dtype: 'float32' | 'int32', sizes: number[], ones = false): LayerVariable =>
        this.addWeight(name, sizes, dtype, ones ? initializers.ones() : initializers.zeros(), undefined, false);
      this.#measured = {
        mean: weight('mean', 'float32', features),
        variance: weight('variance', 'float32', features, true),
        count: weight('count', 'int32', []),
      };
    }
    this.built = true;
  }

  /**
   * Measures mean and variance of the features of data, which stays on the GPU.
   *
   * @throws NormError `state` where mean and variance were given; `option` unless data is a tensor, `axes` where it has no such axis, `shape` unless it
   * has as many features as before.
   */
  adapt(data: Tensor): void {
    if (!(data instanceof Tensor)) {
      throw new NormError('option', `${this.name}: adapt is given ${formatValue(data)}; it must be a tf.Tensor`);
    }
    if (this.#given) {
      throw new NormError(
        'state',
        `${this.name}: mean and variance were given; leave them out to measure them by adapt(x)`,
      );
    }
    if (!this.built) this.build(data.shape);
    tidy(() => {
      const axis = this.axis === null ? null : this.#axisOf(data);
      const reduced = data.shape.map((_, index) => index).filter((index) => index !== axis);
      const { mean, variance } = moments(data, reduced);
      const measured = this.#measured!;
      const features = measured.mean.shape.join();
      if (mean.shape.join() !== features) {
        throw new NormError(
          'shape',
          `${this.name}: adapt is given data [${data.shape.join()}] of ${mean.size} features; the layer has ${features}`,
        );
      }
      measured.mean.write(mean);
      measured.variance.write(variance);
      measured.count.write(scalar(data.size / mean.size, 'int32'));
    });
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const x = cast(onlyTensor(this, inputs), 'float32');
      const mean = this.#constants?.mean ?? this.#measured!.mean.read();
      const variance = this.#constants?.variance ?? maximum(this.#measured!.variance.read(), LEAST_VARIANCE);
      const flat = this.axis === null ? reshape(x, [-1, 1]) : x;
      const channelAxis = this.#axisOf(flat);
      const y = this.invert
        ? this.#inverse(flat, channelAxis, mean, variance)
        : batchNorm(flat, { channelAxis, runningMean: mean, runningVar: variance, eps: 0 });
      return reshape(y, x.shape);
    });
  }

  override getConfig(): SavedConfig {
    const { axis, invert } = this;
    return { ...super.getConfig(), axis, invert, ...this.#given };
  }

  override dispose(): ReturnType<layers.Layer['dispose']> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0 && this.#constants) {
      this.#constants.mean.dispose();
      this.#constants.variance.dispose();
      this.#constants = null;
    }
    return result;
  }

  /** The axis of the features, the last where all are one. */
  #axisOf({ shape }: Tensor): number {
    const axis = this.axis ?? -1;
    sizeAlong(this, axis, shape);
    return axis < 0 ? axis + shape.length : axis;
  }

  #inverse(x: Tensor, axis: number, mean: Tensor, variance: Tensor): Tensor {
    const along = x.shape.map((size, index) => (index === axis ? size : 1));
    return add(mul(x, reshape(sqrt(variance), along)), reshape(mean, along));
  }

  #constant(name: string, value: number | number[], features: number[]): Tensor {
    const values = [value].flat();
    const size = features[0] ?? 1;
    if (values.length !== size && values.length !== 1) {
      throw new NormError(
        'option',
        `${this.name}: ${name} is ${formatValue(value)}; it must be a number, or one for each of ${size} features`,
      );
    }
    return tensor(values.length === size ? values : Array.from({ length: size }, () => values[0]!), features);
  }
}

registerLayer(Normalization, 'Normalization');
