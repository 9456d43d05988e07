import { Contexts } from '../bridge/contexts.ts';
import { checkAlone } from '../options/checks.ts';
import type { Context } from '../runtime/context.ts';
import { activeBackend } from './backend.ts';
import type { Backend } from './backend.ts';

/** A backend of TensorFlow.js and the context on its device. */
export interface Connection {
  backend: Backend;
  context: Context;
}

const contexts = /* @__PURE__ */ new Contexts('TensorFlow.js', 'tf.backend().device', "tf.setBackend('webgpu')");

/**
 * Puts the functions and layers of this entry on the GPU device of TensorFlow.js: once, after `tf.setBackend('webgpu')`. The context that is
 * returned tells of its memory (`context.memory()`: only what a call needs within itself; results are TensorFlow.js's) and compiles ahead; destroying it
 * leaves the device, and TensorFlow.js, alone. One of your own on that device may be given; otherwise it is made, or the one that is there.
 *
 * @throws NormError (rejects) `unsupported` where TensorFlow.js has no WebGPU backend that is ready, or one of another version; `device` where the
 * context is on another device, `option` where it is none, `lost` where it was destroyed.
 * @example await tf.setBackend('webgpu');
 * const context = await connect();
 */
export async function connect(context?: Context, ...more: readonly never[]): Promise<Context> {
  const op = 'connect';
  checkAlone(op, more);
  return contexts.connect(op, activeBackend(op).device, context);
}

/** @throws NormError `unsupported`, and `usage` where nobody connected. */
export function connectionOf(op: string): Connection {
  const backend = activeBackend(op);
  return { backend, context: contexts.of(op, backend.device) };
}
