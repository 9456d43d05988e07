import { createContext, layerNorm, layerNormBackward, layerNormForward, NormError } from 'webgpu-norm';
import type { ForwardResult, Gradients, Tensor } from 'webgpu-norm';
import { BatchNorm2d, readSafetensors } from 'webgpu-norm/layers';
import { layerNorm as reference } from 'webgpu-norm/reference';

/** What an app does with the package, in types. */
export async function use(device: GPUDevice, buffer: GPUBuffer): Promise<number> {
  using context = await createContext({ device });
  const x: Tensor = context.wrap(buffer, { shape: [8, 64], dtype: 'f32' });
  const y: Tensor = layerNorm(x, { axes: [-1], eps: 1e-5 });
  const { saved }: ForwardResult = layerNormForward(x);
  const { dx }: Gradients<'dx'> = layerNormBackward(y, saved);
  const alone: { dbias: Tensor } = layerNormBackward(y, saved, { gradients: ['dbias'] });
  using layer = new BatchNorm2d(context, 64, { momentum: null });
  layer.loadStateDict(readSafetensors(new ArrayBuffer(8)));
  for (const tensor of [dx, alone.dbias, layer.eval().forward(x)]) tensor.destroy();
  const numbers: Float32Array = await y.read();
  const exact: Float64Array = reference({ data: numbers, shape: y.shape }).y.data;
  if (!(saved.mean.size > 0)) throw new NormError('shape', 'nothing saved');
  // @ts-expect-error a layout is one string
  layerNorm(x, { axes: 'NCHW' });
  return exact.length;
}
