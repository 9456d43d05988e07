import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** TensorFlow.js on WebGPU. */
if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js finds no WebGPU here');

export const backend: WebGPUBackend = tf.backend() as WebGPUBackend;
