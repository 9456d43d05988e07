import { expect, it } from 'vitest';
import { HALVES } from '../gpu/support/formats.ts';
import { openContexts } from '../gpu/support/contexts.ts';
import { fusedErrors } from '../gpu/support/fused-errors.ts';
import { fuse, gradientFor } from '../gpu/support/fused.ts';
import { modes } from '../gpu/support/modes.ts';
import { Random } from '../gpu/support/random.ts';
import { part } from '../gpu/support/sweeps.ts';

/**
 * One call of every mode and dtype with all of its gradients: f16, which is stored one by one, by the plans of a GPU, the others by those of
 * a software adapter, whose programs are compiled sooner.
 */

const contexts = await openContexts();
const { features } = contexts.hardware.device;

const FUSING = {
  like: true,
  affine: 'both',
  residual: 'none',
  modulation: 'none',
  activation: 'none',
  mask: 'none',
} as const;
const SIZE = { N: 3, C: 8, L: 36 };

it.skipIf(!features.has('shader-f16'))('stores halves one by one (shader-f16)', () => {
  expect(contexts.hardware.profile.f16).toBe(true);
});

it.skipIf(!features.has('subgroups'))('adds up within subgroups (subgroups)', () => {
  const { hardware } = contexts;
  expect(hardware.profile.subgroup).toBe(hardware.adapterInfo.subgroupMinSize);
});

const calls = modes.flatMap((mode, index) =>
  (['f32', ...HALVES] as const).map((dtype, turn) => {
    const layout = mode.layouts[(index + turn) % mode.layouts.length]!;
    return { mode, name: mode.name, dtype, layout, random: new Random(10 * index + turn) };
  }),
);

it.each(part(calls))('$name, $layout, $dtype', async ({ mode, dtype, layout, random }) => {
  const fused = fuse(mode, mode.call(SIZE, layout), layout, { ...FUSING, dtype }, random);
  const context = contexts[dtype === 'f16' ? 'hardware' : 'software'];
  for (const [result, units] of Object.entries(await fusedErrors(context, fused, gradientFor(fused, random), null))) {
    expect(units, result).toBeLessThanOrEqual(1);
  }
});
