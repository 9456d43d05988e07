/** Takes the time on the GPU itself, from before the first to after the last command of an encoder. */
export class GpuTimer {
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  constructor(device: GPUDevice) {
    this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 });
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    this.#resolved = device.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC });
    this.#staging = device.createBuffer({ size: 16, usage: MAP_READ | COPY_DST });
  }

  begin(encoder: GPUCommandEncoder): void {
    this.#mark(encoder, { beginningOfPassWriteIndex: 0 });
  }

  end(encoder: GPUCommandEncoder): void {
    this.#mark(encoder, { endOfPassWriteIndex: 1 });
    encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 16);
  }

  #mark(encoder: GPUCommandEncoder, which: Omit<GPUComputePassTimestampWrites, 'querySet'>): void {
    encoder.beginComputePass({ timestampWrites: { querySet: this.#queries, ...which } }).end();
  }

  /** Milliseconds, once the encoder was submitted. */
  async read(): Promise<number> {
    await this.#staging.mapAsync(GPUMapMode.READ);
    const [begin, end] = new BigUint64Array(this.#staging.getMappedRange());
    const milliseconds = Number(end! - begin!) / 1e6;
    this.#staging.unmap();
    return milliseconds;
  }
}
