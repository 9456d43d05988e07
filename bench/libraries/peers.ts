import type { Listed } from './libraries.ts';

/** Other libraries that normalize on WebGPU; they need a browser. */
export const PEERS: readonly Listed[] = [
  { name: 'onnxruntime-web native', load: async () => (await import('./onnx-runtime.ts')).onnxRuntimeNative },
  { name: 'onnxruntime-web jsep', load: async () => (await import('./onnx-runtime.ts')).onnxRuntimeJsep },
  { name: 'tfjs', load: async () => (await import('./tfjs.ts')).tensorflow },
  { name: 'jax-js', load: async () => (await import('./jax.ts')).jax },
];
