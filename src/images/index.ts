/**
 * Images and textures as tensors, and tensors as textures: normalized by a mean and a deviation on the way, without a copy through the CPU.
 *
 * @module images
 */
export type { ImageLayout } from './arguments.ts';
export type { Channels, NormalizationOptions, PerChannel } from './channels.ts';
export type { GeometryOptions, Resize, Size } from './geometry.ts';
export { CLIP, IMAGENET } from './presets.ts';
export type { Preset } from './presets.ts';
export type { ImageSource, Pixels } from './source.ts';
export { tensorFromImage } from './tensor-from-image.ts';
export type { TensorFromImageOptions } from './tensor-from-image.ts';
export { tensorToImage } from './tensor-to-image.ts';
export type { TensorToImageOptions } from './tensor-to-image.ts';
