import { gpu } from '../../setup/gpu.ts';

/** In Node the backend of TensorFlow.js looks for `navigator.gpu` when it is imported. */
const adapters = await gpu();
const own = (globalThis.navigator as Navigator | undefined)?.gpu;
if (!own) Object.defineProperty(globalThis, 'navigator', { value: { gpu: adapters }, configurable: true });
