import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as sources from '../../src/index.ts';
import type { Context, ForwardResult, Gradients, Saved, Tensor } from '../../src/index.ts';
import { modes, POINTWISE, RESPONSE } from '../gpu/support/modes.ts';
import type { Mode } from '../gpu/support/modes.ts';
import { Random } from '../gpu/support/random.ts';
import { fill, optionsWith } from '../gpu/support/run.ts';
import type { Filled } from '../gpu/support/run.ts';
import { seed } from '../gpu/support/seed.ts';
import { gpu } from '../setup/gpu.ts';
import { dist, ensureBuilt } from './build.ts';

type Library = typeof sources;

const SIZE = { N: 4, C: 6, L: 40 };
const FUSED = { residual: true, activation: 'gelu', outputDtype: 'bf16' } as const;

/** y, the gradient of x and those of the parameters, of a call that is fused or plain. */
async function results(library: Library, context: Context, filled: Filled, fused: boolean): Promise<Float32Array[]> {
  const tensor = ({ data, shape }: Filled['x']): Tensor => context.tensor(data, shape);
  const arrays = Object.entries(filled.arrays).map(([name, array]) => [name, tensor(array)] as const);
  const { style, ...others } = Object.fromEntries(arrays) as Record<string, Tensor>;
  const x = tensor(filled.x);
  const options = { ...optionsWith(filled.options, others), ...(fused && { ...FUSED, residual: x }) };
  const forward = library[`${filled.op}Forward`] as unknown as (...given: unknown[]) => ForwardResult;
  const { y, saved } = style ? forward(x, style, options) : forward(x, options);
  const backward = library[`${filled.op}Backward`] as unknown as (dy: Tensor, saved: Saved) => Gradients;
  return Promise.all([y, ...Object.values(backward(y, saved))].map(async (one) => new Float32Array(await one.read())));
}

/** What is built computes what its sources do. */
describe('the built package', () => {
  const contexts: { library: Library; context: Context }[][] = [];

  beforeAll(async () => {
    ensureBuilt();
    const built: Library = await import(/* @vite-ignore */ join(dist, 'index.js'));
    for (const profile of [undefined, { software: false, parallel: 1 << 16, maxWorkgroup: 64 }]) {
      const pair = [];
      for (const library of [sources, built]) {
        const context = await library.createContext({ gpu: await gpu(), ...(profile && { profile }) });
        pair.push({ library, context });
      }
      contexts.push(pair);
    }
  });

  it('tells a tensor of another copy of the library, and so for all that a copy makes', async () => {
    const [{ context }, { library, context: other }] = contexts[0] as [
      (typeof contexts)[0][0],
      (typeof contexts)[0][0],
    ];
    const x = context.tensor([1, 2, 3, 4], [2, 2]);
    const { y, saved } = sources.layerNormForward(x);
    const theirs = other.wrap(y.buffer, { shape: y.shape });
    const moments = sources.moments(x, { axes: 1 });
    const copy = (type: string): string => `a ${type} of another copy of webgpu-norm`;
    const option = (says: string): unknown =>
      expect.objectContaining({ code: 'option', message: expect.stringContaining(says) });
    expect(() => library.layerNorm(x)).toThrow(option(`layerNorm: x is no Tensor but ${copy('Tensor')}`));
    expect(() => library.layerNorm(theirs, { weight: x })).toThrow(option(`weight is no Tensor but ${copy('Tensor')}`));
    expect(() => library.mergeMoments([moments])).toThrow(option(`but ${copy('Moments')}`));
    expect(() => library.loadMoments(context, {} as never)).toThrow(option(`context is ${copy('Context')}`));
    expect(() => library.layerNormBackward(theirs, saved)).toThrow(
      expect.objectContaining({ code: 'saved', message: expect.stringContaining(copy('Saved')) }),
    );
  });

  it.each([...modes, ...POINTWISE, RESPONSE].map((mode, index): [string, Mode, number] => [mode.name, mode, index]))(
    'gives the bits of its sources: %s',
    async (_, mode, index) => {
      const filled = fill(mode, mode.call(SIZE, mode.layouts[0]!), 'both', new Random(seed));
      // In turn plain as a software adapter runs it, and fused as a GPU would.
      const pair = contexts[index % contexts.length]!;
      const [exact, built] = [
        await results(pair[0]!.library, pair[0]!.context, filled, index % 2 > 0),
        await results(pair[1]!.library, pair[1]!.context, filled, index % 2 > 0),
      ];
      expect(exact[0]!.some((value) => value !== 0)).toBe(true);
      expect(built).toEqual(exact);
    },
  );
});
