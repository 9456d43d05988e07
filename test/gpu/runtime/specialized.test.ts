import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { backwardOf, fillGradient } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import type { Mode, Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, fill } from '../support/run.ts';

const contexts = await openContexts();

/** Calls after which a shape that comes back has programs of its own. */
const RUNS = 16;
/** Rows and columns by fours and not, short ones, and groups in several parts. */
const SIZES: Size[] = [
  { N: 3, C: 8, L: 36 },
  { N: 2, C: 5, L: 49 },
  { N: 1, C: 4, L: 8200 },
];

afterEach(() => void vi.restoreAllMocks());

describe.each(Object.entries(contexts))('%s plans', (_, context) => {
  const calls = modes.map((mode, index) => {
    const sizes = SIZES.filter((size) => !mode.refuses?.(size));
    const [size, layout] = [sizes[index % sizes.length]!, mode.layouts[index % mode.layouts.length]!];
    return { mode, size, layout, name: `${mode.name} ${layout} ${Object.values(size).join()}` };
  });

  it.each(calls)('a shape that comes back gets the same bits from programs of its own: $name', async (call) => {
    const run = runner(call.mode, call.size, call.layout);
    const compile = vi.spyOn(context.device, 'createComputePipelineAsync');
    const first = await run();
    for (let time = 1; time < RUNS; time++) await run();
    await vi.waitFor(() => expect(compile).toHaveBeenCalled());
    await settled(compile);
    expect(await run()).toEqual(first);
  });

  /** Every result of a call and its gradient, as bits. */
  function runner(mode: Mode, size: Size, layout: string): () => Promise<Uint32Array[]> {
    const random = new Random(77);
    const filled = fill(mode, mode.call(size, layout), 'both', random);
    const placed = new Map<string, Tensor>();
    const dy = fillGradient(filled, random);
    return async () => {
      const running = ['runningMean', 'runningVar'];
      const place = ({ data, shape }: typeof dy, name: string): Tensor => {
        if (!placed.has(name) || running.includes(name)) placed.set(name, context.tensor(data, shape));
        return placed.get(name)!;
      };
      const { y, saved } = callGpuForward(filled, place);
      const gradients = backwardOf(filled.op)(place(dy, 'dy'), saved);
      const results = [y, saved.mean, saved.rstd, ...Object.values(gradients)];
      const bits = await Promise.all(results.map(async (tensor) => new Uint32Array((await tensor.read()).buffer)));
      for (const tensor of results) tensor.destroy();
      return bits;
    };
  }
});

/** Waits until nothing is compiled any more: programs are compiled one after the other. */
async function settled(compile: { mock: { results: { value: unknown }[] } }): Promise<void> {
  for (let seen = -1; seen !== compile.mock.results.length;) {
    seen = compile.mock.results.length;
    await Promise.all(compile.mock.results.map(({ value }) => value));
    await new Promise((resolve) => setTimeout(resolve));
  }
}
