import { describe, expect, it } from 'vitest';
import { largestError } from '../../bench/measure/error.ts';
import { noiseOf } from '../../bench/analysis/noise.ts';
import { formatBytes, formatNumber } from '../../bench/analysis/format.ts';
import { pointsOf } from '../../bench/analysis/growth.ts';
import { againstCopy, againstPeers, failuresOf } from '../../bench/analysis/summary.ts';
import { jsonOf, tableOf } from '../../bench/terminal/table.ts';
import { rowOf } from './rows.ts';

const rows = [
  rowOf({ library: 'copy', ms: 1 }),
  rowOf({ library: 'textbook', ms: 0.5 }),
  rowOf({ ms: 2, copyMultiple: 2 }),
  rowOf({ library: 'tfjs', ms: 8 }),
  rowOf({ library: 'jax-js', ms: 4 }),
  rowOf({ library: 'wrong', ms: 0.1, maxError: 1 }),
  rowOf({ case: 'B', ms: 1, copyMultiple: 8 }),
  rowOf({ case: 'B', library: 'tfjs', ms: 8 }),
  rowOf({ case: 'B', library: 'jax-js', ms: null, error: 'it broke' }),
  rowOf({ case: 'growth layerNorm 10^3', ms: 3, shape: [1, 1000] }),
];

describe('a summary', () => {
  it('holds webgpu-norm against the fastest peer of each case, not against marks', () => {
    const standing = againstPeers(rows, 'forward')!;
    expect(standing.cases).toBe(2);
    expect(standing.mean).toBeCloseTo(4);
    expect(standing.worst).toEqual({ case: 'A', library: 'jax-js', ratio: 2 });
    expect(againstPeers(rows, 'step')).toBeNull();
  });

  it('allows a library that computes in f16 the errors of f16', () => {
    const peers = [rowOf({ ms: 2 }), rowOf({ library: 'tfjs', ms: 4, maxError: 1.5e-3 })];
    expect(againstPeers(peers, 'forward')).toBeNull();
    expect(againstPeers([peers[0]!, { ...peers[1]!, dtype: 'f16' }], 'forward')!.mean).toBeCloseTo(2);
  });

  it('counts no case in which webgpu-norm is wrong itself', () => {
    const fast = [rowOf({ ms: 1, maxError: 0.5 }), rowOf({ library: 'tfjs', ms: 4 })];
    expect(againstPeers(fast, 'forward')).toBeNull();
    expect(againstPeers([{ ...fast[0]!, maxError: 1e-6 }, fast[1]!], 'forward')!.mean).toBeCloseTo(4);
  });

  it('holds it against the copy', () => {
    const standing = againstCopy(rows, 'forward')!;
    expect(standing.mean).toBeCloseTo(4);
    expect(standing.worst).toMatchObject({ case: 'B', ratio: 8 });
  });

  it('names each failure once', () => {
    const twice = [...rows, rowOf({ case: 'C', library: 'jax-js', pass: 'step', error: 'it broke' })];
    expect(failuresOf(twice)).toEqual(['jax-js: it broke (2 times, first in B forward)']);
  });

  it('of growth is nanoseconds an element', () => {
    expect(pointsOf(rows)).toEqual([
      {
        series: 'growth',
        mode: 'layerNorm',
        library: 'webgpu-norm',
        pass: 'forward',
        x: 1000,
        nanosecondsAnElement: 3000,
        copies: 1,
      },
    ]);
  });

  it('of noise is how far ratios are from 1', () => {
    const passes = [1.02, null, 0.99, 1.1].map((ratio, index) => ({
      case: `case ${index}`,
      pass: 'forward' as const,
      ratio,
      waitMs: 0.2 + index,
      clockMicros: index === 1 ? 100 : 5,
    }));
    // Put together from passes, wherever each was measured.
    expect(noiseOf(passes)).toEqual({
      median: expect.closeTo(0.02),
      largest: expect.closeTo(0.1),
      waitMs: expect.closeTo(1.7),
      clockMicros: 100,
    });
    expect(noiseOf([...passes].reverse())).toEqual(noiseOf(passes));
    expect(noiseOf([passes[1]!])).toMatchObject({ median: null, largest: null, waitMs: 1.2 });
    expect(noiseOf([])).toEqual({ median: null, largest: null, waitMs: null, clockMicros: null });
  });
});

describe('text', () => {
  it('has three digits', () => {
    expect([0, 0.00123, 0.999, 9.876, 123.4, 45678, null].map(formatNumber)).toEqual([
      '0',
      '0.00123',
      '0.999',
      '9.88',
      '123',
      '45678',
      '–',
    ]);
    expect([12, 3072, 2 ** 24].map(formatBytes)).toEqual(['12 B', '3.07 kB', '16.8 MB']);
  });

  it('is a table by case and pass, where errors stand instead of numbers', () => {
    const lines = tableOf(rows.slice(4, 9), false).split('\n');
    expect(lines[0]).toMatch(/^A, forward +ms +quartiles/);
    expect(tableOf(rows.slice(4, 9), true)).toMatch(/^A, forward +copies +least/);
    expect(lines.find((line) => line.includes('it broke'))).toMatch(/^ {2}jax-js +it broke$/);
  });

  it('is JSON with a row a line', () => {
    const noise = { median: null, largest: null, waitMs: 1, clockMicros: 5 };
    const asked = { only: [], passes: [], quick: true, growth: false, gpu: false };
    const run = { commit: null, date: 'd', runtime: 'r', command: 'c', asked };
    const head = { adapter: 'a', software: true, ...run, noise };
    const finished = [{ case: 'A', pass: 'forward' as const, ratio: 1, waitMs: 1, clockMicros: 5 }];
    const text = jsonOf({ ...head, results: rows, finished });
    expect(JSON.parse(text)).toEqual({ ...head, results: rows, finished });
    expect(text.split('\n').filter((line) => line.includes('"case"'))).toHaveLength(rows.length + 1);
  });
});

describe('the largest error', () => {
  it('is relative to the largest element of its output', () => {
    const exact = { y: Float64Array.of(1, -4), dx: Float64Array.of(0.5, 1) };
    expect(largestError({ y: Float32Array.of(1, -4.5), dx: Float32Array.of(0.5, 1.25) }, exact)).toBe(0.25);
    expect(largestError({ y: Float32Array.of(0, 0.5) }, { y: Float64Array.of(0, 0) })).toBe(0.5);
  });

  it('refuses what is no result', () => {
    const exact = { y: Float64Array.of(1, 2) };
    expect(() => largestError({}, exact)).toThrow('no result');
    expect(() => largestError({ y: Float32Array.of(1) }, exact)).toThrow('1 elements instead of 2');
    expect(() => largestError({ y: Float32Array.of(1, NaN) }, exact)).toThrow('NaN');
  });
});
