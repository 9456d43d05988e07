import { describe, expect, it } from 'vitest';
import { NormError } from '../../src/errors.ts';
import type { NormErrorCode } from '../../src/errors.ts';
import { layerNorm, layerNormBackward, rmsNorm, rmsNormBackward } from '../../src/reference/index.ts';
import type { NdArray, RotaryOptions } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';
import { dot, expectSlopes } from './differences.ts';
import { publishedOf, PYTORCH, pytorchArrays } from './pytorch-rotary.ts';

/** Rotations of the reference: numbers by hand, PyTorch's, complex numbers, and slopes by differences (G25). */

const quarter = (rows: number, pairs: number) => ({
  cos: array(
    [rows, pairs],
    Array.from({ length: rows * pairs }, () => 0),
  ),
  sin: array(
    [rows, pairs],
    Array.from({ length: rows * pairs }, () => 1),
  ),
});
const angles = (shape: number[], seed: number) => {
  const { data } = randomArray(shape, seed);
  return {
    cos: array(
      shape,
      data.map((each) => Math.cos(4 * each)),
    ),
    sin: array(
      shape,
      data.map((each) => Math.sin(4 * each)),
    ),
  };
};

describe('by hand', () => {
  // Of mean square 1, so that nothing is left to normalize.
  const x = array([1, 4], [1, 1, -1, 1]);
  const y = (rotary: RotaryOptions) => [...rmsNorm(x, { eps: 0, rotary }).y.data];

  it('a quarter turn takes (a, b) to (-b, a): halves apart', () => {
    expect(y(quarter(1, 2))).toEqual([1, -1, 1, 1]);
  });

  it('neighbours', () => {
    expect(y({ ...quarter(1, 2), interleaved: true })).toEqual([-1, 1, -1, -1]);
  });

  it('of the first two elements alone', () => {
    expect(y({ ...quarter(1, 1), dims: 2 })).toEqual([-1, 1, -1, 1]);
  });

  it('each token by the row of its position, whichever axis counts tokens', () => {
    const tables = { cos: array([3, 1], [1, 0, -1]), sin: array([3, 1], [0, 1, 0]) };
    const rows = array([2, 2, 2], [1, 1, 1, 1, 1, 1, 1, 1]);
    const rotated = (tokenAxis: number, positions?: NdArray) => [
      ...rmsNorm(rows, { eps: 0, rotary: { ...tables, tokenAxis, positions } }).y.data,
    ];
    expect(rotated(0)).toEqual([1, 1, 1, 1, -1, 1, -1, 1]);
    expect(rotated(1)).toEqual([1, 1, -1, 1, 1, 1, -1, 1]);
    expect(rotated(-2, array([2], [2, 1]))).toEqual([-1, -1, -1, 1, -1, -1, -1, 1]);
    expect(rotated(1, array([2, 2], [0, 1, 2, 0]))).toEqual([1, 1, -1, 1, -1, -1, 1, 1]);
  });

  it('each sample by rows of its own', () => {
    const tables = { cos: array([2, 1, 1], [0, -1]), sin: array([2, 1, 1], [1, 0]) };
    const { y: rotated } = rmsNorm(array([2, 1, 2], [1, 1, 1, 1]), { eps: 0, rotary: { ...tables, tokenAxis: 1 } });
    expect([...rotated.data]).toEqual([-1, 1, -1, -1]);
  });
});

it('neighbours are turned as complex numbers are multiplied', () => {
  const x = randomArray([4, 3, 6], 5);
  const { cos, sin } = angles([4, 3], 6);
  const plain = rmsNorm(x).y;
  const { y } = rmsNorm(x, { rotary: { cos, sin, interleaved: true, tokenAxis: 0 } });
  const expected = plain.data.map((value, at) => {
    const pair = Math.floor(at / 18) * 3 + (Math.floor(at / 2) % 3);
    const other = plain.data[at % 2 === 0 ? at + 1 : at - 1]!;
    return at % 2 === 0
      ? value * cos.data[pair]! - other * sin.data[pair]!
      : value * cos.data[pair]! + other * sin.data[pair]!;
  });
  expectClose(y, { data: expected, shape: x.shape });
});

it.each(PYTORCH)('as PyTorch has it: $op, interleaved $interleaved, $dims of 8', (published) => {
  const { op, interleaved, dims, ...results } = published;
  const { x, dy, weight, bias, cos, sin, positions } = pytorchArrays(published);
  const options = {
    eps: 1e-5,
    weight,
    bias,
    rotary: { cos: cos!, sin: sin!, positions, interleaved, dims, tokenAxis: 1 },
  };
  const [forward, backward] = op === 'rmsNorm' ? [rmsNorm, rmsNormBackward] : [layerNorm, layerNormBackward];
  const actual = publishedOf({ ...forward(x!, options), ...backward(dy!, x!, options) });
  for (const [name, numbers] of Object.entries(results)) {
    expectClose(array([8], actual[name]!), array([8], numbers), 2e-8);
  }
});

const fusions: Record<string, Record<string, NdArray | undefined> & { activation?: 'silu' }> = {
  alone: {},
  'with a residual and a gate': { residual: randomArray([2, 3, 2, 6], 31), gate: randomArray([2, 6], 32) },
  'with what is added and SiLU': { add: randomArray([2, 3, 2, 6], 33), activation: 'silu' as never },
};

describe.each(Object.entries(fusions))('gradients are slopes, %s', (_, fused) => {
  it.each([
    ['halves', {}],
    ['neighbours', { interleaved: true }],
    ['some halves', { dims: 4 }],
    ['some neighbours', { dims: 2, interleaved: true }],
    ['by positions', { positions: array([2, 3], [4, 0, 2, 1, 1, 3]) }],
    ['of heads before tokens', { tokenAxis: 2, positions: array([2], [3, 1]) }],
  ] as const)('%s', (__, more: Partial<RotaryOptions>) => {
    const [shape, dims] = [[2, 3, 2, 6], more.dims ?? 6];
    const rotary = { ...angles([5, dims / 2], 7), tokenAxis: 1, ...more };
    for (const [forward, backward] of [
      [layerNorm, layerNormBackward],
      [rmsNorm, rmsNormBackward],
    ] as const) {
      const arrays = { x: randomArray(shape, 8), weight: randomArray([2, 6], 9), bias: randomArray([6], 10) };
      const { x, weight, bias } = arrays;
      const dy = randomArray(shape, 11);
      const options = { weight, bias, ...fused, rotary };
      const loss = (): number => dot(dy, forward(x, options).y);
      const gradients = backward(dy, x, options) as unknown as Record<string, NdArray>;
      for (const [name, each] of Object.entries(arrays)) expectSlopes(gradients[`d${name}`], `d${name}`, each, loss);
    }
  });
});

describe('refused', () => {
  const x = randomArray([2, 3, 4, 8]);
  const [table, short] = [randomArray([3, 4]), randomArray([2, 4])];
  const rotary = { cos: table, sin: table, tokenAxis: 1 };
  it.each<[string, object, NormErrorCode]>([
    ['no sin', { sin: undefined }, 'option'],
    ['no table', { cos: [1, 0] }, 'option'],
    ['an unknown part', { cos_cache: table }, 'option'],
    ['no axis of tokens', { tokenAxis: undefined }, 'option'],
    ['the normalized axis for tokens', { tokenAxis: 3 }, 'option'],
    ['an odd number of elements', { dims: 5 }, 'option'],
    ['more elements than there are', { dims: 10 }, 'option'],
    ['a flag that is none', { interleaved: 1 }, 'option'],
    ['rows too long', { dims: 6 }, 'parameter'],
    ['too few rows', { cos: short, sin: short }, 'parameter'],
    ['tables that differ', { sin: short }, 'parameter'],
    ['rows of samples and positions', { ...angles([2, 3, 4], 3), positions: array([3], [0, 1, 2]) }, 'parameter'],
    ['positions of other tokens', { positions: array([4], [0, 1, 2, 0]) }, 'parameter'],
    ['a position beyond the tables', { positions: array([3], [0, 1, 3]) }, 'parameter'],
    ['a fraction of a position', { positions: array([3], [0, 1, 0.5]) }, 'parameter'],
  ])('%s', (_, more, code) => {
    for (const of of [rmsNorm, layerNorm]) expectCode(() => of(x, { rotary: { ...rotary, ...more } }), code);
  });

  it('an odd last axis, one axis, and more than the last axis', () => {
    expectCode(() => rmsNorm(randomArray([3, 5]), { rotary }), 'shape');
    expectCode(() => rmsNorm(randomArray([8]), { rotary }), 'shape');
    expectCode(() => layerNorm(x, { axes: [2, 3], rotary }), 'axes');
  });
});

function expectCode(of: () => unknown, code: NormErrorCode): void {
  let thrown: unknown;
  try {
    of();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(NormError);
  expect((thrown as NormError).code).toBe(code);
}
