import { expect, it } from 'vitest';
import { openContexts, PLANS } from './support/contexts.ts';
import { fuse, fusedErrors, pullFor } from './support/fused.ts';
import type { Fusing } from './support/fused.ts';
import { modes } from './support/modes.ts';
import { Random } from './support/random.ts';
const contexts = await openContexts();
const base: Fusing = {
  dtype: 'f32',
  like: false,
  affine: 'both',
  residual: 'none',
  modulation: 'none',
  activation: 'none',
  left: 'none',
};
const variants: Record<string, Partial<Fusing>> = {
  base: {},
  none: { affine: 'none' },
  zero: { affine: 'zero-centred' },
  relu: { activation: 'relu' },
  leaky: { activation: 'leaky-relu' },
  silu: { activation: 'silu' },
  gelu: { activation: 'gelu' },
  gt: { activation: 'gelu-tanh' },
  sig: { activation: 'sigmoid' },
  tanh: { activation: 'tanh' },
  res: { residual: 'plain' },
  gate: { residual: 'gated' },
  modc: { modulation: 'channel' },
  modca: { modulation: 'channel', affine: 'none' },
  mods: { modulation: 'sample' },
  modsa: { modulation: 'sample', affine: 'none' },
  modf: { modulation: 'full' },
  modfa: { modulation: 'full', affine: 'none' },
  out: { left: 'out' },
  outz: { left: 'zero' },
  f16: { dtype: 'f16' },
  bf16: { dtype: 'bf16' },
  f16l: { dtype: 'f16', like: true },
};
for (const L of [36, 49])
  for (const plans of PLANS)
    for (const mode of modes.filter((m) =>
      ['BatchNorm, training', 'LayerNorm, last axis', 'GroupNorm', 'InstanceNorm', 'RMSNorm'].includes(m.name),
    ))
      for (const layout of mode.layouts.slice(0, 2))
        for (const [name, v] of Object.entries(variants)) {
          it(`${mode.name} ${layout} ${L} ${plans} ${name}`, async () => {
            const random = new Random(5);
            const fused = fuse(mode, mode.call({ N: 2, C: 8, L }, layout), layout, { ...base, ...v }, random);
            const errors = await fusedErrors(contexts[plans], fused, pullFor(fused, random), null);
            const bad = Object.entries(errors)
              .filter(([, e]) => !(e <= 1))
              .map(([n, e]) => `${n}:${e.toPrecision(3)}`)
              .join(' ');
            expect(bad).toBe('');
          });
        }
