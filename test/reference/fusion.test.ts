import { describe, expect, it } from 'vitest';
import type { Activation, NdArray } from '../../src/reference/index.ts';
import { batchNorm, groupNorm, instanceNorm, layerNorm, normalize, rmsNorm } from '../../src/reference/index.ts';
import { array, expectClose, indexOf, randomArray } from './arrays.ts';
import { backward, calls, forward, inputOf } from './calls.ts';
import type { Call, Fused } from './calls.ts';

/** Two rows that normalize to ∓1. */
const rows = array([2, 2], [-1, 1, 3, 5]);
const exact = { eps: 0 };

describe('by hand', () => {
  it('the residual is added, by the gate, and residualOut comes back (G1)', () => {
    const x = array([1, 2], [0, 1]);
    const plain = layerNorm(x, { ...exact, residual: array([1, 2], [2, 5]) });
    expectClose(plain.residualOut, array([1, 2], [2, 6]));
    expectClose(plain.mean, array([1, 1], [4]));
    expectClose(plain.rstd, array([1, 1], [0.5]));
    expectClose(plain.y, array([1, 2], [-1, 1]));
    const gated = layerNorm(x, { ...exact, residual: array([1, 2], [2, 5]), gate: array([2], [4, 0]) });
    expectClose(gated.residualOut, array([1, 2], [8, 1]));
    expectClose(gated.y, array([1, 2], [1, -1]));
    expect(Object.keys(layerNorm(x))).not.toContain('residualOut');
  });

  it('scale and shift follow weight and bias (G3)', () => {
    const affine = { weight: array([2], [2, 3]), bias: array([2], [10, 20]) };
    // By weight and bias: 8, 23.
    const { y } = layerNorm(rows, {
      ...exact,
      ...affine,
      modulation: { scale: array([2, 1], [1, 0.5]), shift: array([2], [100, 200]) },
    });
    expectClose(y, array([2, 2], [116, 246, 112, 234.5]));
  });

  it('the activation is last (G4)', () => {
    const { y } = layerNorm(rows, {
      ...exact,
      modulation: { scale: array([2, 2], [1, 1, 0, 0]), shift: array([2, 1], [-1, 2]) },
      activation: 'relu',
    });
    // Before: -3, 1 and 1, 3.
    expectClose(y, array([2, 2], [0, 1, 1, 3]));
    const leaky = layerNorm(rows, { ...exact, activation: 'leaky-relu', negativeSlope: 0.5 });
    expectClose(leaky.y, array([2, 2], [-0.5, 1, -0.5, 1]));
  });

  it('a zero-centered weight has 1 added', () => {
    const weight = array([2], [0, 4]);
    expectClose(layerNorm(rows, { ...exact, weight, zeroCenteredWeight: true }).y, array([2, 2], [-1, 5, -1, 5]));
  });

  it('gradients of a modulated LayerNorm (G7, G14, G15)', () => {
    const call: Call = {
      name: '',
      op: 'layerNorm',
      shape: [1, 2],
      options: exact,
      arrays: { weight: array([2], [2, 2]), bias: array([2], [1, 1]) },
      sample: 0,
      channel: 1,
    };
    const gradients = backward(call, array([1, 2], [1, 1]), array([1, 2], [-1, 1]), {
      residual: array([1, 2], [2, 2]),
      gate: array([1], [0.5]),
      scale: array([1], [1]),
      shift: array([1], [0]),
      activation: 'relu',
      dresidualOut: array([1, 2], [10, 20]),
    });
    // x_hat = -1, 1; by weight and bias -1, 3; z = -2, 6; so that dz = 0, 1; W = 0, 1 and B = 0, 1; of g = 0, 4 nothing is left in ds.
    expectClose(gradients['dshift'], array([1], [1]));
    expectClose(gradients['dscale'], array([1], [3]));
    expectClose(gradients['dweight'], array([2], [0, 2]));
    expectClose(gradients['dbias'], array([2], [0, 2]));
    expectClose(gradients['dx'], array([1, 2], [10, 20]));
    expectClose(gradients['dresidual'], array([1, 2], [5, 10]));
    expectClose(gradients['dgate'], array([1], [60]));
  });
});

const VALUE: Record<Extract<Activation, 'relu' | 'tanh' | 'silu'>, (z: number) => number> = {
  relu: (z) => Math.max(z, 0),
  tanh: Math.tanh,
  silu: (z) => z / (1 + Math.exp(-z)),
};

describe.each(calls)('$op $name', (call) => {
  const x = inputOf(call);
  const { shape, sample, channel } = call;
  const ofX = (seed: number) => randomArray(shape, seed);
  const each = (of: (index: number) => number) =>
    array(
      shape,
      Array.from(x.data, (_, index) => of(index)),
    );

  it.each(['relu', 'tanh', 'silu'] as const)('is what its parts are, with %s', (activation) => {
    const [residual, gate, scale, shift] = [ofX(51), ofX(52), ofX(53), ofX(54)];
    const fused = forward(call, x, { residual, gate, scale, shift, activation });
    const s = each((i) => x.data[i]! + gate.data[i]! * residual.data[i]!);
    const plain = forward(call, s);
    const wanted = each((i) => VALUE[activation](plain.y.data[i]! * (1 + scale.data[i]!) + shift.data[i]!));
    const { mask, maskOutput } = call.options as { mask?: NdArray; maskOutput?: boolean };
    if (maskOutput) {
      wanted.data.forEach((_, i) => {
        const [n, , l] = indexOf(i, shape);
        if (mask!.data[n! * 5 + l!] === 0) [wanted.data[i], s.data[i]] = [0, 0];
      });
    }
    expectClose(fused.y, wanted);
    expectClose(fused.residualOut, s);
    for (const name of ['mean', 'rstd', 'runningMean', 'runningVar'] as const) {
      if (plain[name]) expectClose(fused[name], plain[name]);
    }
  });

  const { weight } = call.arrays;
  if (weight) {
    it('adds 1 to a zero-centered weight', () => {
      const more = { ...call, arrays: { ...call.arrays, weight: { ...weight, data: weight.data.map((w) => w + 1) } } };
      const [one, other] = [forward(call, x, { zeroCenteredWeight: true }), forward(more, x)];
      expectClose(one.y, other.y);
      const dy = ofX(55);
      const [back, wanted] = [backward(call, dy, x, { zeroCenteredWeight: true }), backward(more, dy, x)];
      for (const name of Object.keys(wanted)) expectClose(back[name], wanted[name]!);
    });
  }

  const [N, C] = [sample === undefined ? 1 : shape[sample]!, shape[channel]!];
  /** The array as large as x, looked up index by index. */
  const widened = (small: NdArray): NdArray =>
    each((i) => {
      const index = indexOf(i, shape);
      const [n, c] = [sample === undefined ? 0 : index[sample]!, index[channel]!];
      if (small.shape.length === 1) return small.data[small.shape[0] === 1 ? 0 : c]!;
      const [rows, columns] = small.shape;
      return small.data[(rows === 1 ? 0 : n * columns!) + (columns === 1 ? 0 : c)]!;
    });

  const shapes = shape.length === 2 ? [[C], [1]] : [[N, C], [1, C], [N, 1], [1, 1], [C], [1]];
  it.each(shapes.map((small) => ({ small })))('takes $small for samples and channels', ({ small }) => {
    const arrays = {
      residual: ofX(51),
      gate: randomArray(small, 52),
      scale: randomArray(small, 53),
      shift: randomArray(small, 54),
    };
    const wide: Fused = {
      residual: arrays.residual,
      gate: widened(arrays.gate),
      scale: widened(arrays.scale),
      shift: widened(arrays.shift),
    };
    const [fused, wanted] = [forward(call, x, arrays), forward(call, x, wide)];
    expectClose(fused.y, wanted.y);
    expectClose(fused.residualOut, wanted.residualOut!);
  });

  it('refuses shapes that do not fit', () => {
    const wrong = [[C + 1], [N + 1, C], [N, C + 1], [...shape, 1], shape.map((size) => size + 1), []];
    for (const name of ['gate', 'scale', 'shift']) {
      for (const small of wrong) {
        const fused = { residual: x, [name]: randomArray(small) };
        expect(() => forward(call, x, fused), small.join()).toThrow(`${name} [${small.join()}] fits neither`);
        expect(() => backward(call, x, x, fused), small.join()).toThrow(`${name} [${small.join()}] fits neither`);
      }
    }
    const turned = { data: x.data, shape: [...shape, 1] };
    expect(() => forward(call, x, { residual: turned })).toThrow(/residual .* fits neither x/);
    expect(() => backward(call, x, x, { dresidualOut: turned })).toThrow('dresidualOut has shape');
    expect(() => forward(call, x, { scale: { data: [1, 2], shape } })).toThrow('scale has 2 elements');
  });

  it('refuses an activation there is not, and a gate of nothing', () => {
    expect(() => forward(call, x, { activation: 'swish' as Activation })).toThrow("activation is 'swish'");
    expect(() => backward(call, x, x, { activation: 'swish' as Activation })).toThrow("activation is 'swish'");
    expect(() => forward(call, x, { gate: x })).toThrow('gate is given without residual');
  });
});

describe('a layout without samples', () => {
  it('has room for one only', () => {
    const x = randomArray([3, 2, 2]);
    const scale = randomArray([2, 3], 2);
    expect(() => instanceNorm(x, { layout: 'CHW', modulation: { scale } })).toThrow('scale [2,3] fits neither');
  });
});

describe('an x of one axis', () => {
  it('has channels and no samples', () => {
    const x = array([2], [-1, 1]);
    expectClose(layerNorm(x, { ...exact, modulation: { shift: array([1, 2], [10, 20]) } }).y, array([2], [9, 21]));
    for (const norm of [layerNorm, rmsNorm]) {
      expect(() => norm(x, { modulation: { shift: array([2, 1], [10, 20]) } })).toThrow('shift [2,1] fits neither');
    }
  });
});

describe('an x of two axes', () => {
  const modulated = (x: NdArray, scale: NdArray) =>
    batchNorm(x, { training: true, layout: 'CN', modulation: { scale } }).y;

  it('takes two axes as samples and channels, whatever their order in x', () => {
    for (const [channels, samples] of [
      [3, 4],
      [3, 3],
    ] as const) {
      const x = randomArray([channels, samples]);
      const scale = randomArray([samples, channels], 2);
      const plain = batchNorm(x, { training: true, layout: 'CN' }).y;
      const wanted = plain.data.map(
        (value, i) => value * (1 + scale.data[(i % samples) * channels + Math.floor(i / samples)]!),
      );
      expectClose(modulated(x, scale), array([channels, samples], wanted));
    }
  });

  it('takes what multiplies and what is added as it lies itself, where that has its shape', () => {
    const [x, by, add] = [1, 2, 3].map((seed) => randomArray([3, 3], seed));
    const norm = { training: true, layout: 'CN' };
    const plain = batchNorm(x!, norm).y.data;
    const wanted = plain.map((value, i) => value * by!.data[i]! + add!.data[i]!);
    expectClose(batchNorm(x!, { ...norm, multiply: { by: by! }, add: add! }).y, array([3, 3], wanted));
    const before = array(
      [3, 3],
      x!.data.map((value, i) => value * by!.data[i]!),
    );
    expectClose(batchNorm(x!, { ...norm, multiply: { by: by!, where: 'before' } }).y, batchNorm(before, norm).y);
  });

  it('takes them as its own where they fit no other way', () => {
    const x = randomArray([3, 4]);
    const scale = randomArray([3, 1], 2);
    const plain = batchNorm(x, { training: true, layout: 'CN' }).y;
    const wanted = plain.data.map((value, i) => value * (1 + scale.data[Math.floor(i / 4)]!));
    expectClose(modulated(x, scale), array([3, 4], wanted));
    expect(() => modulated(x, randomArray([2, 3]))).toThrow('fits neither');
  });
});

describe('NaN', () => {
  it.each<Activation>(['relu', 'leaky-relu', 'gelu'])('stays in its row through %s', (activation) => {
    const x = array([2, 2], [NaN, 1, 1, 2]);
    for (const { y } of [
      layerNorm(x, { activation }),
      rmsNorm(x, { activation }),
      normalize(x, { axes: 1, statistic: 'l1', activation }),
      groupNorm(x, { numGroups: 1, activation }),
    ]) {
      expect(Array.from(y.data, Number.isNaN)).toEqual([true, expect.any(Boolean), false, false]);
    }
  });
});
