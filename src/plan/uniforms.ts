/** Numbers that a pass reads at run time, which may change without a new pipeline: the one list of them. */
export const UNIFORMS = {
  /** What the items of one chunk count: groups, or fours of them. */
  groups: 'u32',
  /** Groups; of a pass that converts, numbers. */
  group_count: 'u32',
  /** Work items. */
  items: 'u32',
  /** Elements before the first. */
  element_offset: 'u32',
  /** From one plane of an array to the next. */
  statistics_plane: 'u32',
  partials_plane: 'u32',
  sums_plane: 'u32',
  /** Always 0, which the compiler cannot know. */
  zero: 'u32',
  eps: 'f32',
  momentum: 'f32',
  /** What turns the variance of a batch into the one that is tracked. */
  tracked_factor: 'f32',
  /** What a sum over a group is multiplied by: 1 / n where a statistic is a mean, else 1. */
  inv_count: 'f32',
  /** n / (n - 1) where the variance that normalizes is unbiased, else 1. */
  bessel_factor: 'f32',
  /** Of the activation, where it has one: the slope of leaky ReLU below zero. */
  activation_parameter: 'f32',
} as const;

export type Uniforms = Record<keyof typeof UNIFORMS, number>;

/** Those that a call brings rather than its plan: they may change from call to call. */
export type CallNumbers = Pick<Uniforms, 'eps' | 'momentum' | 'activation_parameter'>;

export const NO_NUMBERS: CallNumbers = { eps: 0, momentum: 0, activation_parameter: 0 };

/** What a pass leaves open has no part in it. */
export const NEUTRAL: Uniforms = {
  groups: 0,
  group_count: 0,
  items: 0,
  element_offset: 0,
  statistics_plane: 0,
  partials_plane: 0,
  sums_plane: 0,
  zero: 0,
  eps: 0,
  momentum: 0,
  tracked_factor: 1,
  inv_count: 1,
  bessel_factor: 1,
  activation_parameter: 0,
};
