/** What is asked of WebGPU while something runs. */
export interface Asked {
  dispatches: number;
  submits: number;
  /** Mapped to the CPU or from it. */
  maps: number;
  /** Bytes written from the CPU. */
  written: number;
  /** Bytes copied on the GPU. */
  copied: number;
}

type Methods = Record<string, (...given: never[]) => unknown>;

/** Runs something, and counts what it asks of WebGPU, whoever asks. */
export async function askedOf<Result>(work: () => Result | Promise<Result>): Promise<Asked & { result: Result }> {
  const asked: Asked = { dispatches: 0, submits: 0, maps: 0, written: 0, copied: 0 };
  const undo = [
    noted(GPUComputePassEncoder, 'dispatchWorkgroups', () => asked.dispatches++),
    noted(GPUComputePassEncoder, 'dispatchWorkgroupsIndirect', () => asked.dispatches++),
    noted(GPUQueue, 'submit', () => asked.submits++),
    noted(GPUBuffer, 'mapAsync', () => asked.maps++),
    noted(GPUQueue, 'writeBuffer', (...[, , data, , size]) => {
      asked.written += (size as number | undefined) ?? (data as ArrayBufferView).byteLength;
    }),
    noted(GPUCommandEncoder, 'copyBufferToBuffer', (...given) => {
      asked.copied += given.findLast((one) => typeof one === 'number') as number;
    }),
  ];
  try {
    const result = await work();
    return { ...asked, result };
  } finally {
    for (const one of undo) one();
  }
}

/** Has calls of a method noted; returns what ends that. */
function noted(of: { prototype: object }, name: string, note: (...given: unknown[]) => void): () => void {
  const methods = of.prototype as Methods;
  const method = methods[name]!;
  methods[name] = function (this: unknown, ...given: never[]) {
    note(...given);
    return method.apply(this, given);
  };
  return () => void (methods[name] = method);
}
