import type { Filled } from './run.ts';

/** Operations of a library with automatic differentiation on arrays `T`; those over axes keep them, as 1. */
export interface Operations<T> {
  add(a: T, b: T | number): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  sqrt(x: T): T;
  square(x: T): T;
  abs(x: T): T;
  tanh(x: T): T;
  erf(x: T): T;
  mean(x: T, axes: number[]): T;
  sum(x: T, axes: number[]): T;
  reshape(x: T, shape: number[]): T;
}

type Place<T> = (array: T) => T;
type Given<T> = Readonly<Record<string, T>>;

/** The modes composed of another library's operations, as it would be done without ours. */
export class Composed<T> {
  readonly #do: Operations<T>;

  constructor(operations: Operations<T>) {
    this.#do = operations;
  }

  /** y of a call whose arrays are given. */
  call({ op, x: { shape }, options }: Filled, x: T, given: Given<T>): T {
    const of = this.#do;
    const letters = [...((options['layout'] as string | undefined) ?? '')];
    const channel = letters.indexOf('C');
    const allBut = (...kept: string[]): number[] =>
      letters.map((_, axis) => axis).filter((axis) => !kept.includes(letters[axis]!));
    const perChannel = (array: T): T =>
      of.reshape(
        array,
        letters.map((letter) => (letter === 'C' ? shape[channel]! : 1)),
      );
    const channelwise = (y: T): T => this.#affine(y, given, perChannel);

    switch (op) {
      case 'batchNorm':
        return channelwise(
          options['training'] ? this.#standardize(x, allBut('C')) : this.#byRunning(x, given, perChannel),
        );
      case 'instanceNorm':
        return channelwise(
          given['runningMean'] ? this.#byRunning(x, given, perChannel) : this.#standardize(x, allBut('N', 'C')),
        );
      case 'groupNorm': {
        const groups = options['numGroups'] as number;
        const split = [...shape.slice(0, channel), groups, shape[channel]! / groups, ...shape.slice(channel + 1)];
        const kept = [channel, letters.indexOf('N') + (letters.indexOf('N') > channel ? 1 : 0)];
        const axes = split.map((_, axis) => axis).filter((axis) => !kept.includes(axis));
        return channelwise(of.reshape(this.#standardize(of.reshape(x, split), axes), [...shape]));
      }
      case 'adaptiveInstanceNorm': {
        const style = given['style']!;
        const axes = allBut('N', 'C');
        const mean = of.mean(style, axes);
        const variance = of.mean(of.square(of.sub(style, mean)), axes);
        return of.add(of.mul(this.#standardize(x, axes), of.sqrt(of.add(variance, 1e-5))), mean);
      }
      case 'layerNorm':
      case 'rmsNorm': {
        const axes = (options['axes'] as number[] | undefined) ?? [shape.length - 1];
        return this.#affine(op === 'layerNorm' ? this.#standardize(x, axes) : this.#byNorm(x, axes, 'rms'), given);
      }
      case 'scaleNorm':
        return this.#affine(this.#byNorm(x, [shape.length - 1], 'l2'), given);
      case 'globalResponseNorm': {
        const norm = of.sqrt(of.sum(of.square(x), allBut('N', 'C')));
        const response = of.div(norm, of.add(of.mean(norm, [channel]), 1e-6));
        return of.add(x, channelwise(of.mul(x, response)));
      }
      case 'dynamicTanh':
        return this.#affine(of.tanh(of.mul(x, given['alpha']!)), given);
      case 'dynamicErf':
        return this.#affine(of.erf(of.add(of.mul(x, given['alpha']!), given['inputShift']!)), given);
      case 'normalize': {
        const [axes, statistic] = [options['axes'] as number[], options['statistic'] as string];
        return this.#affine(
          statistic === 'mean-variance' ? this.#standardize(x, axes) : this.#byNorm(x, axes, statistic),
          given,
        );
      }
    }
  }

  #standardize(x: T, axes: number[]): T {
    const of = this.#do;
    if (axes.length === 0) return of.sub(x, x);
    const centered = of.sub(x, of.mean(x, axes));
    return of.div(centered, of.sqrt(of.add(of.mean(of.square(centered), axes), 1e-5)));
  }

  #byRunning(x: T, given: Given<T>, place: Place<T>): T {
    const of = this.#do;
    const deviation = of.sqrt(of.add(place(given['runningVar']!), 1e-5));
    return of.div(of.sub(x, place(given['runningMean']!)), deviation);
  }

  #byNorm(x: T, axes: number[], statistic: string): T {
    const of = this.#do;
    switch (statistic) {
      case 'rms':
        return of.div(x, of.sqrt(of.add(of.mean(of.square(x), axes), 2 ** -23)));
      case 'l2':
        return of.div(x, of.sqrt(of.sum(of.square(x), axes)));
      case 'l1':
        return of.div(x, of.sum(of.abs(x), axes));
      default:
        return of.div(x, of.sum(x, axes));
    }
  }

  #affine(y: T, { weight, bias }: Given<T>, place: Place<T> = (array) => array): T {
    const of = this.#do;
    const scaled = weight ? of.mul(y, place(weight)) : y;
    return bias ? of.add(scaled, place(bias)) : scaled;
  }
}
