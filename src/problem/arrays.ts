/**
 * How kernels reach the elements of an array:
 * `element` by group and element of it, at the offset that its strides give;
 * `group` by one index, a number for each group, or whatever else the items of a pass count;
 * `plane` by a plane and an index, numbers of all groups one plane after the other;
 * `count` by one index, unsigned integers;
 * `table` by one index, as many neighbours from there on as an access is to;
 * `raw` as the shader pleases.
 */
type Indexing = 'element' | 'group' | 'plane' | 'count' | 'table' | 'raw';

interface ArraySpec {
  indexing: Indexing;
  /** Whose strides it has; left out: its own. */
  follows?: 'x' | 'channel';
  /** The value of a load where a pass does not bind it: it changes nothing. */
  absent?: number;
  /** The uniform that holds the distance of its planes. */
  plane?: 'statistics_plane' | 'partials_plane' | 'sums_plane';
}

/** Every array that a kernel may name. What is said here of one is said nowhere else. */
export const ARRAYS = {
  x: { indexing: 'element', follows: 'x' },
  residual: { indexing: 'element', follows: 'x' },
  gate: { indexing: 'element', absent: 1 },
  input_bias: { indexing: 'element' },
  weight: { indexing: 'element', absent: 1 },
  bias: { indexing: 'element' },
  scale: { indexing: 'element' },
  shift: { indexing: 'element' },
  mask: { indexing: 'element', absent: 1 },
  by: { indexing: 'element' },
  add: { indexing: 'element' },
  cos: { indexing: 'table' },
  sin: { indexing: 'table' },
  positions: { indexing: 'count' },
  mean_scale: { indexing: 'element', absent: 1 },
  alpha: { indexing: 'element', absent: 1 },
  input_shift: { indexing: 'element' },
  y: { indexing: 'element', follows: 'x' },
  scales: { indexing: 'group' },
  given_scales: { indexing: 'group', absent: 1 },
  residual_out: { indexing: 'element', follows: 'x' },
  dy: { indexing: 'element', follows: 'x' },
  dresidual_out: { indexing: 'element', follows: 'x' },
  dx: { indexing: 'element', follows: 'x' },
  dresidual: { indexing: 'element', follows: 'x' },
  dby: { indexing: 'element', follows: 'x' },
  dadd: { indexing: 'element', follows: 'x' },
  dweight: { indexing: 'group' },
  dbias: { indexing: 'group' },
  response: { indexing: 'group' },
  dresponse: { indexing: 'group' },
  combined_weight: { indexing: 'group' },
  combined_bias: { indexing: 'group' },
  running_mean: { indexing: 'element', follows: 'channel' },
  running_var: { indexing: 'element', follows: 'channel' },
  sequence_starts: { indexing: 'count' },
  num_batches_tracked: { indexing: 'count' },
  saved: { indexing: 'plane', plane: 'statistics_plane' },
  statistics: { indexing: 'plane', plane: 'statistics_plane' },
  partials: { indexing: 'plane', plane: 'partials_plane' },
  group_sums: { indexing: 'plane', plane: 'statistics_plane' },
  sums: { indexing: 'plane', plane: 'sums_plane' },
  halves: { indexing: 'raw' },
  wide: { indexing: 'raw' },
} as const;

/** The name of an array that a call may have, in plans as in options. */
export type ArrayName = keyof typeof ARRAYS;

export function arraySpec(name: ArrayName): ArraySpec {
  return ARRAYS[name];
}

/** Arrays that have an element for each of x. */
export type ElementwiseName = Exclude<
  { [Name in ArrayName]: (typeof ARRAYS)[Name] extends { follows: 'x' } ? Name : never }[ArrayName],
  'x'
>;

export const ELEMENTWISE: readonly ElementwiseName[] = (Object.keys(ARRAYS) as ArrayName[]).filter(
  (name): name is ElementwiseName => isOfElements(name) && name !== 'x',
);

/** Whether an array is x, or has an element for each of x. */
export function isOfElements(name: string): boolean {
  return arraySpec(name as ArrayName)?.follows === 'x';
}
