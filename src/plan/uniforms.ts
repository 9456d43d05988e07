/**
 * Numbers that a pass reads at run time, by their names in the shader's `call`: with `SHAPE_UNIFORMS` the one list of them. Each has its type, and
 * a neutral value: what a pass leaves open has no part in it.
 */
export const UNIFORMS = {
  /** Items of one chunk: groups, or fours of them. */
  groups: ['u32', 0],
  /** Groups; of a pass that converts, numbers. */
  group_count: ['u32', 0],
  /** Work items. */
  items: ['u32', 0],
  /** Elements before the first. */
  element_offset: ['u32', 0],
  /** From one plane of an array to the next. */
  statistics_plane: ['u32', 0],
  partials_plane: ['u32', 0],
  sums_plane: ['u32', 0],
  /** Always 0, which the compiler cannot know. */
  zero: ['u32', 0],
  eps: ['f32', 0],
  momentum: ['f32', 0],
  /** The factor from the variance of a batch to the one that is tracked. */
  tracked_factor: ['f32', 1],
  /** The factor of a sum over a group: 1 / n where a statistic is a mean, else 1. */
  inv_count: ['f32', 1],
  /** n / (n - 1) where the variance that normalizes is unbiased, else 1. */
  bessel_factor: ['f32', 1],
  /** Of the activation, where it has one: the slope of leaky ReLU below zero. */
  activation_parameter: ['f32', 0],
} as const;

/** Uniforms that its loops and offsets are made of, by their names in the shader's `shape`. A specialized program has them as constants. */
export const SHAPE_UNIFORMS = {
  /** Loads of a group, of a chunk of it, and chunks of a group. */
  length: ['u32', 1],
  chunk: ['u32', 1],
  chunks: ['u32', 1],
  /** Loads that the shortest chunk has. */
  least: ['u32', 1],
  /** Invocations of a work item, a power of two, and which; where those are of the kind, they are constants. */
  lanes: ['u32', 1],
  lane_bits: ['u32', 0],
  /** Loads that are summed before they are added to a sum of sums, and how many such blocks a lane has. */
  block_length: ['u32', 1],
  blocks: ['u32', 1],
  /** Neighbours in memory where they are no multiple of a load (shaders/tail): elements of a run of rows and its loads, or columns. */
  run: ['u32', 1],
  run_loads: ['u32', 1],
  inv_run_loads: ['f32', 1],
  /** Loads of a lane from which the mean is guessed (shaders/moments/streamed), and one divided by the elements of all lanes' ones. */
  samples: ['u32', 1],
  inv_sampled: ['f32', 1],
  /** Segments of a group, in each of which weight and bias are constant: their loads, from one's first to the next's, and from load to load. */
  segments: ['u32', 1],
  segment_length: ['u32', 1],
  segment_start: ['u32', 0],
  segment_step: ['u32', 1],
  /** Scales of a quantized result, from a group's first to the next group's, and from one of a group to the next (shaders/output/quantized). */
  scale_group: ['u32', 0],
  scale_span: ['u32', 0],
  /** Rows that share weight and bias, and workgroups that share those out (shaders/kernels/row_gradients). */
  set_rows: ['u32', 1],
  set_workgroups: ['u32', 1],
  /** Elements of each group that its statistics are of (shaders/inclusion/partial). */
  partial: ['u32', 1],
  /** Pairs of elements that are rotated, loads between the two of one, and rows of the tables of cos and sin (shaders/rotation). */
  rotary_pairs: ['u32', 1],
  rotary_distance: ['u32', 1],
  rotary_rows: ['u32', 1],
  /** Of packed sequences (shaders/math/sequences): rows of all, and groups of each or fours of them. */
  rows: ['u32', 1],
  columns: ['u32', 1],
} as const;

/** Numbers that a pass reads at run time, by name. */
export type Uniforms = Record<keyof typeof UNIFORMS | keyof typeof SHAPE_UNIFORMS, number>;

/** Uniforms that a call brings rather than its plan: they may change from call to call. */
export type CallNumbers = Pick<Uniforms, 'eps' | 'momentum' | 'activation_parameter'>;

export const NO_NUMBERS: CallNumbers = { eps: 0, momentum: 0, activation_parameter: 0 };

/** The neutral values. */
export const NEUTRAL: Uniforms = /* @__PURE__ */ neutralNumbers();

function neutralNumbers(): Uniforms {
  const numbers = Object.entries({ ...SHAPE_UNIFORMS, ...UNIFORMS }).map(([name, [, neutral]]) => [name, neutral]);
  return Object.fromEntries(numbers) as Uniforms;
}
