/** What goes over a device meanwhile. */
export interface Traffic {
  dispatches: number;
  submits: number;
  /** Bytes copied from buffer to buffer on the GPU. */
  copied: number;
  /** Bytes of new buffers. */
  allocated: number;
  /** Calls that bring bytes from the CPU or to it. */
  crossings: string[];
}

/** Counts what work does on a device, until it has returned. */
export function watching(device: GPUDevice, work: () => void): Traffic {
  const seen: Traffic = { dispatches: 0, submits: 0, copied: 0, allocated: 0, crossings: [] };
  const { queue, createBuffer } = device;
  const { submit, writeBuffer, writeTexture } = queue;
  const { mapAsync, getMappedRange } = GPUBuffer.prototype;
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  const { copyBufferToBuffer } = GPUCommandEncoder.prototype as { copyBufferToBuffer: (...given: unknown[]) => void };
  const crossing = (name: string, of: unknown) =>
    function (this: unknown, ...given: unknown[]): unknown {
      seen.crossings.push(name);
      return (of as (...given: unknown[]) => unknown).apply(this, given);
    };
  const watched = {
    device: {
      createBuffer(descriptor: GPUBufferDescriptor): GPUBuffer {
        seen.allocated += descriptor.size;
        if (descriptor.mappedAtCreation) seen.crossings.push('mappedAtCreation');
        return createBuffer.call(device, descriptor);
      },
    },
    queue: {
      submit(buffers: Iterable<GPUCommandBuffer>): void {
        seen.submits++;
        submit.call(queue, buffers);
      },
      writeBuffer: crossing('writeBuffer', writeBuffer),
      writeTexture: crossing('writeTexture', writeTexture),
    },
    buffer: { mapAsync: crossing('mapAsync', mapAsync), getMappedRange: crossing('getMappedRange', getMappedRange) },
    pass: {
      dispatchWorkgroups(this: GPUComputePassEncoder, x: number, y?: number, z?: number): void {
        seen.dispatches++;
        dispatchWorkgroups.call(this, x, y, z);
      },
    },
    encoder: {
      copyBufferToBuffer(this: GPUCommandEncoder, ...given: unknown[]): void {
        seen.copied += given.at(-1) as number;
        copyBufferToBuffer.apply(this, given);
      },
    },
  };
  Object.assign(device, watched.device);
  Object.assign(queue, watched.queue);
  Object.assign(GPUBuffer.prototype, watched.buffer);
  Object.assign(GPUComputePassEncoder.prototype, watched.pass);
  Object.assign(GPUCommandEncoder.prototype, watched.encoder);
  try {
    work();
  } finally {
    Object.assign(device, { createBuffer });
    Object.assign(queue, { submit, writeBuffer, writeTexture });
    Object.assign(GPUBuffer.prototype, { mapAsync, getMappedRange });
    Object.assign(GPUComputePassEncoder.prototype, { dispatchWorkgroups });
    Object.assign(GPUCommandEncoder.prototype, { copyBufferToBuffer });
  }
  return seen;
}
