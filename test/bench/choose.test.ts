import { describe, expect, it } from 'vitest';
import { CASES } from '../../bench/cases/cases.ts';
import { GROWTH, isGrowth } from '../../bench/cases/growth.ts';
import { sizeOf } from '../../bench/cases/case.ts';
import { choose, chooseForGpu } from '../../bench/terminal/choose.ts';
import { paceOf, readOptions } from '../../bench/terminal/options.ts';
import { excerptOf } from '../../bench/cases/gpu.ts';
import { settingsOf } from '../../bench/measure/settings.ts';

const LIBRARIES = ['copy', 'copy-buffer', 'webgpu-norm', 'textbook', 'tfjs'];
const all = { quick: false, growth: false };
const names = (words: string[], options = all): string[] =>
  choose(words, LIBRARIES, options).cases.map(({ name }) => name);

describe('what is measured', () => {
  it('is everything unless told otherwise', () => {
    expect(choose([], LIBRARIES, all)).toEqual({ cases: CASES, libraries: LIBRARIES });
    expect(names([], { quick: true, growth: false })).toEqual(CASES.filter((of) => of.quick).map(({ name }) => name));
    expect(names([], { quick: false, growth: true })).toHaveLength(CASES.length + GROWTH.length);
  });

  it('is what words name: whole names before parts of them, in any case', () => {
    expect(choose(['LayerNorm [32,256]', 'tfjs'], LIBRARIES, all)).toMatchObject({
      cases: [{ name: 'LayerNorm [32,256]' }],
      libraries: ['copy', 'tfjs'],
    });
    expect(choose(['copy'], LIBRARIES, all).libraries).toEqual(['copy']);
    expect(choose(['cop'], LIBRARIES, all).libraries).toEqual(['copy', 'copy-buffer']);
    expect(names(['adain'])).toEqual(['AdaIN NCHW [4,512,32,32]', 'AdaIN NHWC [4,32,32,512]']);
  });

  it('is short in a quick run where there is something short', () => {
    const quick = { quick: true, growth: false };
    expect(names(['RMSNorm'], quick)).toEqual(['RMSNorm [1,4096]']);
    expect(names(['RMSNorm [2048,2048]'], quick)).toEqual(['RMSNorm [2048,2048]']);
    expect(names(['adain'], quick)).toHaveLength(2);
  });

  it('is refused where a word names nothing, in one line that says what there is', () => {
    expect(() => choose(['tfjs', 'LayerNrm'], LIBRARIES, all)).toThrow(
      /^'LayerNrm' names no case or library; there are the libraries copy, .*tfjs and the cases LayerNorm \[4096,768\]; .*$/,
    );
    expect(() => choose(['growth'], LIBRARIES, all)).toThrow("'growth' names no case");
  });
});

describe('the cases of growth', () => {
  it('go from 10^3 to 10^8 elements in each mode, and cut ten million in every way', () => {
    const sizes = GROWTH.filter(({ name }) => name.startsWith('growth')).map((of) => ({
      wanted: Number(/\^(.*)/.exec(of.name)![1]),
      size: Math.log10(sizeOf(of.shape)),
    }));
    expect(sizes).toHaveLength(7 * 11);
    for (const { wanted, size } of sizes) expect(Math.abs(size - wanted)).toBeLessThan(0.06);
    const cuts = GROWTH.filter(({ name }) => name.startsWith('aspect layerNorm'));
    expect(cuts[0]!.shape).toEqual([1, 1e7]);
    expect(cuts.at(-1)!.shape).toEqual([1e7, 1]);
    for (const { shape } of cuts) expect(Math.abs(sizeOf(shape) / 1e7 - 1)).toBeLessThan(0.06);
    expect(new Set(GROWTH.map(({ name }) => name)).size).toBe(GROWTH.length);
    expect(GROWTH.every(isGrowth)).toBe(true);
    expect(CASES.some(isGrowth)).toBe(false);
  });
});

describe('a run on a GPU', () => {
  it('compares webgpu-norm with itself, in every way that work can be shared out', () => {
    const { cases, libraries } = chooseForGpu([]);
    expect(libraries.slice(0, 2)).toEqual(['copy', 'webgpu-norm']);
    expect(libraries).toContain('webgpu-norm, no subgroups');
    for (const of of cases) {
      expect(sizeOf(of.shape)).toBeGreaterThan(2 ** 24);
      const excerpt = excerptOf(of, 2 ** 19);
      expect(sizeOf(excerpt.shape), of.name).toBeLessThanOrEqual(Math.max(2 ** 19, sizeOf(of.shape.slice(1))));
      expect(excerpt.shape.slice(1)).toEqual(of.shape.slice(1));
    }
    expect(chooseForGpu(['AdaLN', 'no subgroups'])).toMatchObject({
      cases: [{ norm: 'layerNorm', modulated: true }],
      libraries: ['copy', 'webgpu-norm, no subgroups'],
    });
  });

  it('times the gradient apart, and takes few rounds', () => {
    expect(readOptions(['--gpu'], true).passes).toEqual(['forward', 'backward']);
    expect(paceOf({ gpu: true, quick: false })).toBe('gpu');
    expect(settingsOf('gpu', true).rounds.gpuTime).toBe(true);
  });
});

describe('options', () => {
  it('are read', () => {
    expect(
      readOptions(['--quick', '--only', 'A', 'B', '--only=C', '--pass', 'step,forward', '--json', 'f'], true),
    ).toEqual({
      only: ['A', 'C', 'B'],
      passes: ['forward', 'step'],
      quick: true,
      growth: false,
      gpu: false,
      shapes: false,
      host: false,
      json: 'f',
      headed: false,
      report: false,
      help: false,
    });
  });

  it.each([
    [['--slow'], /slow/],
    [['--pass', 'sideways'], "'sideways' is none of forward, backward, step"],
    [['LayerNorm'], 'LayerNorm: there is no such option'],
    [['--shapes', '--growth'], '--growth and --shapes are two runs'],
    [['--gpu', '--shapes'], '--gpu and --shapes are two runs'],
    [['--shapes', '--pass', 'step'], '--shapes makes forward calls only'],
    [['--seed', '1'], '--seed goes with --shapes'],
    [['--shapes', '--seed', '-1'], /--seed/],
    [['--shapes', '--seed', 'x'], '--seed x: it must be a whole number from 0 to 4294967295'],
    [['--shapes', '--seed=4294967296'], 'it must be a whole number'],
    [['--resume', 'f', '--shapes'], '--resume goes on with a run of cases, and --shapes has none'],
    [['--report'], '--report needs --json FILE'],
  ])('%j is refused', (given, why) => {
    expect(() => readOptions(given, true)).toThrow(why);
  });

  it('are others in Node', () => {
    expect(() => readOptions(['--headed'], false)).toThrow(/headed/);
    expect(() => readOptions(['--host'], true)).toThrow(/host/);
    expect(readOptions(['--host', '--quick'], false)).toMatchObject({ host: true, quick: true });
  });

  it.each([
    [['--host', '--gpu'], '--gpu and --host are two runs'],
    [['--host', '--pass', 'step'], '--host has calls of its own'],
    [['--resume', 'f', '--host'], '--resume goes on with a run of cases, and --host has none'],
  ])('in Node: %j is refused', (given, why) => {
    expect(() => readOptions(given, false)).toThrow(why);
  });
});
