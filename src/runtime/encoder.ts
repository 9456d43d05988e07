/** Where a call is recorded: into a command encoder of the app's, or an open compute pass of its; the app submits. */
export type Encoder = GPUCommandEncoder | GPUComputePassEncoder;

/** Where a call is recorded. */
export interface EncoderOptions {
  /** Left out: the work is submitted. */
  encoder?: Encoder | undefined;
}

export function isComputePass(encoder: Encoder): encoder is GPUComputePassEncoder {
  return typeof (encoder as Partial<GPUComputePassEncoder>).dispatchWorkgroups === 'function';
}
