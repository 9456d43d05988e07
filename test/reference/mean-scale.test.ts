import { describe, expect, it } from 'vitest';
import * as reference from '../../src/reference/index.ts';
import { differences, gradientsByReference, GRADIENT_OF } from '../gpu/support/gradients.ts';
import { Random } from '../gpu/support/random.ts';
import { sizeOf } from '../gpu/support/run.ts';
import type { Filled } from '../gpu/support/run.ts';
import { array, expectClose, randomArray } from './arrays.ts';

/** A share of the mean taken off (GraphNorm). */

const [T, C] = [11, 4];
const STARTS = [0, 3, 3, 10, 11];
const segments = array([STARTS.length], STARTS);
const x = randomArray([T, C], 3);
const meanScale = array([C], [0.5, 1, 0, -0.3]);

describe('meanScale', () => {
  it('is what PyTorch Geometric computes of each graph', () => {
    const [weight, bias] = [randomArray([C], 2), randomArray([C], 3)];
    const wanted = new Float64Array(T * C);
    STARTS.slice(1).forEach((end, graph) => {
      const start = STARTS[graph]!;
      for (let c = 0; c < C; c++) {
        const rows = Array.from({ length: end - start }, (_, row) => x.data[(start + row) * C + c]!);
        const mean = rows.reduce((sum, value) => sum + value, 0) / rows.length;
        const out = rows.map((value) => value - mean * meanScale.data[c]!);
        const variance = out.reduce((sum, value) => sum + value ** 2, 0) / rows.length;
        const std = Math.sqrt(variance + 1e-5);
        out.forEach((value, row) => {
          wanted[(start + row) * C + c] = (weight.data[c]! * value) / std + bias.data[c]!;
        });
      }
    });
    expectClose(reference.instanceNorm(x, { segments, meanScale, weight, bias }).y, array([T, C], wanted));
  });

  it('of 1 is InstanceNorm', () => {
    const ones = array([C], [1, 1, 1, 1]);
    expectClose(reference.instanceNorm(x, { segments, meanScale: ones }).y, reference.instanceNorm(x, { segments }).y);
  });

  it.each([
    ['packed', {}, [T, C]],
    ['NLC', { layout: 'NLC' }, [2, 6, C]],
    ['masked, channels first', { maskOutput: true }, [2, C, 6]],
  ])('has the slopes of its values for gradients: %s', (name, options, shape) => {
    const random = new Random(32);
    const numbers = (of: number[], mean = 0) => ({ data: random.normals(sizeOf(of), mean), shape: of });
    const filled: Filled = {
      op: 'instanceNorm',
      x: numbers(shape, 1),
      options: { ...options, activation: 'tanh' },
      arrays: {
        weight: numbers([C], 1),
        bias: numbers([C]),
        meanScale: numbers([C], 0.5),
        scale: numbers([C]),
        add: numbers(shape),
        ...(name === 'packed' && { segments: { data: Float32Array.from(STARTS), shape: [STARTS.length] } }),
        ...(name === 'masked, channels first' && {
          mask: { data: Float32Array.from([1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0]), shape: [2, 6] },
        }),
      },
    };
    const dy = numbers(shape, 0.3);
    const gradients = Object.entries(gradientsByReference(filled, dy));
    expect(gradients.map(([of]) => of)).toContain('dmeanScale');
    for (const [of, { data }] of gradients) {
      const slopes = differences(filled, GRADIENT_OF[of as 'dx'], dy);
      data.forEach((value, index) => expect(Math.abs(value - slopes[index]!), `${of} ${index}`).toBeLessThan(1e-5));
    }
  });

  it('refuses statistics that are not those of x, and another number of elements', () => {
    const of = array([C], [1, 1, 1, 1]);
    expect(() => reference.instanceNorm(x, { layout: 'NC', meanScale: of, useInputStats: false })).toThrow(
      'meanScale and useInputStats: false are both given',
    );
    expect(() => reference.instanceNorm(x, { layout: 'NC', meanScale: of, runningMean: of, runningVar: of })).toThrow(
      'meanScale and runningMean are both given',
    );
    expect(() => reference.instanceNorm(x, { segments, meanScale: array([2], [1, 1]) })).toThrow('meanScale');
  });
});
