import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Tensor } from '../../../src/index.ts';
import { compilesSlowly } from '../../setup/gpu.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { eventually } from '../support/eventually.ts';
import { fuse, gradientFor, placing } from '../support/fused.ts';
import type { Fused, Fusing } from '../support/fused.ts';
import { backwardOf } from '../support/gradients.ts';
import { modes, POINTWISE, RESPONSE } from '../support/modes.ts';
import type { Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

const contexts = await openContexts({ specialize: true });

/** Calls after which a shape that comes back has programs of its own. */
const RUNS = 16;
/** Rows and columns by fours and not, short ones, and groups in several parts. */
const SIZES: Size[] = [
  { N: 3, C: 8, L: 36 },
  { N: 2, C: 5, L: 49 },
  { N: 1, C: 4, L: 8200 },
];
const PLAIN: Fusing = {
  dtype: 'f32',
  like: true,
  affine: 'both',
  residual: 'none',
  modulation: 'none',
  activation: 'none',
  mask: 'none',
};
/** Halves, masks and what is fused. */
const FUSED: [mode: string, layout: string, fusing: Partial<Fusing>][] = [
  ['BatchNorm, training', 'NHWC', { dtype: 'f16', residual: 'gated', activation: 'silu', mask: 'output' }],
  ['InstanceNorm', 'NCHW', { dtype: 'bf16', modulation: 'sample', mask: 'statistics' }],
  ['GroupNorm', 'NHWC', { dtype: 'f16', modulation: 'channel', activation: 'gelu' }],
  ['RMSNorm', 'rows', { dtype: 'bf16', affine: 'zero-centered', residual: 'plain', mask: 'statistics' }],
];

const plain = [...modes, ...POINTWISE].map((mode, index) => {
  const sizes = SIZES.filter((size) => !mode.refuses?.(size));
  const [size, layout] = [sizes[index % sizes.length]!, mode.layouts[index % mode.layouts.length]!];
  const name = `${mode.name} ${layout} ${Object.values(size).join()}`;
  return { name, fused: fuse(mode, mode.call(size, layout), layout, PLAIN, new Random(77)) };
});
const fusions = FUSED.map(([of, layout, fusing]) => {
  const mode = modes.find(({ name }) => name === of)!;
  const name = `${of} ${layout}, ${Object.values(fusing).join()}`;
  return { name, fused: fuse(mode, mode.call(SIZES[0]!, layout), layout, { ...PLAIN, ...fusing }, new Random(78)) };
});

/** A mean over channels: what divides by a constant may multiply by its reciprocal, which is another number unless it is a power of two. */
const response = {
  name: 'GRN of 7 channels',
  fused: fuse(RESPONSE, RESPONSE.call({ N: 3, C: 7, L: 36 }, 'NCHW'), 'NCHW', PLAIN, new Random(81)),
};

afterEach(() => void vi.restoreAllMocks());

describe.each(PLANS)('%s plans', (plans) => {
  const context = contexts[plans];

  // LLVM, in lavapipe, rounds a sum otherwise once it knows how long it is.
  it.skipIf(compilesSlowly).each([...part([...plain, ...fusions]), response])(
    'a shape that comes back gets the same bits from programs of its own: $name',
    async ({ fused }) => {
      const run = runner(fused);
      const compile = vi.spyOn(context.device, 'createComputePipelineAsync');
      const first = await run();
      for (let time = 1; time < RUNS; time++) await run();
      await eventually(() => expect(compile).toHaveBeenCalled());
      await settled(compile);
      expect(await run()).toEqual(first);
    },
  );

  /** Every result of a call and its gradient, as bits. */
  function runner(fused: Fused): () => Promise<Uint8Array[]> {
    const placed = new Map<string, Tensor>();
    const dy = gradientFor(fused, new Random(79));
    return async () => {
      const running = ['runningMean', 'runningVar'];
      const place = (array: typeof dy, name: string): Tensor => {
        if (!placed.has(name) || running.includes(name)) placed.set(name, placing(context, fused)(array, name));
        return placed.get(name)!;
      };
      const { y, saved, residualOut } = callGpuForward(fused, place);
      const gradients = backwardOf(fused.op)(place(dy, 'dy'), saved);
      const results = [y, saved.mean, saved.rstd, ...(residualOut ? [residualOut] : []), ...Object.values(gradients)];
      const bits = await Promise.all(results.map(bitsOf));
      for (const tensor of results) tensor.destroy();
      return bits;
    };
  }
});

async function bitsOf(tensor: Tensor): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = (await tensor.read(tensor.dtype)) as unknown as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Waits until nothing is compiled any more: programs are compiled one after the other. */
async function settled(compile: { mock: { results: { value: unknown }[] } }): Promise<void> {
  for (let seen = -1; seen !== compile.mock.results.length;) {
    seen = compile.mock.results.length;
    await Promise.all(compile.mock.results.map(({ value }) => value));
    await new Promise((resolve) => setTimeout(resolve));
  }
}
