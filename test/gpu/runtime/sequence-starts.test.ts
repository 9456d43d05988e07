import { afterEach, describe, expect, it, vi } from 'vitest';
import { instanceNorm, instanceNormBackward, instanceNormForward, layerNorm } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';

/** Starts of packed sequences as numbers: uploaded once, and what a call was given is what it has. */

const contexts = await openContexts();
const [T, C] = [20, 6];
const CLOSE = 32 * 2 ** -24;
const [first, second] = [
  [0, 3, 3, T],
  [0, 11, 12, T],
];

afterEach(() => void vi.restoreAllMocks());

describe.each(Object.entries(contexts))('%s plans', (_, context) => {
  const data = new Random(91).normals(T * C, 1);
  const x = context.tensor(data, [T, C]);
  const exactOf = (segments: readonly number[]): Float64Array =>
    reference.instanceNorm({ data, shape: [T, C] }, { segments }).y.data;
  const starts = (numbers: readonly number[]): Tensor =>
    context.tensor(Uint32Array.from(numbers), [numbers.length], { dtype: 'u32' });

  it.each<[string, (numbers: number[]) => readonly number[] | Int32Array | Uint32Array]>([
    ['an Array', (numbers) => numbers],
    ['an Int32Array', (numbers) => Int32Array.from(numbers)],
    ['a Uint32Array', (numbers) => Uint32Array.from(numbers)],
  ])('%s gives the bits that a tensor gives', async (__, listOf) => {
    const wanted = await layerNorm(x, { segments: starts(first!) }).read();
    expect(await layerNorm(x, { segments: listOf(first!) }).read()).toEqual(wanted);
    expect(await layerNorm(x, { segments: listOf(second!) }).read()).not.toEqual(wanted);
  });

  it('the same numbers again are neither uploaded nor given memory, in the same array and in another', () => {
    const [out, segments] = [context.empty([T, C]), [...first!]];
    for (let round = 0; round < 6; round++) instanceNorm(x, { segments, out });
    const makes = vi.spyOn(context.device, 'createBuffer');
    const writes = vi.spyOn(context.device.queue, 'writeBuffer');
    for (const again of [segments, [...segments], Uint32Array.from(segments)])
      instanceNorm(x, { segments: again, out });
    expect([makes, writes].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    instanceNorm(x, { segments: [0, 1, 2, T], out });
    expect(writes).toHaveBeenCalledTimes(1);
  });

  it('an array whose numbers changed is other starts; what was called before keeps its own', async () => {
    const segments = [...first!];
    const encoder = context.device.createCommandEncoder();
    const recorded = instanceNorm(x, { segments, encoder });
    const { saved } = instanceNormForward(x, { segments });
    segments.splice(0, segments.length, ...second!);
    const after = instanceNorm(x, { segments });
    context.device.queue.submit([encoder.finish()]);
    const { dx } = instanceNormBackward(x, saved);
    expect(relativeError(await recorded.read(), exactOf(first!))).toBeLessThanOrEqual(CLOSE);
    expect(relativeError(await after.read(), exactOf(second!))).toBeLessThanOrEqual(CLOSE);
    const array = { data, shape: [T, C] };
    const exact = reference.instanceNormBackward(array, array, { segments: first! });
    expect(relativeError(await dx.read(), exact.dx.data, { data: [1], shape: [1] })).toBeLessThanOrEqual(CLOSE);
  });

  it('calls that are planned alone upload nothing; after a trim they are uploaded again', async () => {
    const segments = [0, 4, 9, T];
    const writes = vi.spyOn(context.device.queue, 'writeBuffer');
    context.explain(() => instanceNorm(x, { segments }));
    expect(writes).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    instanceNorm(x, { segments }).destroy();
    context.trim();
    const y = instanceNorm(x, { segments });
    expect(relativeError(await y.read(), exactOf(segments))).toBeLessThanOrEqual(CLOSE);
  });

  it('many lists, one after the other, are each right', async () => {
    const lists = Array.from({ length: 600 }, (__, index) => [
      0,
      index % 20,
      (index % 20) + (index % 7 > 3 ? 0 : 1),
      T,
    ]);
    const valid = lists.filter(([, a, b]) => a! <= b! && b! <= T);
    const results = valid.map((segments) => [segments, instanceNorm(x, { segments })] as const);
    for (const [segments, y] of [results[0]!, results[299]!, results.at(-1)!]) {
      expect(relativeError(await y.read(), exactOf(segments))).toBeLessThanOrEqual(CLOSE);
    }
    for (const [, y] of results) y.destroy();
  });
});
