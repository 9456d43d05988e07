/** What `@tensorflow/tfjs` exports of its parts. */
export * from '@tensorflow/tfjs-core';
export * from '@tensorflow/tfjs-layers';
