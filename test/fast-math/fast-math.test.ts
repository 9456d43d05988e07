import { afterAll, describe, expect, it } from 'vitest';
import { planForward } from '../../src/plan/forward.ts';
import type { Pass } from '../../src/plan/plan.ts';
import type { Profile } from '../../src/plan/profile.ts';
import type { Schedule } from '../../src/plan/schedule.ts';
import { sourceOf, specializedSourceOf } from '../../src/programs/source.ts';
import * as reference from '../../src/reference/index.ts';
import { Random } from '../gpu/support/random.ts';
import { HARDWARE } from '../plan/every-plan.ts';
import { DEFINITIONS, state } from '../plan/every-problem.ts';
import { clang, FastMath } from './execute.ts';
import type { Freedom } from './execute.ts';

/**
 * Apple compiles WGSL by LLVM with fast math: sums in any order, products fused with sums, no number that is NaN. So does clang for the CPU, where
 * kernels run as C++: those of a GPU whose workgroups have one invocation.
 */

const ALONE: Profile = { ...HARDWARE, maxWorkgroup: 1, parallel: 1 };

interface Case {
  name: string;
  op: 'layerNorm' | 'instanceNorm' | 'rmsNorm' | 'normalize' | 'globalResponseNorm';
  shape: [rows: number, ...others: number[]];
  options?: object;
  forced?: Partial<Schedule>;
}

const MEANS: Case[] = [
  { name: 'rows in registers', op: 'layerNorm', shape: [16, 32] },
  { name: 'rows of 13', op: 'layerNorm', shape: [16, 13] },
  { name: 'rows in memory', op: 'layerNorm', shape: [8, 4096] },
  { name: 'rows in two parts', op: 'layerNorm', shape: [8, 64], forced: { name: 'split', chunk: 8 } },
  { name: 'rows in 16 parts', op: 'layerNorm', shape: [4, 4096], forced: { name: 'split', chunk: 64 } },
  { name: 'columns', op: 'instanceNorm', shape: [2, 20, 20, 8], options: { layout: 'NHWC' } },
];

const NORMS: Case[] = [
  { name: 'RMSNorm', op: 'rmsNorm', shape: [8, 32] },
  { name: 'RMSNorm in memory', op: 'rmsNorm', shape: [8, 512] },
  { name: 'GRN', op: 'globalResponseNorm', shape: [8, 5, 12] },
  { name: 'GRN NLC', op: 'globalResponseNorm', shape: [8, 12, 5], options: { layout: 'NLC' } },
  ...(['l2', 'l1', 'linf', 'sum'] as const).map((statistic): Case => ({
    name: statistic,
    op: 'normalize',
    shape: [8, 96],
    options: { axes: [1], statistic },
  })),
];

/** General programs and those of one shape alone, by a compiler that may take all numbers for finite, or not. */
const PROGRAMS: [name: string, of: (pass: Pass) => string, freedom: Freedom][] = [
  ['general, fast', sourceOf, 'fast'],
  ['specialized, fast', specializedSourceOf, 'fast'],
  ['specialized, relaxed', specializedSourceOf, 'relaxed'],
];

const sizeOf = ({ shape }: Case): number => shape.reduce((product, size) => product * size, 1);

function exact({ op, shape, options }: Case, data: Float32Array): Float64Array {
  const call = reference[op] as (x: object, options: object) => { y: { data: Float64Array } };
  return call({ data, shape }, { ...options }).y.data;
}

describe.skipIf(clang === undefined)(
  `LLVM${clang === undefined ? ' (skipped: there is no clang++)' : ''}`,
  { timeout: 60_000 },
  () => {
    const machine = new FastMath();
    afterAll(() => machine[Symbol.dispose]());

    describe.each(PROGRAMS)('%s', (_, of, freedom) => {
      function run({ op, shape, options = {}, forced }: Case, x: Float32Array<ArrayBuffer>): Float32Array {
        const plan = planForward(state(DEFINITIONS[op]!, shape, options as never), ALONE, forced);
        return machine.run(plan, { x, y: new Float32Array(x.length) }, of, freedom)['y']!;
      }

      it.each(MEANS)('keeps the digits of deviations about a large mean: $name', (one) => {
        const x = new Random(11).normals(sizeOf(one), 1e6);
        const y = run(one, x);
        const error = exact(one, x).reduce((most, value, index) => Math.max(most, Math.abs(value - y[index]!)), 0);
        expect(error).toBeLessThanOrEqual(2e-5);
      });

      it.each([...MEANS.slice(0, 5), ...(freedom === 'fast' ? NORMS : [])])(
        'has NaN spoil its row alone: $name',
        (one) => {
          const clean = new Random(15).normals(sizeOf(one));
          const length = clean.length / one.shape[0];
          const x = clean.slice();
          x[length + 2] = NaN;
          const expected = run(one, clean).fill(NaN, length, 2 * length);
          expect(run(one, x)).toEqual(expected);
        },
      );
    });
  },
);
