import { describe, expect, it } from 'vitest';
import { shapesConclusions, shapesRowsOf } from '../../bench/analysis/shapes.ts';
import type { ShapeCall, ShapesResults } from '../../bench/analysis/shapes.ts';
import { inputShapes, sizeOf } from '../../bench/cases/case.ts';
import { caseOf, largestShape, shapesOf, SITTINGS, titleOf } from '../../bench/cases/shapes.ts';
import { arraysOf, firstOf } from '../../bench/data.ts';
import { chooseSittings } from '../../bench/terminal/choose.ts';
import { readOptions, seedOf } from '../../bench/terminal/options.ts';
import { shapesClosing, shapesProgress, shapesTable } from '../../bench/terminal/shapes.ts';
import { jsonOf } from '../../bench/terminal/table.ts';

const KINDS = SITTINGS.filter(({ kinds }) => kinds.length === 1).map(({ kinds }) => kinds[0]!);

describe('ever new shapes', () => {
  it.each(KINDS)('of $name are drawn from a seed, within their range, no two alike', (kind) => {
    const shapes = shapesOf(kind, 330, 7);
    expect(shapesOf(kind, 330, 7)).toEqual(shapes);
    expect(shapesOf(kind, 10, 7)).toEqual(shapes.slice(0, 10));
    expect(shapesOf(kind, 10, 8)).not.toEqual(shapes.slice(0, 10));
    expect(new Set(shapes.map(String)).size).toBe(330);
    for (const shape of shapes) {
      expect(shape).toHaveLength(kind.sizes.length);
      for (const [axis, size] of kind.sizes.entries()) {
        if (typeof size === 'number') expect(shape[axis]).toBe(size);
        else expect(shape[axis]).toBeGreaterThanOrEqual(size === 'n' ? 1 : 16);
        expect(shape[axis]).toBeLessThanOrEqual(largestShape(kind)[axis]!);
      }
    }
  });

  it('have the first of the numbers of the largest one', () => {
    const kind = KINDS.find(({ name }) => name.includes('CHW'))!;
    const of = caseOf(kind, [2, 16, 17, 19]);
    const all = arraysOf(caseOf(kind, [2, 16, 20, 20]));
    const arrays = firstOf(all, of);
    expect(Object.keys(arrays)).toEqual(['x', 'weight', 'bias']);
    for (const [name, shape] of Object.entries(inputShapes(of))) {
      const array = arrays[name as 'x']!;
      expect(array).toHaveLength(sizeOf(shape));
      expect(array.at(-1)).toBe(all[name as 'x']![array.length - 1]);
    }
  });

  it('are measured in sittings: one for each kind, and one for three in a row', () => {
    expect(SITTINGS.map(({ kinds, calls, more }) => [kinds.length, calls, more])).toEqual([
      ...KINDS.map(() => [1, 30, 300]),
      [3, 10, 0],
    ]);
    const last = SITTINGS.at(-1)!;
    expect(titleOf(last, last.kinds[0]!)).toBe('ten shapes each: InstanceNorm [1,32,h,w]');
    expect(titleOf(SITTINGS[0]!, KINDS[0]!)).toBe('LayerNorm [n,768]');
  });

  it('are chosen by sitting and library', () => {
    const names = ['copy', 'copy-buffer', 'webgpu-norm', 'textbook', 'onnxruntime-web jsep', 'tfjs', 'jax-js'];
    const able = ['copy', 'webgpu-norm', 'tfjs', 'jax-js'];
    expect(chooseSittings([], names, false)).toEqual({ cases: SITTINGS, libraries: able });
    const short = chooseSittings(['layernorm', 'jax'], names, true);
    expect(short.cases.map(({ name, calls, more }) => [name, calls, more])).toEqual([
      ['LayerNorm [n,768]', 10, 30],
      ['LayerNorm CHW [2,16,h,w]', 10, 30],
    ]);
    expect(short.libraries).toEqual(['copy', 'jax-js']);
    expect(() => chooseSittings(['textbook'], names, false)).toThrow(
      /^'textbook' names no .* libraries copy, webgpu-norm/,
    );
  });

  it('are drawn from the seed that was given, else from any', () => {
    expect(seedOf(readOptions(['--shapes', '--seed', '7'], false))).toBe(7);
    const seed = seedOf(readOptions(['--shapes'], true));
    expect(readOptions(['--shapes', '--seed', String(seed)], true).seed).toBe(seed);
  });
});

function call(ms: number, hostMicros: number, pipelines: number): ShapeCall {
  return { shape: [ms, 768], ms, hostMicros, pipelines };
}

const rows = shapesRowsOf('A', [
  { library: 'copy', next: false, calls: [call(1, 50, 1), call(2, 50, 1), call(3, 50, 1)] },
  { library: 'webgpu-norm', next: false, calls: [call(40, 900, 2), call(4, 200, 0), call(6, 100, 0)] },
  { library: 'tfjs', next: false, calls: [call(20, 900, 5), call(60, 900, 1), call(18, 900, 0)] },
  { library: 'jax-js', next: false, calls: [], error: 'it broke' },
  { library: 'webgpu-norm', next: true, calls: [call(8, 150, 0), call(2, 100, 0)] },
]);
const results: ShapesResults = {
  adapter: 'an adapter',
  software: true,
  commit: null,
  date: '',
  runtime: 'Node',
  command: '',
  seed: 7,
  results: [],
  shapes: rows,
};

describe('what calls of new shapes took', () => {
  it('is told in copies and in times of webgpu-norm', () => {
    expect(rows.map(({ pipelines }) => pipelines)).toEqual([null, 2, 6, null, 0]);
    expect(rows[1]).toMatchObject({
      compiledFor: [[40, 768]],
      copies: { first: 20, median: 3, largest: 20 },
      hostMicros: { median: 200, known: 150, mostKnown: 200 },
      hostCopies: { median: 4, known: 3, mostKnown: 4 },
    });
    expect(rows[2]).toMatchObject({ copies: { median: 10 }, ofOurs: { first: 0.5 } });
    expect(rows[2]!.ofOurs!.median).toBeCloseTo(20 / 6);
    expect(rows[4]).toMatchObject({ copies: { first: 4, median: 2.5 }, ofOurs: null });
    expect(shapesConclusions(rows, true)[0]).toMatch(/ 3\.00 times that of a copy’s call in .* 4\.00 at most\.$/);
    expect(shapesConclusions(rows, false)).toEqual([
      expect.stringMatching(/^webgpu-norm, new shapes: at most 2 new pipelines .* 150 µs .* 200 at most\.$/),
      expect.stringMatching(/^webgpu-norm, the next shapes: at most 0 new pipelines /),
      expect.stringMatching(/^tfjs: 0\.500 times as long to a first result as webgpu-norm, 3\.33 times in the median/),
    ]);
  });

  it('is a table, with what failed', () => {
    const lines = shapesTable(rows).split('\n');
    expect(lines[0]).toMatch(/^A +shapes +new pipelines +first, copies/);
    expect(lines[2]).toMatch(/^ {2}webgpu-norm +3 +2 +20\.0 +3\.00 +20\.0 +1\.00 +1\.00 +4\.00 +3\.00 +4\.00$/);
    expect(lines[4]).toMatch(/^ {2}jax-js +it broke$/);
    expect(lines[5]).toMatch(/^ {2}webgpu-norm, the next +2 +0 /);
    expect(shapesProgress({ shapes: rows }, 0.5)).toMatch(
      /^ 50 % {2}A: webgpu-norm 2, 3\.00 copies; tfjs 6, 10\.0 copies; /,
    );
    expect(shapesClosing(results)).toMatch(/the shapes of --seed 7\.\n(.*\n)+Failed: jax-js: it broke \(A\)$/);
  });

  it('is written one row a line', () => {
    const text = jsonOf(results);
    expect(JSON.parse(text)).toEqual(results);
    expect(text.split('\n').filter((line) => line.includes('"case"'))).toHaveLength(rows.length);
  });
});
