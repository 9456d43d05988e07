import { describe, expect, it, vi } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { FloatDtype, Tensor } from '../../../src/index.ts';
import { BatchNorm1d } from '../../../src/layers/index.ts';
import { averageGradients, broadcastParameters, sumGradients } from '../../../src/sync/index.ts';
import type { Group } from '../../../src/sync/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { localGroup } from '../../sync/local.ts';
import { roundTo } from '../support/formats.ts';
import { Random } from '../support/random.ts';

const context = await createContext({ gpu: await gpu() });
const DTYPES = ['f32', 'f16', 'bf16'] as const;

/** Tensors of odd sizes, all but the first within a larger one, where halves of two share a word. */
function drawn(dtype: FloatDtype, random: Random): { tensors: Tensor[]; around: Tensor; numbers: number[] } {
  const round = (value: number): number => (dtype === 'f32' ? Math.fround(value) : roundTo(dtype, value));
  const numbers = Array.from({ length: 3 + 12 }, () => round(random.normal()));
  const around = context.tensor(numbers.slice(3), [12], { dtype });
  const slices = [1, 3, 5, 10, 10].flatMap((end, index, ends) =>
    index ? [around.slice(0, ends[index - 1]!, end)] : [],
  );
  const tensors = [context.tensor(numbers.slice(0, 3), [3], { dtype }), ...slices];
  return { tensors, around, numbers };
}

/** Where the numbers of `drawn` are no one's: not reduced. */
const ALONE = [0, 10, 11].map((index) => 3 + index);

describe.each(DTYPES)('gradients in %s', (dtype) => {
  it.each([
    ['averaged by counts', [3, 0, 8], (group, tensors, count) => averageGradients(group, tensors, { count })],
    ['summed up', [1, 1, 1], (group, tensors) => sumGradients(group, tensors)],
    ['those of rank 0', [1, 0, 0], (group, tensors) => broadcastParameters(group, tensors)],
  ] as [
    string,
    number[],
    (group: Awaited<ReturnType<typeof localGroup>>[number], tensors: Tensor[], count: number) => Promise<void>,
  ][])('%s are written over, and nothing beside them', async (name, counts, reduce) => {
    const random = new Random(name.length);
    const members = (await localGroup(3)).map((group, rank) => ({
      group,
      count: counts[rank]!,
      ...drawn(dtype, random),
    }));
    await Promise.all(members.map(async ({ group, tensors, count }) => reduce(group, tensors, count)));
    const all = name === 'averaged by counts' ? counts.reduce((total, count) => total + count) : 1;
    for (const { tensors, around, numbers } of members) {
      const found = [...(await tensors[0]!.read()), ...(await around.read())];
      found.forEach((value, index) => {
        const exact = members.reduce((total, member) => total + (member.count / all) * member.numbers[index]!, 0);
        if (ALONE.includes(index)) expect(value).toBe(numbers[index]);
        else if (dtype === 'f32') expect(value).toBe(Math.fround(exact));
        else expect(value).toBe(roundTo(dtype, Math.fround(exact)));
      });
    }
  });
});

describe('gradients that cannot be reduced', () => {
  it.each([
    ['no list', context.empty([2]), 'arrays are a Tensor; give an Array of tensors or Float32Arrays', 'option'],
    ['whole numbers', [context.empty([2], { dtype: 'u32' })], 'array 0 holds u32', 'dtype'],
    ['axes in another order', [context.empty([2, 3]).permute([1, 0])], 'array 0 has strides [1,3]', 'shape'],
    ['no tensor', [context.empty([1]), {}], 'array 1', 'option'],
    [
      'a buffer that is not read',
      [context.wrap(context.device.createBuffer({ size: 16, usage: 0x80 }), { shape: [4] })],
      'the buffer of array 0 was made without GPUBufferUsage.COPY_SRC and COPY_DST',
      'usage',
    ],
  ])('%s', async (_, tensors, message, code) => {
    const [group] = await localGroup(1);
    const call = averageGradients(group!, tensors as Tensor[], { count: 1 });
    await expect(call).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`averageGradients: ${message}`),
    });
  });

  it('without a count', async () => {
    const [group] = await localGroup(1);
    for (const count of [-1, 0.5, NaN]) {
      await expect(averageGradients(group!, [], { count })).rejects.toThrow(
        `averageGradients: count is ${count}; it must be`,
      );
    }
  });

  it('of different shapes: the error names both', async () => {
    const [one, other] = await localGroup(2);
    const calls = [
      averageGradients(one!, [context.tensor([1, 2], [2]), new Float32Array(3)], { count: 1 }),
      averageGradients(other!, [context.tensor([1, 2], [2], { dtype: 'f16' })], { count: 1 }),
    ];
    for (const call of calls) {
      await expect(call).rejects.toThrow(
        /^allReduce: '00000002' is at 'averageGradients of f16\[2\]', '00000001' at 'averageGradients of f32\[2\] f32\[3\]'/,
      );
    }
  });
});

it('arrays on the CPU are reduced beside tensors', async () => {
  const groups = await localGroup(2);
  const members = groups.map(
    (_, rank) => [context.tensor([rank, 1], [2]), Float32Array.of(10 * rank), Float32Array.of()] as const,
  );
  await Promise.all(
    members.map(async (arrays, rank) => averageGradients(groups[rank]!, arrays, { count: 1 + 2 * rank })),
  );
  for (const [tensor, array] of members) expect([...(await tensor.read()), ...array]).toEqual([0.75, 1, 7.5]);
});

it('gradients of layers are averaged where they are', async () => {
  const groups = await localGroup(2);
  const layers = groups.map(() => new BatchNorm1d(context, 3));
  const random = new Random(4);
  await Promise.all(
    layers.map(async (layer, rank) => {
      const x = context.tensor(random.normals(12), [4, 3]);
      layer.forward(x);
      layer.backward(context.tensor(random.normals(12), [4, 3]));
      await averageGradients(
        groups[rank]!,
        layer.parameters().map(({ grad }) => grad),
        { count: 4 },
      );
    }),
  );
  const [one, other] = await Promise.all(
    layers.map(async (layer) => Promise.all(layer.parameters().map(async ({ grad }) => grad.read()))),
  );
  expect(one).toEqual(other);
  expect(one!.flatMap((grad) => [...grad]).every((value) => value !== 0)).toBe(true);
});

describe('a tensor that is destroyed before its sum has come', () => {
  /** A group of one, whose step ends by `during`. */
  const groupThat = (during: () => void): Group => ({
    rank: 0,
    size: 1,
    leave: () => {},
    allReduce: async (data) => {
      during();
      return data.map((value) => value + 1);
    },
  });

  it('is refused, and who has its memory by then keeps it', async () => {
    const [kept, gone] = [context.tensor([1, 2], [2]), context.tensor([3, 4], [2])];
    const { buffer } = gone.storage;
    let next = gone;
    const group = groupThat(() => {
      gone.destroy();
      next = context.tensor([5, 6], [2]);
    });
    await expect(sumGradients(group, [kept, gone])).rejects.toMatchObject({
      code: 'destroyed',
      message: expect.stringContaining('sumGradients: array 1 was destroyed'),
    });
    expect(next.storage.buffer).toBe(buffer);
    expect(await next.read()).toEqual(Float32Array.of(5, 6));
  });

  it.each([
    ['before', 1, 4],
    ['after', 0, 3],
  ])('while the half %s it is read', async (_, from, to) => {
    const around = context.tensor([1, 2, 3, 4], [4], { dtype: 'f16' });
    const { buffer } = around.storage;
    let next = around;
    const group = groupThat(() => {
      const { runtime } = around;
      const download = runtime.download.bind(runtime);
      vi.spyOn(runtime, 'download').mockImplementationOnce(async (...given) => {
        const copy = await download(...given);
        around.destroy();
        next = context.tensor([5, 6, 7, 8], [4], { dtype: 'f16' });
        return copy;
      });
    });
    const call = sumGradients(group, [around.slice(0, from, to)]);
    await expect(call).rejects.toMatchObject({ code: 'destroyed' });
    expect(next.storage.buffer).toBe(buffer);
    expect(await next.read()).toEqual(Float32Array.of(5, 6, 7, 8));
  });
});
