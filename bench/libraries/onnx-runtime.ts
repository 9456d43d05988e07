import type * as ort from 'onnxruntime-web';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { dtypeOf, hasCopies, outputNames } from '../cases/case.ts';
import type { Case, InputName, OutputName } from '../cases/case.ts';
import type { Data, Library, Opened, Subject } from './library.ts';
import { outputCalled } from './onnx/graph.ts';
import { modelInputs, modelsOf } from './onnx/models.ts';
import type { Model } from './onnx/models.ts';

type Runtime = typeof ort;

/** The build whose kernels are compiled into its WebAssembly. */
export const onnxRuntimeNative: Library = {
  name: 'onnxruntime-web native',
  open: async () => {
    const [runtime, wasm] = await Promise.all([
      import('onnxruntime-web/webgpu'),
      import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'),
    ]);
    return openRuntime(runtime, wasm.default);
  },
};

/** The default build, whose kernels are written in TypeScript. */
export const onnxRuntimeJsep: Library = {
  name: 'onnxruntime-web jsep',
  open: async () => {
    const [runtime, wasm] = await Promise.all([
      import('onnxruntime-web'),
      import('onnxruntime-web/ort-wasm-simd-threaded.jsep.wasm?url'),
    ]);
    return openRuntime(runtime, wasm.default);
  },
};

async function openRuntime(runtime: Runtime, wasm: string): Promise<Opened> {
  const { env } = runtime;
  // With one thread it needs no script besides its own, wherever that is served from.
  env.wasm.numThreads = 1;
  env.wasm.wasmPaths = { wasm };
  env.webgpu.powerPreference = 'high-performance';
  // The native build destroys its device with its last session, so one stays.
  const kept = await createSession(runtime, smallestModel());
  const device: GPUDevice = await env.webgpu.device;
  let released: Promise<unknown> = Promise.resolve();
  const release = (session: InferenceSession): void => {
    released = Promise.all([released, session.release()]);
  };

  return {
    prepare: async (of, pass, data) => {
      if (pass !== 'forward') return null;
      await released;
      const inputs = new Inputs(runtime, device, of, data);
      const sessions: InferenceSession[] = [];
      try {
        for (const model of modelsOf(of, data.arrays)) sessions.push(await createSession(runtime, model));
        const fastest = await fastestOf(sessions, device, inputs);
        sessions.filter((session) => session !== fastest).forEach(release);
        return subjectOf(fastest, device, of, inputs, release);
      } catch (cause) {
        sessions.forEach(release);
        inputs.destroy();
        throw cause;
      }
    },
    destroy: () => release(kept),
  };
}

async function createSession(runtime: Runtime, { bytes, layout }: Model): Promise<InferenceSession> {
  return runtime.InferenceSession.create(bytes, {
    executionProviders: [{ name: 'webgpu', preferredLayout: layout }],
    preferredOutputLocation: 'gpu-buffer',
    // Errors only: it warns of every node that it leaves to the CPU.
    logSeverityLevel: 3,
  });
}

/** The tensors that calls read, on the device of ONNX Runtime. */
class Inputs {
  readonly feeds: readonly Record<string, Tensor>[];
  readonly #buffers: GPUBuffer[] = [];

  constructor(runtime: Runtime, device: GPUDevice, of: Case, { arrays, copies }: Data) {
    const upload = ([name, shape]: readonly [InputName, readonly number[]]): [InputName, Tensor] => {
      const buffer = bufferWith(device, arrays[name]!);
      this.#buffers.push(buffer);
      return [name, runtime.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [...shape] })];
    };
    const inputs = Object.entries(modelInputs(of)) as [InputName, readonly number[]][];
    const rotates = ([name]: (typeof inputs)[number]): boolean => hasCopies(name);
    const parameters = Object.fromEntries(inputs.filter((input) => !rotates(input)).map(upload));
    const rotating = inputs.filter(rotates);
    this.feeds = Array.from({ length: copies }, () => ({
      ...parameters,
      ...Object.fromEntries(rotating.map(upload)),
    }));
  }

  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}

/** Which of several models is fastest depends on the GPU: of three calls, each model's best counts. */
async function fastestOf(
  sessions: readonly InferenceSession[],
  device: GPUDevice,
  { feeds }: Inputs,
): Promise<InferenceSession> {
  if (sessions.length === 1) return sessions[0]!;
  const times = sessions.map(() => Infinity);
  // The first round is for compiling.
  for (let round = 0; round < 4; round++) {
    for (const [index, session] of sessions.entries()) {
      const start = performance.now();
      disposeOf(await session.run(feeds[0]!));
      await device.queue.onSubmittedWorkDone();
      if (round > 0) times[index] = Math.min(times[index]!, performance.now() - start);
    }
  }
  return sessions[times.indexOf(Math.min(...times))]!;
}

function disposeOf(results: InferenceSession.ReturnType): void {
  for (const tensor of Object.values(results)) tensor.dispose();
}

function subjectOf(
  session: InferenceSession,
  device: GPUDevice,
  of: Case,
  inputs: Inputs,
  release: (session: InferenceSession) => void,
): Subject {
  const { feeds } = inputs;
  let turn = 0;
  const call = async (): Promise<void> => disposeOf(await session.run(feeds[turn++ % feeds.length]!));

  return {
    // Its f16 takes a feature that not every adapter has: it gets the same numbers as f32.
    ...(dtypeOf(of) !== 'f32' && { dtype: 'f32' }),
    call,
    run: async (calls) => {
      // A session runs one call at a time, and submits at its end what it recorded.
      for (let i = 0; i < calls; i++) await call();
      await device.queue.onSubmittedWorkDone();
    },
    read: async () => {
      const results = await session.run(feeds[0]!);
      const entries: [OutputName, Float32Array][] = [];
      for (const name of outputNames(of, 'forward')) {
        entries.push([name, (await results[outputCalled(name)]!.getData(true)) as Float32Array]);
      }
      return Object.fromEntries(entries);
    },
    destroy: () => {
      release(session);
      inputs.destroy();
    },
  };
}

function bufferWith(device: GPUDevice, data: Float32Array<ArrayBuffer>): GPUBuffer {
  const buffer = device.createBuffer({
    // It may read beyond the end, up to a multiple of 16 bytes.
    size: Math.ceil(data.byteLength / 16) * 16,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(buffer, 0, data);
  return buffer;
}

function smallestModel(): Model {
  const weight = Float32Array.of(1);
  const [model] = modelsOf({ name: 'smallest', norm: 'rmsNorm', shape: [1, 1], layout: 'rows' }, { weight });
  return model!;
}
