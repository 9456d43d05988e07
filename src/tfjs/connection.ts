import { NormError } from '../errors.ts';
import { checkAlone } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import { Context, createContext } from '../runtime/context.ts';
import { activeBackend } from './backend.ts';
import type { Backend } from './backend.ts';

/** A backend of TensorFlow.js and the context on its device. */
export interface Connection {
  backend: Backend;
  context: Context;
}

const contexts = new WeakMap<Backend, Context>();

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
  const backend = activeBackend(op);
  if (context !== undefined) return own(op, backend, context);
  const there = contexts.get(backend);
  if (there && isAlive(there)) return there;
  const made = await createContext({ device: backend.device });
  const meanwhile = contexts.get(backend);
  if (meanwhile && meanwhile !== there) {
    made.destroy();
    return meanwhile;
  }
  contexts.set(backend, made);
  return made;
}

/** A context of the app's. */
function own(op: string, backend: Backend, context: Context): Context {
  if (!(context instanceof Context)) {
    throw new NormError('option', `${op}: context is ${formatValue(context)}; it must be what createContext returns`);
  }
  if (context.device !== backend.device) {
    throw new NormError(
      'device',
      `${op}: the context is on another device than TensorFlow.js; make it by createContext({ device: tf.backend().device })`,
    );
  }
  context.runtime.checkAlive(op);
  contexts.set(backend, context);
  return context;
}

function isAlive({ runtime }: Context): boolean {
  try {
    runtime.checkAlive('connect');
    return true;
  } catch {
    return false;
  }
}

/** @throws NormError `unsupported`, and `usage` where nobody connected. */
export function connectionOf(op: string): Connection {
  const backend = activeBackend(op);
  const context = contexts.get(backend);
  if (!context) {
    throw new NormError(
      'usage',
      `${op}: there is no context on the device of TensorFlow.js; await connect() once, after tf.setBackend('webgpu')`,
    );
  }
  context.runtime.checkAlive(op);
  return { backend, context };
}
