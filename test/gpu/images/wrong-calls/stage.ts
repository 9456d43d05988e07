import { tensorFromImage, tensorToImage } from '../../../../src/images/index.ts';
import { createContext } from '../../../../src/index.ts';
import { gpu } from '../../../setup/gpu.ts';
import { untyped } from '../../support/wrong-call.ts';
import { imageOf } from '../images.ts';
import { textureOf } from '../textures.ts';

/** What wrong calls are made of. */

const adapters = await gpu();
export const context = await createContext({ gpu: adapters });
export const stranger = await createContext({ gpu: adapters });
export const { device } = context;
export const image = imageOf(5, 7);
export const from = (options: object, source: unknown = image): unknown =>
  tensorFromImage(context, untyped(source), untyped(options));

export const texture = (format: GPUTextureFormat, more: Partial<GPUTextureDescriptor> = {}): GPUTexture =>
  device.createTexture({ format, size: [7, 5], usage: 0x14, ...more });
export const sampled = texture('rgba8unorm', { usage: 0x4 });
export const target = textureOf(device, 'rgba8unorm', [7, 5]);
export const x = context.empty([1, 3, 5, 7]);
export const to = (options: object, tensor: unknown = x, onto: unknown = target): unknown =>
  tensorToImage(untyped(tensor), untyped(onto), untyped(options));
export const gone = context.empty([1, 3, 5, 7]);
gone.destroy();
export const encoder = device.createCommandEncoder();
export const pass = device.createCommandEncoder().beginComputePass();
pass.end();
