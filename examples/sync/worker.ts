import * as Comlink from 'comlink';
import { comlinkChannel } from 'webgpu-norm/sync';
import type { RemoteRelay } from 'webgpu-norm/sync';
import { takePart } from './member.ts';

/** One of the workers of a page: it has a GPU device of its own, and the page passes on what it sends the others. */
Comlink.expose({
  takePart: async (relay: RemoteRelay, size: number) => takePart(await comlinkChannel(Comlink, relay), size),
});
