import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import type { Case } from './case.ts';
import { Contexts, faultsOf } from './run-case.ts';

/** What random calls found: each was wrong once, and is not. */

const { device, profile } = await createContext({ gpu: await gpu() });

const PLAIN: Case = {
  way: 'training',
  mode: 'BatchNorm, training',
  layout: 0,
  dtype: 'f32',
  like: false,
  stream: false,
  affine: 'none',
  residual: 'none',
  inputBias: 'none',
  modulation: 'none',
  activation: 'none',
  mask: 'none',
  maskDtype: 'f32',
  maskOver: 'positions',
  output: 'as x',
  multiply: 'none',
  by: 'full',
  castBeforeWeight: false,
  pairs: 'halves',
  tables: 'rows',
  tracking: 'by momentum',
  scales: 'of rows',
  add: 'none',
  dresidualOut: false,
  alone: false,
  accumulate: 'none',
  parameter: 'own',
  profile: {
    software: false,
    maxWorkgroup: 64,
    maxDispatch: 65_535,
    parallel: 1,
    held: 4,
    subgroups: false,
    maxArrays: null,
  },
  schedule: {},
  watched: false,
  size: { N: 2, C: 1, L: 3 },
  data: 'normal',
  eps: 'own',
  lying: { x: 'contiguous', operands: 'contiguous', dy: 'contiguous', results: 'contiguous' },
  before: 0,
  pieces: 1,
  numbers: 1,
};

const FOUND: Record<string, Partial<Case>> = {
  'a residual of one channel less, as large as x, in another order': {
    mode: 'per pixel over N,C',
    residual: 'sample',
    size: { N: 5, C: 1, L: 34 },
    lying: { x: 'permuted', operands: 'permuted', dy: 'contiguous', results: 'contiguous' },
  },
  'elu of NaN': { activation: 'elu', data: 'infinite' },
  'sigmoid of NaN': { activation: 'sigmoid', data: 'NaN' },
  'the gradient of a factor [N,C] beside a view': {
    mode: 'sum to one',
    multiply: 'after, silu',
    by: 'sample',
    lying: { ...PLAIN.lying, dy: 'every other' },
  },
  'the same curve with names of its own after a factor': { activation: 'gelu-tanh', multiply: 'after, gelu-tanh' },
  'the same curve with names of its own before, of a factor': {
    activation: 'gelu-tanh',
    multiply: 'before, gelu-tanh',
  },
  'the same curve with a type of its own after a factor': { activation: 'mish', multiply: 'after, mish' },
  'a word shared with what is no number of f16': { dtype: 'f16', before: 3, size: { N: 3, C: 4, L: 256 } },
  'the gradient of an inputBias by itself, where groups are cut': {
    mode: 'LayerNorm, last axis',
    inputBias: 'channel',
    alone: true,
    size: { N: 1, C: 2, L: 5 },
    pieces: 4,
  },
  'running variances of hundreds of samples whose sum f32 does not hold': {
    mode: 'InstanceNorm, tracking',
    size: { N: 500, C: 1, L: 7 },
    data: 'huge',
  },
  'running variances that f32 does not hold': {
    mode: 'InstanceNorm, tracking',
    size: { N: 5, C: 3, L: 7 },
    data: 'largest',
  },
  'packed rows whose sum with inputBias comes first, as they bind too many arrays at once': {
    way: 'inference',
    mode: 'InstanceNorm, packed, mean scaled',
    inputBias: 'channel',
    modulation: 'scale',
    profile: { ...PLAIN.profile, maxArrays: 5 },
    size: { N: 3, C: 2, L: 30 },
  },
  'the gradient of an addend [N,C] where channels come first': { layout: 7, add: 'sample', size: { N: 4, C: 3, L: 1 } },
};

it.each(Object.entries(FOUND))('%s', async (_, found) => {
  using contexts = new Contexts(device, profile.subgroup);
  expect(await faultsOf(contexts, { ...PLAIN, ...found })).toEqual([]);
});
