import { describe, expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../src/options/activation.ts';
import { randomArray } from './arrays.ts';
import { backward, calls, forward, inputOf } from './calls.ts';
import type { Arrays, Call, Fused } from './calls.ts';
import { dot, expectSlopes } from './differences.ts';

/** Every normalization with every fusion, by differences: (G1) to (G15), (G17), (G18) and (G20) to (G22) together, and AdaIN's (G16). */

/** What a call does besides: arrays for its x, and options. */
interface Fusion {
  name: string;
  arrays?: (call: Call) => Arrays;
  options?: Fused;
}

const like = ({ shape }: Call, seed: number) => randomArray(shape, seed);
const ofChannels = ({ shape, channel }: Call, seed: number) => randomArray([shape[channel]!], seed);
const ofBoth = ({ shape, sample, channel }: Call, seed: number) =>
  randomArray([sample === undefined ? 1 : shape[sample]!, shape[channel]!], seed);
/** Every other axis of size 1. */
const ofSome = ({ shape }: Call, seed: number) =>
  randomArray(
    shape.map((size, axis) => (axis % 2 === 0 ? size : 1)),
    seed,
  );

const fusions: Fusion[] = [
  { name: 'nothing' },
  { name: 'a residual', arrays: (call) => ({ residual: like(call, 31) }) },
  { name: 'a gate as large as x', arrays: (call) => ({ residual: like(call, 31), gate: like(call, 32) }) },
  { name: 'a gate of samples and channels', arrays: (call) => ({ residual: like(call, 31), gate: ofBoth(call, 32) }) },
  { name: 'a gate of channels', arrays: (call) => ({ residual: like(call, 31), gate: ofChannels(call, 32) }) },
  { name: 'a gate along some axes', arrays: (call) => ({ residual: like(call, 31), gate: ofSome(call, 32) }) },
  { name: 'a scale alone', arrays: (call) => ({ scale: like(call, 33) }) },
  { name: 'a shift alone', arrays: (call) => ({ shift: ofBoth(call, 34) }) },
  { name: 'scale and shift as large as x', arrays: (call) => ({ scale: like(call, 33), shift: like(call, 34) }) },
  { name: 'scale and shift of both', arrays: (call) => ({ scale: ofBoth(call, 33), shift: ofBoth(call, 34) }) },
  {
    name: 'scale of channels, shift of some',
    arrays: (call) => ({ scale: ofChannels(call, 33), shift: ofSome(call, 34) }),
  },
  {
    name: 'scale of some, shift of channels',
    arrays: (call) => ({ scale: ofSome(call, 33), shift: ofChannels(call, 34) }),
  },
  { name: 'a residual of channels', arrays: (call) => ({ residual: ofChannels(call, 31) }) },
  { name: 'an input bias', arrays: (call) => ({ inputBias: ofChannels(call, 35), residual: like(call, 31) }) },
  { name: 'an addend', arrays: (call) => ({ add: like(call, 36) }), options: { activation: 'silu' } },
  { name: 'an addend of both', arrays: (call) => ({ add: ofBoth(call, 36) }) },
  ...(['before', 'after'] as const).flatMap((where): Fusion[] => [
    { name: `a factor ${where}`, arrays: (call) => ({ by: like(call, 37) }), options: { multiply: { where } } },
    {
      name: `a factor of some ${where}, through silu`,
      arrays: (call) => ({ by: ofSome(call, 37), add: ofSome(call, 36) }),
      options: { multiply: { where, activation: 'silu' }, activation: 'tanh' },
    },
  ]),
  { name: 'a zero-centered weight', options: { zeroCenteredWeight: true } },
  ...ACTIVATION_NAMES.map((activation): Fusion => ({ name: activation, options: { activation } })),
  ...(['leaky-relu', 'silu'] as const).map((activation): Fusion => ({
    name: `everything and ${activation}`,
    arrays: (call) => ({
      residual: like(call, 31),
      gate: ofSome(call, 32),
      scale: ofBoth(call, 33),
      shift: like(call, 34),
    }),
    options: { activation, ...(activation === 'leaky-relu' && { negativeSlope: 0.2 }), zeroCenteredWeight: true },
  })),
];

describe.each(calls)('gradients of $op $name are the slopes of its values', (call) => {
  it.each(fusions)('with $name', ({ arrays: arraysFor, options = {} }) => {
    const x = inputOf(call);
    const given = arraysFor?.(call) ?? {};
    const [dy, dresidualOut] = [randomArray(call.shape, 41), randomArray(call.shape, 42)];
    const gradients = backward(call, dy, x, { ...given, ...options, ...('residual' in given && { dresidualOut }) });
    const arrays: Arrays = { x, ...call.arrays, ...given };
    expect(Object.keys(gradients).toSorted()).toEqual(
      Object.keys(arrays)
        .map((name) => `d${name}`)
        .toSorted(),
    );
    const loss = (): number => {
      const { y, residualOut } = forward(call, x, { ...given, ...options });
      return dot(dy, y) + (residualOut ? dot(dresidualOut, residualOut) : 0);
    };
    for (const [name, array] of Object.entries(arrays)) expectSlopes(gradients[`d${name}`], `d${name}`, array, loss);
  });

  it('without a gradient of residualOut', () => {
    const x = inputOf(call);
    const fused = { residual: like(call, 31), gate: like(call, 32), activation: 'silu' } as const;
    const dy = randomArray(call.shape, 41);
    const gradients = backward(call, dy, x, fused);
    const loss = (): number => dot(dy, forward(call, x, fused).y);
    expectSlopes(gradients['dx'], 'dx', x, loss);
    expectSlopes(gradients['dresidual'], 'dresidual', fused.residual, loss);
    expectSlopes(gradients['dgate'], 'dgate', fused.gate, loss);
  });

  it('without weight and bias', () => {
    const bare = { ...call, arrays: 'style' in call.arrays ? call.arrays : {} };
    const x = inputOf(bare);
    const fused = { scale: like(call, 33), activation: 'gelu' } as const;
    const dy = randomArray(call.shape, 41);
    const gradients = backward(bare, dy, x, fused);
    const loss = (): number => dot(dy, forward(bare, x, fused).y);
    expect(Object.keys(gradients).toSorted()).toEqual(
      ['dx', 'dscale', ...Object.keys(bare.arrays).map((name) => `d${name}`)].toSorted(),
    );
    expectSlopes(gradients['dx'], 'dx', x, loss);
    expectSlopes(gradients['dscale'], 'dscale', fused.scale, loss);
  });
});
