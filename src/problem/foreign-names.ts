/** What other libraries, and older code of theirs, call options: by their names what ours are, the first that a call has. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  gamma: ['weight'],
  scale: ['weight'],
  scales: ['weight'],
  beta: ['bias'],
  offset: ['bias'],
  shift: ['modulation'],
  epsilon: ['eps'],
  variance_epsilon: ['eps'],
  varianceEpsilon: ['eps'],
  layer_norm_eps: ['eps'],
  layerNormEps: ['eps'],
  axis: ['channelAxis', 'axes'],
  dim: ['axes'],
  dims: ['axes'],
  reduction_axes: ['axes'],
  reductionAxes: ['axes'],
  normalized_shape: ['axes'],
  normalizedShape: ['axes'],
  channel_axis: ['channelAxis'],
  data_format: ['layout'],
  dataFormat: ['layout'],
  groups: ['numGroups'],
  num_groups: ['numGroups'],
  keepdims: ['keepDims'],
  keepdim: ['keepDims'],
  keep_dims: ['keepDims'],
  p: ['statistic'],
  ord: ['statistic'],
  order: ['statistic'],
  running_mean: ['runningMean'],
  moving_mean: ['runningMean'],
  movingMean: ['runningMean'],
  mean: ['runningMean'],
  running_var: ['runningVar'],
  moving_variance: ['runningVar'],
  movingVariance: ['runningVar'],
  variance: ['runningVar'],
  var: ['runningVar'],
  num_batches_tracked: ['numBatchesTracked'],
  runningVariance: ['unbiasedRunningVar'],
  decay: ['momentum'],
  training_mode: ['training'],
  trainingMode: ['training'],
  is_training: ['training'],
  isTraining: ['training'],
  use_input_stats: ['useInputStats'],
  skip: ['residual'],
  sum: ['residualOut'],
  outSum: ['residualOut'],
  returnSum: ['residualOut'],
  residual_out: ['residualOut'],
  dsum: ['dresidualOut'],
  act: ['activation'],
  negative_slope: ['negativeSlope'],
  ddof: ['unbiased'],
  correction: ['unbiased'],
  unit_offset: ['zeroCenteredWeight'],
  zero_centered_gamma: ['zeroCenteredWeight'],
  outputs: ['gradients'],
  output_mask: ['gradients'],
};

/** What else there is to say where a name alone does not tell. */
const NOTES: Readonly<Record<string, string>> = {
  scale: '; a modulation · (1 + scale) is modulation: { scale }',
  shift: ': modulation: { shift }',
  decay: ', the share of the new batch: 1 - decay',
  normalized_shape: ', the axes themselves: [-1] for the last',
  normalizedShape: ', the axes themselves: [-1] for the last',
  p: ": 'l2' for p = 2, 'l1', 'linf'",
  ord: ": 'l2' for 2, 'l1', 'linf'",
  order: ": 'l2' for 2, 'l1', 'linf'",
  runningVariance: ": 'biased' is false",
  ddof: ': true for 1',
  correction: ': true for 1',
};

const AFFINE = 'a call has weight and bias if it is given them; leave the others out';

/** Names that no option of ours stands for: what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  affine: AFFINE,
  elementwise_affine: AFFINE,
  elementwiseAffine: AFFINE,
  center: AFFINE,
  save: 'the Forward function, layerNormForward for example, returns what the gradient needs',
  track_running_stats: 'running statistics are tracked if they are given; leave them out',
  trackRunningStats: 'running statistics are tracked if they are given; leave them out',
};

/** What to call an option that another library calls so: the end of a sentence, or nothing. */
export function ourNameOf(name: string, names: readonly string[]): string | null {
  if (Object.hasOwn(INSTEAD, name)) return INSTEAD[name]!;
  const ours = Object.hasOwn(FOREIGN, name) ? FOREIGN[name]!.find((one) => names.includes(one)) : undefined;
  const spelled = names.find((one) => one.toLowerCase() === name.replaceAll(/[_-]/g, '').toLowerCase());
  const found = ours ?? spelled;
  return found === undefined ? null : `here it is called ${found}${NOTES[name] ?? ''}`;
}
