import { batchNormBackward, batchNormForward } from 'webgpu-norm';
import type { Context, Tensor } from 'webgpu-norm';
import { averageGradients, syncBatchNormBackward, syncBatchNormForward } from 'webgpu-norm/sync';
import type { Group } from 'webgpu-norm/sync';
import { CLASSES, PIXELS } from '../train/data.ts';
import type { Pictures } from '../train/data.ts';

const HIDDEN = 32;
const RATE = 0.1;

/** Pictures · W1 → BatchNorm, ReLU → · W2 → classes, trained alone, or by a group whose members have a part of each batch. */
export class Network {
  readonly parameters: Float32Array[];
  readonly running: { runningMean: Tensor; runningVar: Tensor };
  readonly #context: Context;
  readonly #group: Group | null;

  constructor(context: Context, group: Group | null, draw: () => number) {
    const matrix = (rows: number, columns: number): Float32Array =>
      Float32Array.from({ length: rows * columns }, () => draw() * Math.sqrt(2 / rows));
    const [weight, bias] = [new Float32Array(HIDDEN).fill(1), new Float32Array(HIDDEN)];
    this.parameters = [matrix(PIXELS, HIDDEN), weight, bias, matrix(HIDDEN, CLASSES.length)];
    this.running = { runningMean: context.tensor(bias, [HIDDEN]), runningVar: context.tensor(weight, [HIDDEN]) };
    this.#context = context;
    this.#group = group;
  }

  /** A step of gradient descent by this member's part of the batch. Returns the mean loss of the whole batch, before the step. */
  async step({ count, pixels, labels }: Pictures): Promise<number> {
    const [group, classes] = [this.#group, CLASSES.length];
    const [w1, weight, bias, w2] = this.parameters as [Float32Array, Float32Array, Float32Array, Float32Array];
    const tensorOf = (values: Float32Array, ...shape: number[]): Tensor => this.#context.tensor(values, shape);

    const x = tensorOf(product(pixels, w1, HIDDEN), count, HIDDEN);
    const affine = { weight: tensorOf(weight, HIDDEN), bias: tensorOf(bias, HIDDEN) };
    const options = { ...affine, ...this.running, activation: 'relu' } as const;
    const { y, saved } = group
      ? await syncBatchNormForward(group, x, options)
      : batchNormForward(x, { ...options, training: true });
    const features = await y.read();
    const { loss, dlogits } = crossEntropy(product(features, w2, classes), labels);

    const dy = tensorOf(product(dlogits, transposed(w2, classes), HIDDEN), count, HIDDEN);
    const { dx, dweight, dbias } = group ? await syncBatchNormBackward(group, dy, saved) : batchNormBackward(dy, saved);
    const dw1 = product(transposed(pixels, PIXELS), await dx.read(), HIDDEN);
    const dw2 = product(transposed(features, HIDDEN), dlogits, classes);
    const gradients = [dw1, await dweight!.read(), await dbias!.read(), dw2];
    const losses = Float32Array.of(loss);
    if (group) await averageGradients(group, [...gradients, losses], { count });
    this.parameters.forEach((parameter, index) => {
      parameter.forEach((value, at) => (parameter[at] = value - RATE * gradients[index]![at]!));
    });
    return losses[0]!;
  }
}

/** a · b, of rows one after the other; on the CPU, where this example does what it is not about. */
function product(a: Float32Array, b: Float32Array, columns: number): Float32Array {
  const inner = b.length / columns;
  return Float32Array.from({ length: (a.length / inner) * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let index = 0; index < inner; index++) sum += a[row * inner + index]! * b[index * columns + column]!;
    return sum;
  });
}

function transposed(a: Float32Array, columns: number): Float32Array {
  const rows = a.length / columns;
  return a.map((_, at) => a[(at % rows) * columns + Math.floor(at / rows)]!);
}

/** The mean over samples of −log softmax(logits)[label], and its gradient. */
function crossEntropy(logits: Float32Array, labels: Uint8Array): { loss: number; dlogits: Float32Array } {
  const [dlogits, classes] = [new Float32Array(logits.length), CLASSES.length];
  let loss = 0;
  labels.forEach((label, sample) => {
    const exponentials = logits.slice(sample * classes, (sample + 1) * classes).map(Math.exp);
    const sum = exponentials.reduce((total, one) => total + one);
    loss -= Math.log(exponentials[label]! / sum) / labels.length;
    exponentials.forEach((one, index) => {
      dlogits[sample * classes + index] = (one / sum - (index === label ? 1 : 0)) / labels.length;
    });
  });
  return { loss, dlogits };
}
