/**
 * Normalization on tensors of ONNX Runtime Web, on its own device: between two sessions nothing leaves the GPU.
 *
 * @module onnx
 */
export { createOnnxContext } from './context.ts';
export type { OnnxContext, OnnxContextOptions } from './context.ts';
export type { AnyTensor, OnnxArguments, OnnxResult, Taking } from './exchange.ts';
export type { OnnxNode } from './node.ts';
export type { OnnxOutputs, OpType, OutputName } from './outputs.ts';
export type { OnnxRuntime } from './peer.ts';
