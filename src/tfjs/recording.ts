import { engine, env } from '@tensorflow/tfjs-core';
import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import { borrowedStorage } from '../runtime/storage.ts';
import { Tensor as NormTensor } from '../runtime/tensor.ts';
import type { Connection } from './connection.ts';

/**
 * A call on its way into the command encoder of TensorFlow.js. Its own commands come before and after in the order they were made, all are
 * submitted together, and no buffer that is mentioned is released before that: neither side waits for the other or submits for it.
 */
export class Recording {
  /** The encoder of TensorFlow.js, without an open pass. */
  readonly encoder: GPUCommandEncoder;
  readonly #connection: Connection;
  readonly #mentioned = new Set<object>();

  constructor(connection: Connection) {
    const { backend } = connection;
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    this.encoder = backend.commandEncoder!;
    this.#connection = connection;
  }

  /** A tensor of ours that shows the buffer of one of theirs; what is still on the CPU is uploaded, as for any operation of theirs. */
  wrap(tensor: Tensor): NormTensor {
    const dtype = tensor.dtype === 'float32' ? 'f32' : 'u32';
    const { runtime } = this.#connection.context;
    return new NormTensor(runtime, borrowedStorage(this.buffer(tensor)), tensor.shape, dtype);
  }

  /** A new tensor of theirs in a buffer of theirs, its elements undefined. */
  empty(shape: readonly number[], dtype: DataType = 'float32'): Tensor {
    const { backend } = this.#connection;
    return engine().makeTensorFromTensorInfo(backend.makeTensorInfo([...shape], dtype), backend);
  }

  /** The buffer of a tensor, which is kept until the commands are submitted. */
  buffer({ dataId }: Tensor): GPUBuffer {
    const { backend } = this.#connection;
    backend.uploadToGPU(dataId);
    this.mention(dataId);
    return backend.tensorMap.get(dataId).resource as GPUBuffer;
  }

  /** Notes that the commands mention the data of a tensor. */
  mention(dataId: object): void {
    this.#mentioned.add(dataId);
  }

  /** Notes what was recorded; TensorFlow.js submits after so many dispatches. */
  end(): void {
    const { backend } = this.#connection;
    for (const dataId of this.#mentioned) backend.commandQueueOwnedIds.add(dataId);
    backend.dispatchCountInPass++;
    if (backend.dispatchCountInPass >= batchSize()) backend.submitQueue();
  }
}

/** Records a call; returns what it gives. */
export function record<Result>(connection: Connection, call: (recording: Recording) => Result): Result {
  const recording = new Recording(connection);
  try {
    return call(recording);
  } finally {
    recording.end();
  }
}

function batchSize(): number {
  return env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE');
}
