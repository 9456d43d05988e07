import { createContext } from '../../../src/index.ts';
import type { Context } from '../../../src/index.ts';
import { compilesSlowly, gpu } from '../../setup/gpu.ts';

export type Plans = 'software' | 'hardware';
export const PLANS: readonly Plans[] = ['software', 'hardware'];

/** lavapipe's compiler takes ten seconds for a kernel that holds more. */
const HELD = compilesSlowly ? { held: 4 } : {};

/**
 * One device, and on it the plans of this adapter and those of a GPU: what a GPU would run is tested on every adapter. `specialize`: whether shapes
 * that come back get programs of their own. How soon they do depends on how fast the machine compiles, so they have a test of their own.
 */
export async function openContexts({ specialize = false } = {}): Promise<Record<Plans, Context>> {
  const software = await createContext({ gpu: await gpu(), profile: { software: true, parallel: 64 }, specialize });
  // A software adapter clears workgroup memory word by word: programs of 256 invocations take it seconds to compile. They have tests of their own.
  const profile = { software: false, parallel: 1 << 16, maxWorkgroup: 64, ...HELD };
  const hardware = await createContext({ device: software.device, profile, specialize });
  return { software, hardware };
}
