/** Names of options in other libraries, in snake case or in one word: and ours, of which the first that a call has counts. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  gamma: ['weight'],
  scale: ['weight', 'modulation'],
  scales: ['weight'],
  beta: ['bias'],
  b: ['bias'],
  offset: ['bias', 'byteOffset'],
  shift: ['modulation'],
  dgamma: ['dweight'],
  dbeta: ['dbias'],
  epsilon: ['eps'],
  variance_epsilon: ['eps'],
  layer_norm_eps: ['eps'],
  layer_norm_epsilon: ['eps'],
  rms_norm_eps: ['eps'],
  axis: ['channelAxis', 'axes'],
  feature_axes: ['channelAxis'],
  begin_norm_axis: ['axes'],
  dim: ['axes'],
  dims: ['axes'],
  reduction_axes: ['axes'],
  normalized_shape: ['axes'],
  data_format: ['layout'],
  memory_format: ['layout'],
  channels_last: ['layout'],
  group: ['numGroups'],
  groups: ['numGroups'],
  group_size: ['numGroups'],
  keepdim: ['keepDims'],
  p: ['statistic'],
  ord: ['statistic'],
  order: ['statistic'],
  moving_mean: ['runningMean'],
  mean: ['runningMean'],
  input_mean: ['runningMean'],
  moving_variance: ['runningVar'],
  variance: ['runningVar'],
  input_var: ['runningVar'],
  var: ['runningVar'],
  running_variance: ['unbiasedRunningVar'],
  decay: ['momentum'],
  training_mode: ['training'],
  is_training: ['training'],
  use_running_average: ['training'],
  where: ['mask'],
  cu_seqlens: ['segments'],
  skip: ['residual'],
  identity: ['add'],
  norm_before_gate: ['multiply'],
  sum: ['residualOut'],
  out_sum: ['residualOut'],
  return_sum: ['residualOut'],
  prenorm: ['residualOut'],
  dsum: ['dresidualOut'],
  act: ['activation'],
  ddof: ['unbiased'],
  correction: ['unbiased'],
  unit_offset: ['zeroCenteredWeight'],
  zero_centered_gamma: ['zeroCenteredWeight'],
  dtype: ['outputDtype'],
  out_dtype: ['outputDtype'],
  outputs: ['gradients'],
  output_mask: ['gradients'],
  block_size: ['groupSize'],
  y_scale: ['scales'],
  output_scale: ['scales'],
  rope: ['rotary'],
  cos_cache: ['cos'],
  sin_cache: ['sin'],
  position_ids: ['positions'],
  pos_ids: ['positions'],
  rotary_dim: ['dims'],
  rotary_embedding_dim: ['dims'],
  interleave: ['interleaved'],
  is_neox: ['interleaved'],
  is_neox_style: ['interleaved'],
  affine: ['elementwiseAffine'],
  elementwise_affine: ['affine'],
};

/** Remarks on such names. */
const NOTES: Readonly<Record<string, string>> = {
  scale: '; a modulation · (1 + scale) is modulation: { scale }',
  decay: ', the share of the new batch: 1 - decay',
  normalized_shape: ', the axes themselves: [-1] for the last',
  begin_norm_axis: ', all of them: [1, 2, 3] for 1 of four',
  channels_last: ": 'NHWC' for example",
  memory_format: ": 'NHWC' for example",
  p: ": 'l2' for p = 2, 'l1', 'linf'",
  ord: ": 'l2' for 2, 'l1', 'linf'",
  order: ": 'l2' for 2, 'l1', 'linf'",
  running_variance: ": 'biased' is false",
  use_running_average: ', which is its opposite',
  norm_before_gate: ": { by, activation: 'silu', where: 'after' } for true, 'before' for false",
  prenorm: ', the tensor that takes x + residual',
  return_sum: ', the tensor that takes x + residual',
  is_neox: ', which is its opposite',
  is_neox_style: ', which is its opposite',
  group_size: ', how many there are: C / group_size',
  ddof: ': true for 1',
  correction: ': true for 1',
};

const AFFINE = 'weight and bias are used where they are given: leave out both for none';
const QUANTIZED = 'layerNormQuantized and rmsNormQuantized give whole numbers of 8 bits, and their scales';
const TRACKED = 'running statistics are tracked where they are given: leave them out for none';

/** Names that no option of a call stands for: what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  affine: AFFINE,
  elementwise_affine: AFFINE,
  center: AFFINE,
  use_scale: AFFINE,
  use_bias: AFFINE,
  weight: 'every normalization takes a weight but adaptiveInstanceNorm, where the style gives it',
  bias: 'every normalization takes a bias but scaleNorm, and adaptiveInstanceNorm, where the style gives it',
  save: 'the Forward function, layerNormForward for example, returns what the gradient needs',
  track_running_stats: TRACKED,
  quantize: QUANTIZED,
  quant_dtype: QUANTIZED,
  group_size: QUANTIZED,
  block_size: QUANTIZED,
};

/** Options that few functions have, and which. */
export const OWNERS: Readonly<Record<string, readonly string[]>> = {
  axes: ['layerNorm', 'rmsNorm', 'scaleNorm', 'normalize', 'dynamicTanh', 'dynamicErf', 'moments'],
  statistic: ['normalize'],
  numGroups: ['groupNorm'],
  layout: ['batchNorm', 'instanceNorm', 'groupNorm', 'adaptiveInstanceNorm', 'globalResponseNorm'],
  channelAxis: ['batchNorm', 'instanceNorm', 'groupNorm', 'adaptiveInstanceNorm', 'globalResponseNorm'],
  training: ['batchNorm'],
  moments: ['batchNorm', 'instanceNorm', 'groupNorm'],
  useInputStats: ['instanceNorm'],
  runningMean: ['batchNorm', 'instanceNorm'],
  runningVar: ['batchNorm', 'instanceNorm'],
  momentum: ['batchNorm', 'instanceNorm'],
  numBatchesTracked: ['batchNorm', 'instanceNorm'],
  unbiasedRunningVar: ['batchNorm', 'instanceNorm'],
  mask: ['batchNorm', 'instanceNorm', 'layerNorm', 'rmsNorm', 'groupNorm'],
  maskOutput: ['batchNorm', 'instanceNorm', 'layerNorm', 'rmsNorm', 'groupNorm'],
  segments: ['layerNorm', 'instanceNorm', 'groupNorm'],
  meanScale: ['instanceNorm'],
  unbiased: ['layerNorm', 'adaptiveInstanceNorm'],
  castBeforeWeight: ['layerNorm', 'rmsNorm'],
  rotary: ['layerNorm', 'rmsNorm'],
  partial: ['rmsNorm'],
  keepDims: ['moments'],
};

/** The end of a sentence that refuses a name: what it is called here, what to do instead, or which `names` there are. */
export function hintFor(name: string, names: readonly string[], part?: string): string {
  const listed = `${part === undefined ? 'the options are' : 'it may have'} ${names.join(', ')}`;
  const spelled = named(name, names);
  if (spelled !== undefined) return `here it is called ${spelled}`;
  const foreign = named(name, Object.keys(FOREIGN));
  const candidates = foreign === undefined ? [] : FOREIGN[foreign]!;
  const ours = candidates.find((one) => names.includes(one));
  if (ours === 'modulation') return `here it is called modulation: { ${foreign} }`;
  if (ours !== undefined) return `here it is called ${ours}${NOTES[foreign!] ?? ''}`;
  if (part !== undefined) return listed;
  const meant = [name, ...candidates];
  const instead = first(meant, Object.keys(INSTEAD));
  if (instead !== undefined) return INSTEAD[instead]!;
  const owned = first(meant, Object.keys(OWNERS));
  return owned === undefined ? listed : `${owned} is an option of ${OWNERS[owned]!.join(', ')}; ${listed}`;
}

/** The one of `names` that differs from `name` by how its words are joined at most. */
function named(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.replaceAll(/[_-]/g, '').toLowerCase();
  return names.find((one) => plain(one) === plain(name));
}

function first(meant: readonly string[], names: readonly string[]): string | undefined {
  return meant.map((one) => named(one, names)).find((one) => one !== undefined);
}
