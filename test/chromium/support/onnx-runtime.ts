import type * as ort from 'onnxruntime-web';

export type Runtime = typeof ort;
export type Session = ort.InferenceSession;

/** The builds of ONNX Runtime Web that have WebGPU: the default one, and the one whose kernels are compiled into its WebAssembly. */
export const BUILDS = {
  jsep: async (): Promise<Runtime> =>
    started(
      await import('onnxruntime-web'),
      (await import('onnxruntime-web/ort-wasm-simd-threaded.jsep.wasm?url')).default,
    ),
  native: async (): Promise<Runtime> =>
    started(
      await import('onnxruntime-web/webgpu'),
      (await import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url')).default,
    ),
} as const;

function started(runtime: Runtime, wasm: string): Runtime {
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = { wasm };
  return runtime;
}

type Provider = ort.InferenceSession.WebGpuExecutionProviderOption;

/** A session on WebGPU that leaves its results there, or one on the CPU. */
export async function openSession(
  runtime: Runtime,
  model: Uint8Array,
  on: 'webgpu' | 'wasm' | Provider = 'webgpu',
): Promise<Session> {
  return runtime.InferenceSession.create(model, {
    executionProviders: [on],
    ...(on !== 'wasm' && { preferredOutputLocation: 'gpu-buffer' }),
    // Errors only: it warns of every node that it leaves to the CPU.
    logSeverityLevel: 3,
  });
}
