import * as jax from '@jax-js/jax';

/** jax-js on WebGPU. */
if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('jax-js finds no WebGPU here');
jax.defaultDevice('webgpu');

export const device: GPUDevice = jax.getWebGPUDevice();
