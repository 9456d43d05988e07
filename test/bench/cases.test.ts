import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { arraysOf, copiesOf } from '../../bench/data.ts';
import { bytesOf, outputNames, sizeOf } from '../../bench/cases/case.ts';
import type { Case } from '../../bench/cases/case.ts';
import { CASES } from '../../bench/cases/cases.ts';
import { passesOf } from '../../bench/cases/growth.ts';
import { leastCopies } from '../../bench/cases/least.ts';
import { exactOf } from '../../bench/reference.ts';
import { choose } from '../../bench/terminal/choose.ts';
import { roundTo } from '../gpu/support/formats.ts';

function found(word: string): Case {
  const { cases } = choose([word], [], { quick: false, growth: false });
  expect(cases).toHaveLength(1);
  return cases[0]!;
}

const NAMES = [
  'Add + RMS',
  'AdaLN',
  'f16 NHWC [2,16',
  'BatchNorm + ReLU',
  'RMSNorm to i8',
  'QK-norm',
  'Gated',
  '+ add',
];
const [residual, modulated, half, tracked, quantized, rotary, gated, added] = NAMES.map(found) as [
  Case,
  Case,
  Case,
  Case,
  Case,
  Case,
  Case,
  Case,
];

it('are as many as docs/benchmark.md says', () => {
  const page = readFileSync(new URL('../../docs/benchmark.md', import.meta.url), 'utf8');
  expect(page).toMatch(new RegExp(`^npm run bench +# ${CASES.length} cases,`, 'm'));
});

describe('cases that fuse', () => {
  it('are few in a quick run: one that is stored in f16 and fused', () => {
    const fuses = (of: Case) => of.residual || of.modulated || of.multiplied || of.added || of.activation;
    expect(CASES.filter((of) => of.quick && fuses(of))).toEqual([half]);
  });

  it.each([
    [residual, 'forward', 2],
    [residual, 'backward', 2],
    [residual, 'step', 4],
    [modulated, 'forward', 1],
    [modulated, 'step', 2.5],
    [tracked, 'backward', 1.5],
    [quantized, 'forward', 0.625],
    [rotary, 'forward', 1],
    [gated, 'forward', 1.5],
    [gated, 'backward', 2.5],
    [gated, 'step', 4],
    [added, 'forward', 1.5],
    [added, 'backward', 2.5],
    [added, 'step', 4],
  ] as const)('$name has to move at least, $1: $2 copies', (of, pass, least) => {
    expect(leastCopies(of, pass)).toBe(least);
  });

  it('have outputs for all that a call gives', () => {
    expect(outputNames(residual, 'step')).toEqual(['y', 'residualOut', 'dx', 'dweight']);
    expect(outputNames(modulated, 'backward')).toEqual(['dx', 'dscale', 'dshift']);
    expect(outputNames(tracked, 'forward')).toEqual(['y', 'runningMean', 'runningVar']);
    expect(outputNames(quantized, 'forward')).toEqual(['y', 'scales']);
    expect(outputNames(gated, 'step')).toEqual(['y', 'dx', 'dweight', 'dby']);
    expect(outputNames(added, 'backward')).toEqual(['dx', 'dweight', 'dbias', 'dadd']);
  });

  it('have no gradient where the result is quantized', () => {
    expect(passesOf(quantized, ['forward', 'backward', 'step'])).toEqual(['forward']);
  });

  it.each([residual, modulated, half, tracked, rotary, gated, added])(
    '$name has an exact result for every output, and numbers it can store',
    (of) => {
      const small = {
        ...of,
        shape: of.shape.map((size, axis) => (axis === of.shape.length - 1 ? size / 8 : 4)),
        groups: 4,
      };
      const arrays = arraysOf(small);
      for (const name of ['x', 'dy'] as const) {
        const stored = arrays[name]!.map((value) => roundTo(small.dtype ?? 'f32', value));
        expect(arrays[name]).toEqual(stored);
      }
      expect(Object.keys(exactOf(small, 'step', arrays))).toEqual(outputNames(small, 'step'));
    },
  );

  it('rotate over as many bytes in f16 as in f32', () => {
    expect(bytesOf(half)).toBe(sizeOf(half.shape) * 2);
    expect(copiesOf({ ...half, shape: [1 << 22] }, false)).toBe(16);
    expect(copiesOf({ ...half, shape: [1 << 22], dtype: 'f32' }, false)).toBe(8);
  });
});
