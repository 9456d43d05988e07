import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { engine, version_core } from '@tensorflow/tfjs-core';
import type { KernelBackend, Tensor } from '@tensorflow/tfjs-core';
import { NormError } from '../errors.ts';

/** Members that its types call private: commands go into its own encoder, and are counted as its own. */
interface Commands {
  /** The encoder of the commands that are yet to be submitted. */
  commandEncoder: GPUCommandEncoder | null;
  /** Data that these commands mention: it is not released before they are submitted. */
  commandQueueOwnedIds: WeakSet<object>;
  /** Dispatches since the last submit: there is one after so many. */
  dispatchCountInPass: number;
}

type Public =
  | 'device'
  | 'tensorMap'
  | 'uploadToGPU'
  | 'makeTensorInfo'
  | 'ensureCommandEncoderReady'
  | 'endComputePassEncoder'
  | 'submitQueue';

/** The part of the WebGPU backend of TensorFlow.js that is used. */
export type Backend = KernelBackend & Pick<WebGPUBackend, Public> & Commands;

/** The version whose backend this is written for; 4.22 is the only one in which all of it was tried. */
const VERSION = '4.22';

const METHODS = [
  'uploadToGPU',
  'makeTensorInfo',
  'ensureCommandEncoderReady',
  'endComputePassEncoder',
  'submitQueue',
] as const;

const checked = new WeakSet<KernelBackend>();

/**
 * The backend that TensorFlow.js is on.
 *
 * @throws NormError `unsupported` unless it is there, is WebGPU and of a version that has all that is used.
 */
export function activeBackend(op: string): Backend {
  const { backendName, registry } = engine();
  const backend = (backendName as string | null) === null ? undefined : registry[backendName];
  if (backend && checked.has(backend)) return backend as Backend;
  const remedy = "import '@tensorflow/tfjs-backend-webgpu' and await tf.setBackend('webgpu')";
  if (!backend) {
    throw new NormError('unsupported', `${op}: TensorFlow.js has no backend that is ready; ${remedy}`);
  }
  const found = backend as Partial<Backend>;
  if (typeof found.device?.createComputePipeline !== 'function') {
    throw new NormError('unsupported', `${op}: TensorFlow.js is on its ${backendName} backend; ${remedy}`);
  }
  const missing = METHODS.filter((name) => typeof found[name] !== 'function') as string[];
  if (!(found.commandQueueOwnedIds instanceof WeakSet)) missing.push('commandQueueOwnedIds');
  if (typeof found.dispatchCountInPass !== 'number') missing.push('dispatchCountInPass');
  if (!('commandEncoder' in found)) missing.push('commandEncoder');
  if (missing.length > 0) {
    throw new NormError(
      'unsupported',
      `${op}: the WebGPU backend of TensorFlow.js ${version_core} has no ${missing.join(', ')}; this bridge is made for ${VERSION}, ` +
        `install @tensorflow/tfjs-core@${VERSION} and @tensorflow/tfjs-backend-webgpu@${VERSION}`,
    );
  }
  checked.add(backend);
  return backend as Backend;
}

/** The name of the backend that has the data of a tensor. */
export function backendNameOf(dataId: object): string {
  const { registry, state } = engine();
  const owner = state.tensorInfo.get(dataId)?.backend;
  return Object.keys(registry).find((name) => registry[name] === owner) ?? 'former';
}

/** Whether a tensor of floats is stored as such: a cast from whole numbers leaves the data as it is. */
export function holdsFloats({ tensorMap }: Backend, { dataId }: Tensor): boolean {
  return tensorMap.get(dataId).dtype === 'float32';
}
