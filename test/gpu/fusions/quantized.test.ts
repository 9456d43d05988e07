import { describe, expect, it } from 'vitest';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fuse } from '../support/fused.ts';
import type { Mode } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { MOST_OF_SCALES, MOST_STEPS, quantizedErrors, scalesShape } from '../support/quantized.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** Every pair of choices of dtype, fusion, rows, groups and adapter, against float64: scales, y · scales, and every number that has no near tie. */

const contexts = await openContexts();

const ROWS = {
  'rows of four loads': [5, 16],
  'odd rows': [6, 77],
  'rows that are held': [3, 1024],
  'odd rows that are held': [3, 515],
  'rows of several axes': [4, 3, 40],
  'odd rows of several axes': [2, 5, 77],
  'rows in samples': [2, 3, 96],
  'rows that stay in memory': [2, 9000],
  'odd rows that stay in memory': [2, 9001],
  'rows of one element': [9, 1],
  'four rows of one element': [4, 1],
} as const;

/** What is done to x. */
const BEFORE = {
  nothing: { residual: 'none' },
  'a residual': { residual: 'plain' },
  'a gated residual': { residual: 'gated' },
  'a residual for all rows': { residual: 'channel' },
  'an input bias': { residual: 'none', inputBias: 'channel' },
  'a residual and an input bias': { residual: 'plain', inputBias: 'full' },
  'a factor': { residual: 'none', multiply: 'before' },
} as const;

const FACTORS = {
  op: ['layerNorm', 'rmsNorm'],
  rows: Object.keys(ROWS) as (keyof typeof ROWS)[],
  plans: PLANS,
  groupSize: [undefined, 4, 32, 128, 2048],
  scales: ['computed', 'computed', 'one', 'of a row', 'of all'],
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  affine: ['none', 'weight', 'bias', 'both', 'zero-centered'],
  before: Object.keys(BEFORE) as (keyof typeof BEFORE)[],
  stream: [false, true],
  writesResidualOut: [false, true],
  modulation: ['none', 'channel', 'sample', 'full', 'scale', 'shift'],
  after: ['none', 'after', 'after, silu'],
  add: ['none', 'channel', 'full'],
  activation: ['none', 'relu', 'silu', 'gelu-tanh'],
  mask: ['none', 'statistics'],
} as const;

const designs = part(pairwise(FACTORS, new Random(78)).map((design, index) => ({ ...design, index })));

describe('quantized calls', () => {
  it.each(designs)('$index', async ({ op, rows, plans, groupSize, scales, writesResidualOut, index, ...design }) => {
    const { before, after, ...others } = design;
    const fusing = { multiply: after, ...BEFORE[before], ...others };
    const random = new Random(2000 + index);
    const shape = [...ROWS[rows]];
    const axes = rows.endsWith('rows of several axes') ? [1, 2] : [-1];
    const mode: Mode = { name: op, op, layouts: ['rows'], call: () => call };
    const call = { shape, options: { axes, groupSize }, affine: shape.slice(-axes.length), tensors: {} };
    const fused = fuse(mode, call, 'rows', fusing, random);
    if (scales !== 'computed') {
      const all = scalesShape(shape, { axes, ...(groupSize && { groupSize }) });
      const given = scales === 'one' ? [1] : scales === 'of a row' ? all.slice(-1) : all;
      // Some less than the largest magnitude takes: those saturate.
      fused.arrays['scales'] = { data: random.normals(sizeOf(given), 0.03, 0.004), shape: given };
      fused.dtypes['scales'] = 'f32';
    }
    const stores = writesResidualOut && fusing.residual !== 'none';
    const errors = await quantizedErrors(contexts[plans], { ...fused, op, writesResidualOut: stores });
    const what = [op, rows, plans, groupSize, scales, ...Object.values(design)].join(', ');
    expect(errors.scales, `scales of ${what}`).toBeLessThanOrEqual(MOST_OF_SCALES);
    expect(errors.steps, `steps of ${what}`).toBeLessThanOrEqual(MOST_STEPS);
    expect(errors.wrong, `numbers of ${what}`).toBe(0);
    // Of four numbers one may lie near a tie.
    expect(errors.compared, `numbers compared of ${what}`).toBeGreaterThanOrEqual(0.75);
  });
});
