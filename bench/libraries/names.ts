/** The time of this one is what all others are multiples of. */
export const BASELINE = 'copy';
export const OURS = 'webgpu-norm';

/**
 * Those that can be given any shape without further ado. For ONNX Runtime a model with its sizes in it is made for each shape
 * here, and a session for each model: that is another thing than a call. A textbook kernel is compiled before it is called.
 */
export const SHAPE_NAMES: readonly string[] = [BASELINE, OURS, 'tfjs', 'jax-js'];

/** Those that are no peers: marks to measure by, and ours. */
export const OWN_NAMES = [BASELINE, 'copy-buffer', OURS, 'textbook', 'bare'] as const;
