import { Contexts } from '../bridge/contexts.ts';
import { checkAlone } from '../options/checks.ts';
import type { Context } from '../runtime/context.ts';
import { deviceOf, peerOf } from './peer.ts';
import type { Peer } from './peer.ts';

/** The peer, jax-js, and the context on its device. */
export interface Connection {
  peer: Peer;
  context: Context;
}

const contexts = /* @__PURE__ */ new Contexts(
  'jax-js',
  'jax.getWebGPUDevice()',
  "init('webgpu') and defaultDevice('webgpu')",
);

/**
 * Puts the functions of this entry on the GPU device of jax-js: once, after `init('webgpu')`. The context that is returned tells of its memory
 * (`context.memory()`: what a call needs within itself, and what gradients are computed from; results are jax-js's); destroying it leaves the device, and
 * jax-js, alone. One of your own on that device may be given; otherwise it is made, or the one that is there.
 *
 * @throws NormError (rejects) `unsupported` where jax-js has no device of WebGPU, or is of a version that has other insides; `device` where the
 * context is on another device, `option` where it is none, `lost` where it was destroyed.
 * @example await jax.init('webgpu');
 * jax.defaultDevice('webgpu');
 * const context = await connect();
 */
export async function connect(context?: Context, ...more: readonly never[]): Promise<Context> {
  const op = 'connect';
  checkAlone(op, more);
  return contexts.connect(op, peerOf(op).device, context);
}

/** @throws NormError `unsupported`, and `usage` where nobody connected. */
export function connectionOf(op: string): Connection {
  const context = contexts.of(op, deviceOf(op));
  return { peer: peerOf(op), context };
}
