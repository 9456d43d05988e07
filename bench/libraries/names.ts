/** The time of this one is what all others are multiples of. */
export const BASELINE = 'copy';
export const OURS = 'webgpu-norm';

/** Those that are no peers: marks to measure by, and ours. */
export const OWN_NAMES = [BASELINE, 'copy-buffer', OURS, 'textbook'] as const;
