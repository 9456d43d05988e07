import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tfl from '@tensorflow/tfjs-layers';
import { BatchNormalization, connect, GroupNormalization } from 'webgpu-norm/tfjs';

const SIZE = 8;
const TRAINED = 64;

/** Stripes that run across (0) or down (1), each picture from the first of another phase, brightness and contrast. */
function draw(count: number, first = 0): { pictures: tf.Tensor4D; directions: tf.Tensor2D } {
  const pictures = tf.buffer([count, SIZE, SIZE, 1]);
  const directions = tf.buffer([count, 1]);
  for (let sample = 0; sample < count; sample++) {
    const phase = first + sample;
    const [brightness, contrast] = [5 * Math.sin(7 * phase), 1 + Math.cos(5 * phase) ** 2];
    directions.set(sample % 2, sample, 0);
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        pictures.set(brightness + contrast * Math.sin(2 * (sample % 2 ? x : y) + phase), sample, y, x, 0);
      }
    }
  }
  return { pictures: pictures.toTensor() as tf.Tensor4D, directions: directions.toTensor() as tf.Tensor2D };
}

function makeModel(): tfl.Sequential {
  const conv = (filters: number, strides: number, inputShape?: number[]): tfl.layers.Layer =>
    tfl.layers.conv2d({
      filters,
      kernelSize: 3,
      strides,
      useBias: false,
      kernelInitializer: tfl.initializers.heNormal({ seed: filters }),
      ...(inputShape && { inputShape }),
    });
  const model = tfl.sequential();
  model.add(conv(8, 1, [SIZE, SIZE, 1]));
  model.add(new BatchNormalization({ momentum: 0.5 })); // in the place of tfl.layers.batchNormalization
  model.add(tfl.layers.activation({ activation: 'relu' }));
  model.add(conv(16, 2));
  model.add(new GroupNormalization({ groups: 4 })); // TensorFlow.js has none
  model.add(tfl.layers.activation({ activation: 'relu' }));
  model.add(tfl.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }));
  model.add(tfl.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: 'zeros' }));
  model.compile({ optimizer: tf.train.adam(0.05), loss: 'binaryCrossentropy' });
  return model;
}

/** The share of new pictures, none of those it was trained by, whose direction a model tells. */
async function accuracyOf(model: tfl.LayersModel, count: number): Promise<number> {
  const { pictures, directions } = draw(count, TRAINED);
  const told = await (model.predict(pictures) as tf.Tensor).data();
  const right = await directions.data();
  return told.filter((value, index) => Number(value > 0.5) === right[index]).length / count;
}

async function run(): Promise<string> {
  await tf.setBackend('webgpu');
  await connect(); // puts the layers on the device of TensorFlow.js
  const model = makeModel();
  const { pictures, directions } = draw(TRAINED);
  await model.fit(pictures, directions, { epochs: 8, batchSize: 16, shuffle: false, yieldEvery: 'never' });
  const accuracy = await accuracyOf(model, 50);

  await model.save('indexeddb://stripes');
  const loaded = await tfl.loadLayersModel('indexeddb://stripes');
  const again = await accuracyOf(loaded, 50);
  return `Told the way of ${100 * accuracy} % of new stripes, and of ${100 * again} % once saved and loaded.`;
}

function say(words: string, state: 'done' | 'error'): void {
  document.getElementById('status')!.textContent = words;
  document.documentElement.dataset['state'] = state;
}

await run().then(
  (words) => say(words, 'done'),
  (problem: unknown) => say(problem instanceof Error ? problem.message : String(problem), 'error'),
);
