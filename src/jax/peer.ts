import { Array as JaxArray, getWebGPUDevice, numpy } from '@jax-js/jax';
import { NormError } from '../errors.ts';
import { checkGradients } from './traced.ts';

type ArrayArguments = ConstructorParameters<typeof JaxArray>[0];

/** The backend that allocates and runs for arrays on a device. */
export type Backend = ArrayArguments['backend'];

type ArrayShape = ArrayArguments['st'];
type Kernel = Parameters<Backend['prepareKernelSync']>[0];

/** The class of shapes. */
interface Shapes {
  fromShape(shape: number[]): ArrayShape;
}

/**
 * Insides of jax-js that are used besides what it exports. It gives its device and an array's buffer, but has no way to make an array of a buffer: for that
 * its `Array` has a constructor, which takes a slot of the backend and a shape, and neither backend nor class of shapes is exported.
 */
export interface Peer {
  device: GPUDevice;
  backend: Backend;
  shapes: Shapes;
}

/** The version whose insides this is written for. */
const VERSION = '0.1.25';

const peers = new WeakMap<GPUDevice, Peer>();

/** @throws NormError `unsupported` unless jax-js has a device of WebGPU. */
export function deviceOf(op: string): GPUDevice {
  try {
    return getWebGPUDevice();
  } catch (cause) {
    throw new NormError(
      'unsupported',
      `${op}: jax-js has no device of WebGPU; await init('webgpu'), and defaultDevice('webgpu')`,
      { cause },
    );
  }
}

/**
 * jax-js on its device of WebGPU.
 *
 * @throws NormError `unsupported` unless it is there, and of a version whose arrays and gradients are as this bridge knows them.
 */
export function peerOf(op: string): Peer {
  const device = deviceOf(op);
  let peer = peers.get(device);
  if (!peer) {
    peer = { device, ...insides(op) };
    peers.set(device, peer);
  }
  return peer;
}

function insides(op: string): Omit<Peer, 'device'> {
  try {
    const found = { backend: webgpuBackend(), shapes: shapesClass() };
    checkGradients();
    return found;
  } catch (cause) {
    throw new NormError(
      'unsupported',
      `${op}: the arrays of this version of @jax-js/jax are made in another way (${(cause as Error).message}); this bridge is made for ` +
        `${VERSION}, install @jax-js/jax@${VERSION}`,
      { cause },
    );
  }
}

/** The backend of the device: an operation on one of its arrays tells it to the other array. */
function webgpuBackend(): Backend {
  let found: Backend | undefined;
  const there = numpy.zeros([], { device: 'webgpu' });
  const told = numpy.zeros([]);
  told._putSync = (backend) => {
    found = backend;
    return JaxArray.prototype._putSync.call(told, backend);
  };
  there.add(told).dispose();
  if (typeof found?.malloc !== 'function') throw new Error('no operation tells its backend');
  return found;
}

/** The class of shapes: a kernel that reads an array has its shape. */
function shapesClass(): Shapes {
  let kernel: Kernel | undefined;
  const recorder = {
    type: 'webgpu',
    malloc: () => 0,
    incRef: () => {},
    decRef: () => {},
    prepareKernelSync: (given: Kernel) => (kernel = given),
    dispatch: () => {},
    buffers: new Map([[0, {}]]),
  };
  const array = numpy.zeros([1])._putSync(recorder as unknown as Backend);
  array._realizeSource();
  numpy.sqrt(array).gpuBufferSync();
  const [, shape] = kernel!.exp.src[0]!.arg as [number, ArrayShape];
  const shapes = shape.constructor as unknown as Shapes;
  const made = shapes.fromShape([2, 3]);
  if (made.constructor !== shape.constructor || made.shape.join() !== '2,3') throw new Error('shapes are others');
  return shapes;
}
