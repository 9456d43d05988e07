import * as tf from '@tensorflow/tfjs-core';
import { batches, CLASSES, drawPictures, SIZE } from '../data.ts';
import type { Pictures } from '../data.ts';
import type { Row, Run } from '../settings.ts';
import type { Bridge } from './bridge.ts';
import { convolutionNet, sigmoidNet } from './model.ts';

/** The seed of the test pictures, apart from those of training. */
const TEST_SEED = 1_000_003;
/** Test pictures a call. */
const TEST_BATCH = 256;

/**
 * Trains a network and tells of every sample.
 *
 * @param goesOn Asked before every step, with the number of those that are done.
 * @returns Whether it came to its end.
 */
export async function train(
  bridge: Bridge,
  run: Run,
  report: (row: Row) => void | Promise<void>,
  goesOn: (done: number) => Promise<boolean>,
): Promise<boolean> {
  const { experiment, norm, dtype, batchSize, seed } = run;
  const makeNet = experiment === 'sigmoid' ? sigmoidNet : convolutionNet;
  const model = makeNet(bridge, norm, dtype, seed);
  const optimizer = run.momentum ? tf.train.momentum(run.learningRate, run.momentum) : tf.train.sgd(run.learningRate);
  const test = drawPictures(run.testCount, TEST_SEED);
  const source = batches(drawPictures(run.trainCount, seed), batchSize, seed);
  let total = tf.scalar(0);
  try {
    for (let step = 1; step <= run.steps; step++) {
      if (!(await goesOn(step - 1))) return false;
      const batch = source.next().value;
      total = tf.tidy(() => {
        const [x, labels] = upload(batch);
        const lossOf = (): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, model.predict(x, true));
        const { value, grads } = tf.variableGrads(lossOf, model.variables);
        optimizer.applyGradients(grads);
        const sum = tf.add(total, value);
        total.dispose();
        return tf.keep(sum) as tf.Scalar;
      });
      if (step % run.every === 0 || step === run.steps) {
        const since = step % run.every || run.every;
        const loss = (await total.data())[0]! / since;
        total.dispose();
        total = tf.scalar(0);
        await report({ experiment, norm, batchSize, seed, step, loss, testError: await errorOf(test, model.predict) });
      }
    }
    return true;
  } finally {
    total.dispose();
    optimizer.dispose();
    model.destroy();
  }
}

function upload({ count, pixels, labels }: Pictures): [tf.Tensor4D, tf.Tensor2D] {
  const scores = new Float32Array(count * CLASSES.length);
  labels.forEach((label, index) => (scores[index * CLASSES.length + label] = 1));
  return [tf.tensor4d(pixels, [count, SIZE, SIZE, 1]), tf.tensor2d(scores, [count, CLASSES.length])];
}

async function errorOf(test: Pictures, predict: (x: tf.Tensor4D, training: boolean) => tf.Tensor): Promise<number> {
  let wrong = 0;
  for (let begin = 0; begin < test.count; begin += TEST_BATCH) {
    const count = Math.min(TEST_BATCH, test.count - begin);
    const scores = tf.tidy(() => {
      const pixels = test.pixels.subarray(begin * SIZE * SIZE, (begin + count) * SIZE * SIZE);
      return predict(tf.tensor4d(pixels, [count, SIZE, SIZE, 1]), false);
    });
    const values = await scores.data();
    scores.dispose();
    for (let index = 0; index < count; index++) {
      const row = values.subarray(index * CLASSES.length, (index + 1) * CLASSES.length);
      if (row.indexOf(Math.max(...row)) !== test.labels[begin + index]) wrong++;
    }
  }
  return wrong / test.count;
}
