import { create, globals } from 'webgpu';

/** Gives Node what a browser has: `navigator.gpu`. */

Object.assign(globalThis, globals);
globalThis.dawn = create([]);
Object.defineProperty(globalThis, 'navigator', { value: { gpu: globalThis.dawn }, configurable: true });
