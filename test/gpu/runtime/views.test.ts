import { describe, expect, it } from 'vitest';
import {
  createContext,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  moments,
  rmsNorm,
  rmsNormBackward,
  rmsNormForward,
} from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { encode } from '../support/formats.ts';
import { Random } from '../support/random.ts';
import { LYINGS, viewAs } from '../support/strided.ts';
import { testWrongCalls, untyped } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** Tensors that are views: what they say of themselves, what they cost, and what is refused. */

const context = await createContext({ gpu: await gpu() });
const buffer = context.device.createBuffer({ size: 4096, usage: 0x80 | 0x4 | 0x8 });
const of = (shape: number[], strides: number[], dtype: 'f32' | 'f16' = 'f32', byteOffset = 0) =>
  context.wrap(buffer, { shape, strides, dtype, byteOffset });

describe('a view', () => {
  it.each(LYINGS)('reads as it is told to lie: %s', async (lying) => {
    const data = new Random(5).normals(2 * 3 * 5);
    for (const dtype of ['f32', 'f16'] as const) {
      const { tensor } = viewAs(context, data, [2, 3, 5], dtype, lying);
      const plain = context.tensor(dtype === 'f32' ? data : encode(dtype, data), [2, 3, 5], { dtype });
      expect(await tensor.read()).toEqual(await plain.read());
      expect(tensor.contiguous).toBe(lying === 'contiguous');
      tensor.buffer.destroy();
    }
  });

  it('knows its strides, and what it takes of its buffer', () => {
    const view = of([2, 3], [8, 1], 'f32', 16);
    expect([view.strides, view.size, view.byteLength, view.contiguous]).toEqual([[8, 1], 6, 44, false]);
    const plain = of([2, 1, 3], [3, 77, 1]);
    expect([plain.strides, plain.contiguous]).toEqual([[3, 3, 1], true]);
  });

  it('has the moments of what it shows', async () => {
    const data = new Random(6).normals(4 * 6 * 8, 2);
    const { tensor } = viewAs(context, data, [4, 6, 8], 'f32', 'permuted');
    const [ofView, ofPlain] = [tensor, context.tensor(data, [4, 6, 8])].map((x) => moments(x, { axes: [0, 2] }));
    const [a, b] = [await ofView!.mean.read(), await ofPlain!.mean.read()];
    a.forEach((mean, group) => expect(mean).toBeCloseTo(b[group]!, 6));
  });

  it('costs nothing where its rows are contiguous: as many dispatches, of the same vectors', () => {
    const [slice, plain] = [of([32, 16], [24, 1]), of([32, 16], [16, 1])];
    const [ofSlice, ofPlain] = [slice, plain].map((x) => context.explain(() => rmsNorm(x))[0]!.passes);
    expect(ofSlice!.map(({ choose }) => choose)).toEqual(ofPlain!.map(({ choose }) => choose));
    expect(ofSlice!.map(({ bindings }) => bindings.length)).toEqual(ofPlain!.map(({ bindings }) => bindings.length));
  });

  it('of packed q, k and v is normalized in place, head by head, and the rest is left alone', async () => {
    const [tokens, heads, size] = [6, 4, 8];
    const packed = new Random(7).normals(tokens * 3 * heads * size);
    const qkv = context.device.createBuffer({ size: packed.byteLength, usage: 0x80 | 0x4 | 0x8 });
    context.device.queue.writeBuffer(qkv, 0, packed);
    const row = 3 * heads * size;
    const q = context.wrap(qkv, { shape: [tokens, heads, size], strides: [row, size, 1] });
    rmsNorm(q, { out: q, eps: 1e-6 });
    const after = await context.wrap(qkv, { shape: [tokens, row] }).read();
    for (let token = 0; token < tokens; token++) {
      for (let at = 0; at < row; at++) {
        const place = token * row + at;
        const first = place - (at % size);
        const square = packed.slice(first, first + size).reduce((sum, value) => sum + value * value, 0) / size;
        const expected = at < heads * size ? packed[place]! / Math.sqrt(square + 1e-6) : packed[place]!;
        expect(after[place]).toBeCloseTo(expected, 5);
      }
    }
  });

  it.each([
    [0, 8, 1],
    [8, 1, 0],
    [0, 0, 0],
    [1, 1, 1],
  ])('whose elements repeat is read as if each was there, forward and backward: %i, %i, %i', async (...strides) => {
    const shape = [3, 6, 8];
    const numbers = (seed: number) => context.tensor(new Random(seed).normals(3 * 6 * 8), shape);
    const repeated = context.device.createBuffer({ size: 4096, usage: 0x80 | 0x4 | 0x8 });
    context.device.queue.writeBuffer(repeated, 0, new Random(9).normals(1024));
    const view = context.wrap(repeated, { shape, strides });
    const written = context.tensor(await view.read(), shape);
    const [x, dy] = [numbers(10), numbers(11)];
    const results = [view, written].map((one) => [
      layerNormBackward(one, layerNormForward(x).saved).dx,
      ...Object.values(
        layerNormBackward(dy, layerNormForward(x, { residual: one, gate: context.tensor([2], [1]) }).saved),
      ),
      ...Object.values(layerNormBackward(dy, layerNormForward(x, { multiply: { by: one, activation: 'silu' } }).saved)),
      ...Object.values(layerNormBackward(dy, layerNormForward(x, { add: one, activation: 'silu' }).saved)),
    ]);
    for (const [index, result] of results[0]!.entries()) {
      const expected = await results[1]![index]!.read();
      (await result!.read()).forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 4));
    }
  });

  it('is read and written as it lies, whatever output was refused before', async () => {
    const data = new Random(8).normals(4 * 8);
    const expected = await layerNorm(context.tensor(data, [4, 8])).read();
    const wide = new Float32Array(4 * 16);
    for (let row = 0; row < 4; row++) wide.set(data.subarray(row * 8, row * 8 + 8), row * 16);
    const x = context.tensor(wide, [4, 16]).slice(1, 0, 8);
    const shape = { code: 'shape' };
    expect(() => layerNorm(x, { out: context.empty([8, 4]) })).toThrow(expect.objectContaining(shape));
    expect(await layerNorm(x).read()).toEqual(expected);
    const columns = context.empty([4, 16]);
    expect(() => layerNorm(x, { out: columns.slice(1, 0, 1) })).toThrow(expect.objectContaining(shape));
    expect(await layerNorm(x, { out: columns.slice(1, 0, 8) }).read()).toEqual(expected);
  });
});

describe('slice and permute', () => {
  const data = Float32Array.from({ length: 2 * 3 * 4 }, (_, index) => index);
  const tensor = context.tensor(data, [2, 3, 4]);

  it('show a part, and the axes in another order', async () => {
    expect([...(await tensor.slice(1, 1, 3).read())]).toEqual([
      4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23,
    ]);
    expect([...(await tensor.slice(-1, 3, 4).permute([2, 1, 0]).read())]).toEqual([3, 15, 7, 19, 11, 23]);
    expect(tensor.slice(0, 1, 2).contiguous).toBe(true);
    expect(tensor.permute([0, -2, 2]).strides).toEqual([12, 4, 1]);
    expect([...(await context.tensor([5], []).permute([]).read())]).toEqual([5]);
    expect(() => tensor.permute([])).toThrow(expect.objectContaining({ code: 'axes' }));
    expect((await tensor.slice(0, 1, 1).read()).length).toBe(0);
  });

  const counts = context.tensor([1, 2, 3, 4], [4], { dtype: 'u32' });
  testWrongCalls(
    [
      ['an axis that there is not', () => tensor.slice(3, 0, 1), 'axes', /^slice: axis 3 is out of range; /],
      [
        'two axes',
        () => tensor.slice(untyped([0, 1]), 0, 1),
        'axes',
        'slice: axis is [0,1]; it must be a whole number, one axis',
      ],
      [
        'indices that there are not',
        () => tensor.slice(1, 2, 4),
        'shape',
        'slice: from 2 to 4 of axis 1, but x [2,3,4] has 3 indices there',
      ],
      ['indices in the wrong order', () => tensor.slice(1, 2, 1), 'shape', /^slice: from 2 to 1 of axis 1, /],
      ['half an index', () => tensor.slice(1, 0.5, 1), 'shape', /^slice: from 0.5 to 1 of axis 1, /],
      ['counts from the second on', () => counts.slice(0, 1, 2), 'limit', /^slice: byteOffset is 4; /],
      ['too few axes', () => tensor.permute([0, 2]), 'axes', 'permute: axes [0,2] name 2 of the 3 axes; name each'],
      ['an axis twice', () => tensor.permute([0, 0, 1]), 'axes', /^permute: axes \[0,0,1\] name an axis .* twice/],
    ],
    [],
  );
});

const x = of([4, 8], [8, 1]);
const columns = of([4, 8], [1, 4]);
const dy = context.empty([4, 8]);
const { saved } = rmsNormForward(x, { weight: context.empty([8]) });
const half = of([4, 6], [9, 1], 'f16');
const padded = of([4, 6], [9, 1], 'f16', 512);

const WRONG: WrongCall[] = [
  [
    'strides of another rank',
    () => of([4, 8], [1]),
    'shape',
    'wrap: strides are [1]; of shape [4,8] there must be 2, one an axis, in elements',
  ],
  [
    'strides that are no list',
    () => of([4, 8], untyped(8)),
    'shape',
    'wrap: strides are 8; of shape [4,8] there must be 2, one an axis, in elements',
  ],
  [
    'a stride below 0',
    () => of([4, 8], [-8, 1]),
    'shape',
    'wrap: strides [-8,1] have -8; every stride must be a whole number of at least 0, in elements',
  ],
  [
    'a stride that is no whole number',
    () => of([4, 8], [8, 0.5]),
    'shape',
    'wrap: strides [8,0.5] have 0.5; every stride must be a whole number of at least 0, in elements',
  ],
  [
    'strides that reach beyond the buffer',
    () => of([4, 8], [1024, 1]),
    'shape',
    'wrap: shape [4,8] with strides [1024,1] takes 12320 bytes from byteOffset 0, but the buffer has 4096',
  ],
  [
    'an x that is repeated',
    () => rmsNorm(of([4, 8], [0, 1])),
    'shape',
    'rmsNorm: x [4,8] has strides [0,1], by which elements lie in one place; each must have its own',
  ],
  [
    'an output whose rows overlap',
    () => rmsNorm(dy, { out: of([4, 8], [4, 1]) }),
    'shape',
    'rmsNorm: out [4,8] has strides [4,1], by which elements lie in one place; each must have its own',
  ],
  [
    'a strided weight',
    () => layerNorm(dy, { weight: of([8], [2]) }),
    'shape',
    'layerNorm: weight [8] has strides [2]; it must be contiguous, [1]',
  ],
  [
    'a scale in another order, of which a gradient follows',
    () => layerNormForward(dy, { modulation: { scale: columns } }),
    'shape',
    'layerNorm: scale [4,8] has strides [1,4]; it must be contiguous, [8,1]',
  ],
  [
    'a residual that broadcasts in another order, of which a gradient follows',
    () => layerNormForward(context.empty([4, 3, 8]), { residual: columns }),
    'shape',
    'layerNorm: residual [4,8] has strides [1,4]; it must be contiguous, [8,1]',
  ],
  [
    'a scale that is the same all along an axis, of which a gradient follows',
    () => layerNormForward(dy, { modulation: { scale: of([4, 8], [1, 0]) } }),
    'shape',
    'layerNorm: scale [4,8] has strides [1,0]; it must be contiguous, [8,1]',
  ],
  [
    'an inputBias of one number, of which a gradient follows',
    () => layerNormForward(dy, { inputBias: of([8], [0]) }),
    'shape',
    'layerNorm: inputBias [8] has strides [0]; it must be contiguous, [1]',
  ],
  [
    'a shift whose rows overlap, of which a gradient follows',
    () => layerNormForward(dy, { modulation: { shift: of([4, 8], [1, 1]) } }),
    'shape',
    'layerNorm: shift [4,8] has strides [1,1]; it must be contiguous, [8,1]',
  ],
  [
    'a strided gradient of a weight',
    () => rmsNormBackward(dy, saved, { out: { dweight: of([8], [2], 'f32', 1024) } }),
    'shape',
    'rmsNormBackward: dweight [8] has strides [2]; it must be contiguous, [1]',
  ],
  [
    'a strided tensor in another shape',
    () => padded.reshape([24]),
    'shape',
    'reshape: the tensor [4,6] has strides [9,1]; slice or permute what is contiguous after reshape, or copy it',
  ],
];

// Where halves are stored one by one they share no words.
const PACKED: WrongCall[] = [
  [
    'rows of halves that share words with what lies between them',
    () => layerNorm(context.empty([4, 6], { dtype: 'f16' }), { out: half }),
    'limit',
    /^layerNorm: y holds f16, 2 elements a word of 4 bytes, and is strided so that rows share words /,
  ],
];

describe('strides that are refused', () => testWrongCalls([...WRONG, ...(context.profile.f16 ? [] : PACKED)], []));
