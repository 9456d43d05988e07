import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-webgpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { createContext } from 'webgpu-norm';
import type { Context, Tensor } from 'webgpu-norm';
import { adapterName } from '../../adapter.ts';
import { Converter } from './conversion.ts';
import type { Stored } from '../settings.ts';

/** A tensor of tfjs as the library sees it. */
export interface Borrowed {
  tensor: Tensor;
  /** Gives its memory back, once what reads it is submitted. */
  release(): void;
}

interface Lent {
  dataId: object;
  /** Gives the memory back. */
  free(): void;
}

/**
 * Takes tensors of tfjs to the library and back, on the device of tfjs. The commands of a queue run in the order in which
 * they are submitted, so all that matters is who submits when: `dataToGPU` submits what tfjs has recorded so far, and calls
 * of the library without an encoder submit at once.
 */
export class Bridge {
  readonly context: Context;
  readonly #backend: WebGPUBackend;
  readonly #converter: Converter;
  #lent: Lent[] = [];

  private constructor(context: Context, backend: WebGPUBackend) {
    this.context = context;
    this.#backend = backend;
    this.#converter = new Converter(context);
  }

  /**
   * Starts tfjs on WebGPU, and the library on its device.
   *
   * @throws Error (rejects) where there is no WebGPU.
   */
  static async open(): Promise<Bridge> {
    if (!(await tf.setBackend('webgpu').catch(() => false))) {
      throw new Error('there is no WebGPU here, or it offers no adapter');
    }
    // Small tensors too: what tfjs keeps on the CPU has no buffer to borrow.
    tf.env().set('WEBGPU_CPU_FORWARD', false);
    // The matrix product that tfjs takes for small results; its others are made for matrices that fill a GPU.
    tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', 3);
    const backend = tf.backend() as WebGPUBackend;
    return new Bridge(await createContext({ device: backend.device }), backend);
  }

  /**
   * A copy of a tensor of tfjs that the library can read, stored in a dtype; it lives until it is released, whatever becomes
   * of the original. As halves it is all that is kept: what tfjs holds is f32, and free as soon as it is rounded.
   */
  borrow(theirs: tf.Tensor, dtype: Stored = 'f32'): Borrowed {
    const { buffer, tensorRef } = theirs.dataToGPU();
    tf.keep(tensorRef);
    this.#takeBack();
    const numbers = this.context.wrap(buffer!, { shape: theirs.shape });
    if (dtype === 'f32') return { tensor: numbers, release: () => tensorRef.dispose() };
    const halves = this.#converter.narrow(numbers, dtype);
    tensorRef.dispose();
    return { tensor: halves, release: () => halves.destroy() };
  }

  /**
   * Hands a result of the library to tfjs: f32 without a copy where its buffer is as large as it, halves widened. It must not be destroyed: the bridge does, when
   * tfjs is done with it.
   */
  lend(result: Tensor): tf.Tensor {
    const ours = result.dtype === 'f32' ? result : this.#converter.widen(result);
    if (ours !== result) result.destroy();
    const { buffer, free } = this.#exactly(ours);
    const theirs = tf.tensor({ buffer, zeroCopy: true }, [...ours.shape], 'float32');
    this.#lent.push({ dataId: theirs.dataId, free });
    return theirs;
  }

  /** A buffer as large as the tensor: tfjs takes all of a buffer for its tensor, and the library's are as large as their size class. */
  #exactly(ours: Tensor): { buffer: GPUBuffer; free: () => void } {
    const { buffer, byteLength: size } = ours;
    if (buffer.size === size) return { buffer, free: () => ours.destroy() };
    const { device } = this.context;
    const exact = device.createBuffer({ size, usage: buffer.usage });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, exact, 0, size);
    device.queue.submit([encoder.finish()]);
    ours.destroy();
    return { buffer: exact, free: () => exact.destroy() };
  }

  /** What it runs on, in words. */
  get adapter(): string {
    return adapterName(this.context);
  }

  /** How many results tfjs holds. */
  get lent(): number {
    return this.#lent.length;
  }

  /**
   * Gives lent memory back to the library's pool, where no tensor of tfjs refers to it any more. Only right after tfjs has
   * submitted: until then its encoder may mention a buffer whose tensors are gone, and the next call would overwrite it.
   */
  #takeBack(): void {
    const held = this.#lent.filter(({ free, dataId }) => {
      if (this.#backend.refCount(dataId) > 0) return true;
      free();
      return false;
    });
    this.#lent = held;
  }
}
