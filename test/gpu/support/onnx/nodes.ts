import type { NdArray } from '../../../../src/reference/index.ts';
import { affine, drawn, standardize } from './formula.ts';
import type { NodeCase, Numbers } from './formula.ts';
import { groupNorm, skipRows } from './skips.ts';

/** GroupNormalization until opset 20, with one scale and one bias a group. */
function scaledGroups(): NodeCase {
  const [shape, groups] = [[2, 6, 3, 2], 3];
  const [X, scale, bias] = [drawn(shape), drawn([groups], 1), drawn([groups])];
  const { x_hat } = standardize(Float64Array.from(X.data), 2 * groups, (i) => Math.floor(i / 12), 1e-5);
  return {
    name: 'of opset 18, one scale a group',
    opType: 'GroupNormalization',
    domain: '',
    opset: 18,
    attributes: { num_groups: groups },
    inputs: { X, scale, bias },
    outputs: { Y: { data: affine(x_hat, scale.data, bias.data, (i) => Math.floor(i / 12) % groups), shape } },
  };
}

/** LayerNormalization whose scale broadcasts along another axis, without a bias. */
function broadcastScale(): NodeCase {
  const shape = [2, 3, 5];
  const [X, Scale] = [drawn(shape), drawn([3, 1], 1)];
  const { x_hat, mean, rstd } = standardize(Float64Array.from(X.data), 6, (i) => Math.floor(i / 5), 1e-5);
  return {
    name: 'a scale that broadcasts to X',
    opType: 'LayerNormalization',
    domain: '',
    opset: 17,
    attributes: { axis: 2 },
    inputs: { X, Scale, B: null },
    outputs: {
      Y: { data: affine(x_hat, Scale.data, undefined, (i) => Math.floor(i / 5) % 3), shape },
      Mean: { data: mean, shape: [2, 3, 1] },
      InvStdDev: { data: rstd, shape: [2, 3, 1] },
    },
  };
}

function simplified(): NodeCase {
  const shape = [3, 4, 6];
  const [X, scale] = [drawn(shape), drawn([6], 1)];
  const { x_hat, rstd } = standardize(Float64Array.from(X.data), 12, (i) => Math.floor(i / 6), 0.125, false);
  return {
    name: 'with an epsilon',
    opType: 'SimplifiedLayerNormalization',
    domain: '',
    opset: 21,
    attributes: { epsilon: 0.125 },
    inputs: { X, scale },
    outputs: {
      Y: { data: affine(x_hat, scale.data, undefined, (i) => i % 6), shape },
      inv_std_var: { data: rstd, shape: [3, 4, 1] },
    },
  };
}

/** BatchNormalization in training with a momentum of its own. */
function training(): NodeCase {
  const [shape, momentum] = [[4, 3, 5], 0.75];
  const [X, scale, B, input_mean] = [drawn(shape), drawn([3], 1), drawn([3]), drawn([3])];
  const input_var = drawn([3]);
  input_var.data.forEach((value, index) => (input_var.data[index] = 0.5 + value * value));
  const channelOf = (i: number): number => Math.floor(i / 5) % 3;
  const { x_hat, mean, rstd } = standardize(Float64Array.from(X.data), 3, channelOf, 1e-5);
  const mix = (old: Numbers, batch: Float64Array): Float64Array =>
    batch.map((value, index) => old[index]! * momentum + value * (1 - momentum));
  const variance = rstd.map((value) => 1 / (value * value) - 1e-5);
  return {
    name: 'in training, with a momentum',
    opType: 'BatchNormalization',
    domain: '',
    opset: 15,
    attributes: { training_mode: 1, momentum },
    inputs: { X, scale, B, input_mean, input_var },
    outputs: {
      Y: { data: affine(x_hat, scale.data, B.data, channelOf), shape },
      running_mean: { data: mix(input_mean.data, mean), shape: [3] },
      running_var: { data: mix(input_var.data, variance), shape: [3] },
    },
  };
}

/** BatchNormalization in training as a model begins: scale and variance are one tensor, bias and mean another. */
function sharedStart(): NodeCase {
  const shape = [4, 3, 5];
  const [X, ones, zeros] = [drawn(shape), { data: new Float32Array(3).fill(1), shape: [3] }, drawn([3])];
  zeros.data.fill(0);
  const { x_hat, mean, rstd } = standardize(Float64Array.from(X.data), 3, (i) => Math.floor(i / 5) % 3, 1e-5);
  return {
    name: 'in training, of inputs that are one tensor',
    opType: 'BatchNormalization',
    domain: '',
    opset: 15,
    attributes: { training_mode: 1 },
    inputs: { X, scale: ones, B: zeros, input_mean: zeros, input_var: ones },
    outputs: {
      Y: { data: x_hat, shape },
      running_mean: { data: mean.map((value) => 0.1 * value), shape: [3] },
      running_var: { data: rstd.map((value) => 0.9 + 0.1 * (1 / (value * value) - 1e-5)), shape: [3] },
    },
  };
}

/** What has one axis is one channel. */
function oneAxis(): NodeCase {
  const X = drawn([6]);
  const [scale, B, input_mean, input_var] = [2, 0.5, 0.25, 4].map((value) => ({
    data: Float32Array.of(value),
    shape: [1],
  }));
  const data = Float64Array.from(X.data, (value) => ((value - 0.25) / Math.sqrt(4 + 1e-5)) * 2 + 0.5);
  return {
    name: 'of one axis',
    opType: 'BatchNormalization',
    domain: '',
    opset: 15,
    attributes: {},
    inputs: { X, scale: scale!, B: B!, input_mean: input_mean!, input_var: input_var! },
    outputs: { Y: { data, shape: [6] } },
  };
}

/** BatchNormalization as old models have it: in opset 7 of each activation by itself, in opset 6 with a word that it does not train. */
function oldBatch(spatial: 0 | 1, training_mode: 0 | 1): NodeCase {
  const [shape, activations] = [[4, 3, 5], spatial ? [3] : [3, 5]];
  const at = (i: number): number => (spatial ? Math.floor(i / 5) % 3 : i % 15);
  const [X, scale, B, input_mean] = [drawn(shape), drawn(activations, 1), drawn(activations), drawn(activations)];
  const input_var = drawn(activations);
  input_var.data.forEach((value, index) => (input_var.data[index] = 0.5 + value * value));
  const batch = standardize(Float64Array.from(X.data), scale.data.length, at, 1e-5);
  const given = Float64Array.from(X.data, (value, i) => {
    return (value - input_mean.data[at(i)]!) / Math.sqrt(input_var.data[at(i)]! + 1e-5);
  });
  const x_hat = training_mode ? batch.x_hat : given;
  const mixed = (old: Numbers, now: Float64Array): NdArray<Float64Array> => ({
    data: now.map((value, index) => 0.9 * old[index]! + 0.1 * value),
    shape: activations,
  });
  return {
    name: `of old, spatial ${spatial}, training_mode ${training_mode}`,
    opType: 'BatchNormalization',
    domain: '',
    opset: 7,
    attributes: { spatial, ...(training_mode === 1 && { training_mode }), ...(spatial === 1 && { is_test: 1 }) },
    inputs: { X, scale, B, input_mean, input_var },
    outputs: {
      Y: { data: affine(x_hat, scale.data, B.data, at), shape },
      ...(training_mode === 1 && {
        running_mean: mixed(input_mean.data, batch.mean),
        running_var: mixed(
          input_var.data,
          batch.rstd.map((one) => 1 / (one * one) - 1e-5),
        ),
      }),
    },
    // Attributes of several opsets make no model.
    byRuntime: spatial === 0 && training_mode === 0,
  };
}

/** MeanVarianceNormalization over other axes than the default. */
function meanVariance(constant: boolean): NodeCase {
  const X = drawn([3, 4, 2]);
  if (constant) X.data.fill(3.3, 0, 8);
  const { x_hat } = standardize(Float64Array.from(X.data), 3, (i) => Math.floor(i / 8), 1e-18);
  return {
    name: constant ? 'one row constant, which gives zeros' : 'over the last axes',
    opType: 'MeanVarianceNormalization',
    domain: '',
    opset: 13,
    attributes: { axes: [1, 2] },
    inputs: { X },
    outputs: { Y: { data: x_hat, shape: [3, 4, 2] } },
    // It takes a variance as a difference of means, which rounding makes negative there.
    byRuntime: !constant,
  };
}

export const nodeCases: readonly NodeCase[] = [
  skipRows({ name: 'with beta and bias', shape: [2, 3, 8], beta: true, bias: true }, true),
  skipRows({ name: 'of tokens, with an epsilon', shape: [5, 9], epsilon: 0.25 }, true),
  skipRows({ name: 'one skip [1,S,H] for all, and a bias', shape: [2, 3, 8], skip: [1, 3, 8], bias: true }, true),
  skipRows({ name: 'one skip [S,H] for as many samples', shape: [3, 3, 5], skip: [3, 5], beta: true }, true),
  skipRows({ name: 'with a bias', shape: [2, 3, 8], bias: true }, false),
  skipRows({ name: 'of tokens', shape: [7, 12] }, false),
  groupNorm({ name: 'channels last', size: [2, 3, 5, 8], groups: 4 }),
  groupNorm({ name: 'channels last, SiLU', size: [2, 3, 5, 6], groups: 2, silu: true }),
  groupNorm({ name: 'channels first, SiLU', size: [2, 3, 5, 8], groups: 4, last: false, silu: true }),
  groupNorm({ name: 'a whole skip and a bias', size: [2, 3, 5, 8], groups: 4, skip: 'whole', bias: true, silu: true }),
  groupNorm({ name: 'a skip [N,1,1,C] and a bias', size: [2, 3, 5, 8], groups: 4, skip: 'N11C', bias: true }),
  groupNorm({ name: 'a skip [N,C] and a bias', size: [8, 3, 5, 8], groups: 2, skip: 'NC', bias: true }),
  groupNorm({ name: 'a skip [N,C]', size: [2, 3, 5, 8], groups: 2, skip: 'NC' }),
  groupNorm({ name: 'a skip [N,C], channels first', size: [3, 2, 3, 4], groups: 2, last: false, skip: 'NC' }),
  groupNorm({ name: 'a skip [N,1,1,C], channels first', size: [3, 2, 5, 4], groups: 2, last: false, skip: 'N11C' }),
  groupNorm({
    name: 'a skip [N,1,1,C] as wide as a picture, channels first',
    size: [3, 2, 4, 4],
    groups: 2,
    last: false,
    skip: 'N11C',
    bias: true,
  }),
  groupNorm({
    name: 'a whole skip, channels first',
    size: [2, 3, 5, 8],
    groups: 4,
    last: false,
    skip: 'whole',
    bias: true,
  }),
  scaledGroups(),
  broadcastScale(),
  simplified(),
  training(),
  sharedStart(),
  oneAxis(),
  meanVariance(false),
  meanVariance(true),
  oldBatch(1, 0),
  oldBatch(0, 0),
  oldBatch(0, 1),
];
