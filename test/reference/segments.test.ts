import { describe, expect, it } from 'vitest';
import * as reference from '../../src/reference/index.ts';
import type { NdArray } from '../../src/reference/index.ts';
import { differences, gradientsByReference, GRADIENT_OF } from '../gpu/support/gradients.ts';
import type { Operation } from '../gpu/support/modes.ts';
import { Random } from '../gpu/support/random.ts';
import { sizeOf } from '../gpu/support/run.ts';
import type { Filled } from '../gpu/support/run.ts';
import { array, expectClose, randomArray } from './arrays.ts';

/** Packed sequences [T,C]: each is what it is alone. */

const STARTS = [0, 3, 3, 10, 11];
const [T, C] = [11, 4];
const segments = array([STARTS.length], STARTS);
const x = randomArray([T, C]);
const weight = randomArray([C], 2);
const bias = randomArray([C], 3);
const rows = ({ data }: NdArray, from: number, to: number): number[] => Array.from(data).slice(from * C, to * C);

/** Mean and biased variance of some numbers. */
function momentsOf(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

const MODES = {
  instanceNorm: { options: {}, perGroup: 1 },
  groupNorm: { options: { numGroups: 2 }, perGroup: 2 },
  layerNorm: { options: {}, perGroup: C },
} as const;
type Op = keyof typeof MODES;
const ops = Object.keys(MODES) as Op[];
const call = (op: Op, options: object): reference.Normalized =>
  (reference[op] as (x: NdArray, options: object) => reference.Normalized)(x, { ...MODES[op].options, ...options });

describe('packed sequences', () => {
  it.each(ops)('have statistics of their own: %s', (op) => {
    const { perGroup } = MODES[op];
    const wanted = new Float64Array(T * C);
    STARTS.slice(1).forEach((end, index) => {
      const start = STARTS[index]!;
      for (let group = 0; group < C / perGroup; group++) {
        const isIn = (element: number): boolean => Math.floor((element % C) / perGroup) === group;
        const { mean, variance } = momentsOf(rows(x, start, end).filter((_, element) => isIn(element)));
        for (let element = start * C; element < end * C; element++) {
          if (!isIn(element)) continue;
          const normalized = (x.data[element]! - mean) / Math.sqrt(variance + 1e-5);
          wanted[element] = normalized * weight.data[element % C]! + bias.data[element % C]!;
        }
      }
    });
    expectClose(call(op, { weight, bias, segments }).y, array([T, C], wanted));
  });

  it('may be told by a list of numbers', () => {
    const { y } = call('layerNorm', { segments });
    for (const list of [STARTS, Uint32Array.from(STARTS)]) expect(call('layerNorm', { segments: list }).y).toEqual(y);
    expect(() => call('layerNorm', { segments: [0, 10] })).toThrow('must ascend from 0 to the 11 rows of x');
  });

  it.each(ops)('give what is normalized, x and what is added to it: %s', (op) => {
    const sum = Array.from(x.data, (value, element) => value + bias.data[element % C]!);
    for (const added of [{ inputBias: bias }, { residual: bias }]) {
      expectClose(call(op, { ...added, segments }).residualOut!, array([T, C], sum));
    }
    expect(call(op, { segments })).not.toHaveProperty('residualOut');
  });

  it('save a mean and a factor for each sequence and group', () => {
    expect(call('instanceNorm', { segments }).mean.shape).toEqual([4, 1, C]);
    expect(call('groupNorm', { segments }).mean.shape).toEqual([4, 1, 2, 1]);
    expect(call('layerNorm', { segments }).rstd.shape).toEqual([4, 1, 1]);
  });

  it.each(ops)('have the slopes of their values for gradients: %s', (op) => {
    const random = new Random(31);
    const numbers = (shape: number[], mean = 0) => ({ data: random.normals(sizeOf(shape), mean), shape });
    const filled: Filled = {
      op: op as Operation,
      x: numbers([T, C], 1),
      options: { ...MODES[op].options, activation: 'tanh' },
      arrays: {
        weight: numbers([C], 1),
        bias: numbers([C]),
        residual: numbers([T, C]),
        gate: numbers([T, C]),
        scale: numbers([C]),
        add: numbers([T, C]),
        segments: { data: Float32Array.from(STARTS), shape: [STARTS.length] },
      },
    };
    const dy = numbers([T, C], 0.3);
    // A sequence of one row has no spread: its slope is steep within eps alone.
    const isSteep = (name: string, index: number): boolean =>
      /^d(x|residual|gate)$/.test(name) && index >= 10 * C && op === 'instanceNorm';
    for (const [name, { data }] of Object.entries(gradientsByReference(filled, dy))) {
      const slopes = differences(filled, GRADIENT_OF[name as 'dx'], dy);
      data.forEach((value, index) => {
        if (isSteep(name, index)) return;
        expect(Math.abs(value - slopes[index]!), `${name} ${index}`).toBeLessThan(1e-5);
      });
    }
  });

  it.each<[starts: number[], says: string]>([
    [[0, 5, 4, T], 'must ascend from 0 to the 11 rows of x'],
    [[1, T], 'must ascend'],
    [[0, 10], 'must ascend'],
    [[0, 2.5, T], 'must ascend'],
    [[0], 'must ascend'],
  ])('refuse starts %o', (starts, says) => {
    expect(() => call('instanceNorm', { segments: array([starts.length], starts) })).toThrow(says);
  });

  it('refuse what says something else', () => {
    const mask = array([T], new Float64Array(T).fill(1));
    expect(() => call('layerNorm', { segments, mask })).toThrow('segments and mask are both given');
    expect(() => call('groupNorm', { segments, layout: 'NC' })).toThrow('segments and layout are both given');
    expect(() => reference.instanceNorm(randomArray([2, 3, C]), { segments })).toThrow('must be [T,C]');
  });
});
