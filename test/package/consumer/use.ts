import { createContext, layerNorm, NormError } from 'webgpu-norm';
import type { Saving, Tensor } from 'webgpu-norm';
import { layerNorm as reference } from 'webgpu-norm/reference';

/** What an app does with the package, in types. */
export async function use(device: GPUDevice, buffer: GPUBuffer): Promise<number> {
  using context = await createContext({ device });
  const x: Tensor = context.wrap(buffer, { shape: [8, 64], dtype: 'f32' });
  const y: Tensor = layerNorm(x, { axes: [-1], eps: 1e-5 });
  const { saved }: Saving = layerNorm(x, { save: true });
  const numbers: Float32Array = await y.read();
  const exact: Float64Array = reference({ data: numbers, shape: y.shape }).y.data;
  if (!(saved.mean.size > 0)) throw new NormError('shape', 'nothing saved');
  // @ts-expect-error a layout is one string
  layerNorm(x, { axes: 'NCHW' });
  return exact.length;
}
