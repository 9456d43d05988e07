import { describe, expect, it } from 'vitest';
import { createContext, instanceNorm, layerNorm, layerNormBackward, layerNormForward } from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { encode } from '../support/formats.ts';
import { fuse } from '../support/fused.ts';
import type { Fused, Fusing } from '../support/fused.ts';
import { modes } from '../support/modes.ts';
import type { Size } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { bytesOf, placeAt, watchingBindings } from '../support/placed.ts';
import type { Placed } from '../support/placed.ts';
import { Random } from '../support/random.ts';
import { callGpu } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/**
 * Results that go over x, over what is added last and over the residual: the bits are those of results in memory of their own, what lies around in the buffer
 * stays, and each buffer is bound once.
 */

const plans = await openContexts({ specialize: true });
const { device } = plans.software;
const software = { software: true, parallel: 64 };
const inWorkgroups = { reduce: 'workgroup', lanes: 16, chunk: 48 } as const;
const contexts: Record<string, Context> = {
  ...plans,
  packing: await createContext({ device, profile: { ...software, f16: false } }),
  'four groups': await createContext({
    device,
    profile: software,
    schedule: { name: 'whole', reduce: 'invocation', tile: 'memory', lanes: 1, groupsPerInvocation: 4 },
  }),
  'few arrays': await createContext({ device, profile: { ...software, maxArrays: 6 } }),
  'in registers': await createContext({
    device,
    profile: software,
    schedule: { name: 'split', tile: 'registers', ...inWorkgroups },
  }),
  'split in memory': await createContext({
    device,
    profile: software,
    schedule: { name: 'split', tile: 'memory', ...inWorkgroups },
  }),
};

const SIZES: readonly Size[] = [
  { N: 4, C: 16, L: 64 },
  { N: 3, C: 9, L: 35 },
  { N: 5, C: 4, L: 7 },
  { N: 2, C: 3, L: 4097 },
];

const FUSINGS = {
  dtype: ['f32', 'f16', 'bf16'],
  affine: ['none', 'both', 'zero-centered'],
  residual: ['none', 'plain', 'gated'],
  modulation: ['none', 'sample'],
  activation: ['none', 'silu'],
  mask: ['none', 'statistics', 'output'],
  size: SIZES,
  elementOffset: [0, 1, 4, 7],
  over: ['x', 'residual', 'both', 'add'],
} as const;

/** The results of a call in memory of their own, and over its operands; `over`: which. */
async function expectSameInPlace(
  context: Context,
  fused: Fused,
  elementOffset: number,
  over: 'x' | 'residual' | 'both' | 'add',
): Promise<void> {
  const dtype = fused.dtypes['x']!;
  const shape = [...fused.x.shape];
  const run = (inPlace: boolean): { y: Tensor; residualOut: Tensor | undefined; placed: Placed[] } => {
    const placed: Placed[] = [];
    const place = ({ data }: { data: ArrayLike<number> }): Tensor => {
      placed.push(placeAt(context, data, shape, dtype, elementOffset));
      return placed.at(-1)!.tensor;
    };
    const x = place(fused.x);
    const residual = fused.arrays['residual'] && place(fused.arrays['residual']);
    const add = fused.arrays['add'] && place(fused.arrays['add']);
    const out = !inPlace || over === 'residual' ? undefined : over === 'add' ? add! : x;
    const overResidual = inPlace && (over === 'residual' || over === 'both');
    const residualOut = residual && (overResidual ? residual : context.empty(shape, { dtype }));
    let y!: Tensor;
    const { twice } = watchingBindings(
      device,
      [x, residual, add].filter((one) => one !== undefined),
      () => {
        y = callGpu(
          fused,
          (array, name) => {
            if (name === 'x') return x;
            if (name === 'residual') return residual!;
            if (name === 'add') return add!;
            const format = name === 'mask' ? 'f32' : fused.dtypes[name]!;
            return context.tensor(format === 'f32' ? array.data : encode(format, array.data), array.shape, {
              dtype: format,
            });
          },
          { ...(out && { out }), ...(residualOut && { residualOut }) },
        );
      },
    );
    if (out) expect(y).toBe(out);
    expect(twice, 'bind groups with one buffer twice').toBe(0);
    return { y, residualOut, placed };
  };
  const [apart, inPlace] = [run(false), run(true)];
  expect(await bytesOf(inPlace.y), 'y').toEqual(await bytesOf(apart.y));
  if (apart.residualOut) {
    expect(await bytesOf(inPlace.residualOut!), 'residualOut').toEqual(await bytesOf(apart.residualOut));
  }
  for (const { untouched } of inPlace.placed) expect(await untouched(), 'what lies around').toBe(true);
  for (const { placed } of [apart, inPlace]) for (const { tensor } of placed) tensor.buffer.destroy();
}

const designs = pairwise({ mode: modes, plans: Object.keys(contexts), ...FUSINGS }, new Random(1));

describe.each(Object.entries(contexts))('%s', (name, context) => {
  const own = designs.filter((design) => design.plans === name);
  it.each(part(modes))('$name over x and the residual gives the same bits', async (mode) => {
    for (const [turn, design] of own.filter((one) => one.mode === mode).entries()) {
      const { size, elementOffset, ...fusing } = design;
      const over = name === 'few arrays' && design.over === 'add' ? 'x' : design.over;
      const added = over === 'add' ? { like: true, add: 'full' } : {};
      const layout = mode.layouts[(designs.indexOf(design) + turn) % mode.layouts.length]!;
      const fewer = name === 'few arrays' ? { modulation: 'none', mask: 'none' } : {};
      const call = mode.call(size, layout);
      const fused = fuse(
        mode,
        call,
        layout,
        { like: false, ...fusing, ...fewer, ...added } as Fusing,
        new Random(turn + 1),
      );
      await expectSameInPlace(context, fused, elementOffset, over);
    }
  });
});

describe('in place', () => {
  const context = plans.software;
  const rows = (seed: number): Tensor => context.tensor(new Random(seed).normals(6 * 40), [6, 40]);

  it('binds a buffer once, and says so in its plan', () => {
    const [x, residual] = [rows(1), rows(2)];
    const [plan] = context.explain(() => layerNorm(x, { residual, residualOut: residual, out: x }));
    const [pass] = plan!.passes;
    expect(plan!.passes).toHaveLength(1);
    expect(pass!.bindings.map(({ resource, access }) => [resource, access])).toEqual([
      ['x', 'update'],
      ['residual', 'update'],
    ]);
    expect(pass!.same).toEqual({ y: 'x', residual_out: 'residual' });
    const { groups, twice } = watchingBindings(device, [x, residual], () =>
      layerNorm(x, { residual, residualOut: residual, out: x }),
    );
    expect([groups, twice]).toEqual([1, 0]);
  });

  it('takes two wraps of one range for one tensor', async () => {
    const { buffer } = rows(3);
    const [x, out] = [context.wrap(buffer, { shape: [6, 40] }), context.wrap(buffer, { shape: [6, 40] })];
    const expected = await layerNorm(rows(3)).read();
    expect(layerNorm(x, { out })).toBe(out);
    expect(await out.read()).toEqual(expected);
  });

  it('warm calls allocate and compile nothing, and take turns with calls out of place', async () => {
    const x = rows(4);
    const out = context.empty([6, 40]);
    const call = (): void => {
      layerNorm(x, { out });
      layerNorm(x, { out: x });
    };
    for (let i = 0; i < 20; i++) call();
    await context.device.queue.onSubmittedWorkDone();
    const { createBuffer, createComputePipeline } = device;
    let made = 0;
    device.createBuffer = (...rest) => (made++, createBuffer.apply(device, rest));
    device.createComputePipeline = (...rest) => (made++, createComputePipeline.apply(device, rest));
    try {
      expect(watchingBindings(device, [], call).groups).toBe(0);
    } finally {
      Object.assign(device, { createBuffer, createComputePipeline });
    }
    expect(made).toBe(0);
  });

  it('writes what is left of four groups once', async () => {
    for (const count of [256, 257, 258, 259]) {
      const data = new Random(count).normals(count * 32);
      const [x, weight] = [context.tensor(data, [count, 32]), context.tensor(new Random(5).normals(32), [32])];
      const apart = await layerNorm(x, { weight }).read();
      expect(await layerNorm(x, { weight, out: x }).read(), `${count} rows`).toEqual(apart);
    }
  });

  it('a Forward call whose gradient needs the sum alone may write over x and the residual', async () => {
    const gradient = async (overwrites: boolean): Promise<Float32Array[]> => {
      const [x, residual, weight] = [rows(5), rows(6), context.tensor(new Random(7).normals(40), [40])];
      const outputs = overwrites ? { out: x, residualOut: residual } : {};
      const { y, saved, residualOut } = layerNormForward(x, { residual, weight, ...outputs });
      if (overwrites) expect([y, residualOut]).toEqual([x, residual]);
      const { dx, dweight } = layerNormBackward(rows(8), saved);
      return Promise.all([y, residualOut!, dx, dweight!].map(async (tensor) => tensor.read()));
    };
    expect(await gradient(true)).toEqual(await gradient(false));
  });

  it('runs in an encoder', async () => {
    const x = context.tensor(new Random(9).normals(2 * 8 * 25), [2, 8, 5, 5]);
    const expected = await instanceNorm(instanceNorm(x)).read();
    const encoder = device.createCommandEncoder();
    instanceNorm(x, { out: x, encoder });
    instanceNorm(x, { out: x, encoder });
    device.queue.submit([encoder.finish()]);
    expect(await x.read()).toEqual(expected);
  });
});
