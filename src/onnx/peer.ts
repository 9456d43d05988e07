import type * as ort from 'onnxruntime-web';
import { NormError } from '../errors.ts';
import { formatValue, isPromise } from '../options/format-value.ts';

/** The part of ONNX Runtime Web that is used: the module itself, `import * as ort from 'onnxruntime-web'` or `'onnxruntime-web/webgpu'`. */
export type OnnxRuntime = Pick<typeof ort, 'env' | 'Tensor'>;

const OP = 'createOnnxContext';

/** @throws NormError `option` unless it is the module, `unsupported` where it is one that knows no buffers of the GPU. */
export function checkRuntime(runtime: Partial<OnnxRuntime> | null): asserts runtime is OnnxRuntime {
  const { env, Tensor } = runtime ?? {};
  if (typeof Tensor !== 'function' || typeof env !== 'object' || isPromise(runtime)) {
    throw new NormError(
      'option',
      `${OP}: ort is ${formatValue(runtime)}; give the module, \`import * as ort from 'onnxruntime-web/webgpu'\``,
    );
  }
  if (typeof Tensor.fromGpuBuffer !== 'function') {
    const version = (env as Partial<OnnxRuntime['env']>).versions?.common ?? 'of an unknown version';
    throw new NormError(
      'unsupported',
      `${OP}: onnxruntime-web ${version} has no Tensor.fromGpuBuffer; install 1.17 or newer`,
    );
  }
}

/** The device that its sessions share. */
export async function deviceOf({ env }: OnnxRuntime): Promise<GPUDevice> {
  // Before 1.21 it is no Promise; in a build or a page without WebGPU, and before the first session, it is not there.
  const device = (await env.webgpu.device) as GPUDevice | undefined;
  if (device) return device;
  throw new NormError(
    'device',
    `${OP}: ort.env.webgpu.device is not there yet; create a session with executionProviders: ['webgpu'] first, or give the device ` +
      'that you give to sessions, { device }',
  );
}
