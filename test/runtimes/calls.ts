import { expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../src/options/activation.ts';
import { isInRound } from '../setup/rounds.mjs';
import { printed } from './printed.ts';
import type { Runtime } from './printed.ts';

/** The calls of run.mjs and fused.mjs in a runtime, against float64. */

/** What fusions and halves brought: files of shaders, arrays by how they are accessed, and of kernels their flags and arrays. */
const PIECES = Object.entries({
  activation: ACTIVATION_NAMES.map((name) => name.replace('-', '_')),
  storage: ['f16', 'bf16'],
  rounding: ['f16', 'bf16'],
  kernels: ['pack', 'unpack', 'add_residual', 'combine_affine'],
  inclusion: ['partial', 'masked'],
  read: ['dresidual_out', 'scale', 'shift', 'by', 'add', 'input_bias'],
  write: ['residual_out', 'dby', 'dadd'],
  rotation: ['adjacent', 'split'],
  multiplier: ['silu', 'sigmoid'],
  accumulate: ['dx', 'dweight'],
  normalize: [
    'ZERO_CENTERED_WEIGHT',
    'MASK_OUTPUT',
    'x,residual,y,residual_out,weight,saved',
    'x,residual,gate,y,residual_out,saved',
  ],
  group_gradient: ['COUNT_PER_GROUP'],
  update_running: ['COUNT_PER_GROUP'],
  source: ['tracked'],
  // By a scale; for one; by a weight, into sums.
  merge_gradient_sums: ['partials,scale,dweight,dbias', 'MODULATED', 'partials,weight,dweight,dbias'],
}).flatMap(([folder, files]) => files.map((file) => `${folder}/${file}`));

/** Calls in f32, and their gradients. */
export function testCalls(runtime: Runtime): void {
  it('calls in f32 are right', async () => {
    const results = await printed<{ call: string; error: number }[]>(runtime, 'run.mjs');
    expect(results).toHaveLength(40);
    for (const { call, error } of results) {
      expect(error, call).toBeLessThanOrEqual((call.includes('gradient') ? 32 : 16) * 2 ** -24);
    }
  });
}

export function testFusedCalls(runtime: Runtime): void {
  it('fused calls and halves are right, and take every piece of shader there is for them', async () => {
    const { results, pieces, native } = await printed<{
      results: { call: string; errors: Record<string, number> }[];
      pieces: string[];
      native: boolean;
    }>(runtime, 'fused.mjs');
    const isRun = isInRound(process.env['ROUND'], 2);
    expect(results).toHaveLength((isRun(0) ? 37 + 9 : 0) + (isRun(1) ? 37 : 0));
    for (const { call, errors } of results) {
      for (const [name, units] of Object.entries(errors)) expect(units, `${name} of ${call}`).toBeLessThanOrEqual(1);
    }
    const wanted = native ? [...PIECES, 'native f16'] : PIECES;
    expect(wanted.filter((piece) => !pieces.includes(piece))).toEqual([]);
  });
}
