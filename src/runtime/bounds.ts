/**
 * How much is kept for the next call, by number; what was used last stays. Bytes have a budget of their own, see
 * MemoryOptions.
 */
export const MOST = {
  /** A pipeline takes a software adapter a megabyte, a GPU tens of kilobytes, and a page to compile milliseconds. */
  pipelines: 512,
  /** Pipelines for one shape alone, beside those of its kind. */
  specialized: 256,
  /** Plans of forward calls, some kilobytes each: as many calls of different shapes or options are planned once. */
  forwardPlans: 1024,
  /** Plans of what follows them: a gradient each, or several where different ones are asked for. */
  followingPlans: 1024,
  /** Plans of moments and merges. */
  otherPlans: 256,
  /** A bind group for each set of tensors that a pass met: small, but it keeps a buffer of the app's from being collected. */
  bindGroups: 1024,
  /** Starts of packed sequences that came as numbers, four bytes a sequence. */
  sequenceStarts: 256,
  /** Uniforms in the one buffer of 128 KiB, which is larger only for a call of more passes: one in hundreds of pieces. */
  uniformSlots: 256,
} as const;
