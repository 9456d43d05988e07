import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import { gradientFor, rounded } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { hiddenOf, poisoned, poisonedArray, POISONS } from '../support/padding.ts';
import { Random } from '../support/random.ts';
import { resultsOf } from '../support/results.ts';
import { sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { seed } from '../support/seed.ts';
import { drawn } from '../support/sweeps.ts';
import { ACTIVATION_NAMES } from '../../../src/options/activation.ts';

/** With `maskOutput`, what masked positions hold changes no bit of any result. */

const contexts = Object.entries(await openContexts());

/** The modes with a mask; running statistics are used, or updated. */
const MODES: Record<string, [op: Filled['op'], options: Record<string, unknown>, running: boolean]> = {
  'batchNorm in training': ['batchNorm', { training: true }, false],
  'batchNorm in training, tracked': ['batchNorm', { training: true }, true],
  'batchNorm in inference': ['batchNorm', {}, true],
  instanceNorm: ['instanceNorm', {}, false],
  'instanceNorm, tracked': ['instanceNorm', {}, true],
  groupNorm: ['groupNorm', { numGroups: 1 }, false],
  'instanceNorm with running statistics': ['instanceNorm', { useInputStats: false }, true],
};

const SHAPES = ['none', '[C]', '[N,C]', 'positions', 'full'] as const;

const calls = fc.record({
  mode: fc.constantFrom(...Object.keys(MODES)),
  layout: fc.constantFrom('NLC', 'NCL', 'NHWC', 'NCHW'),
  sizes: fc.record({
    N: fc.integer({ min: 1, max: 4 }),
    C: fc.integer({ min: 1, max: 9 }),
    L: fc.constantFrom(2, 5, 16, 70),
    H: fc.integer({ min: 1, max: 5 }),
    W: fc.integer({ min: 2, max: 5 }),
  }),
  dtype: fc.constantFrom('f32', 'f16', 'bf16'),
  like: fc.boolean(),
  affine: fc.boolean(),
  residual: fc.boolean(),
  gate: fc.constantFrom(...SHAPES),
  scale: fc.constantFrom(...SHAPES),
  shift: fc.constantFrom(...SHAPES),
  activation: fc.constantFrom(undefined, ...ACTIVATION_NAMES),
  arrives: fc.boolean(),
  poison: fc.constantFrom(...Object.keys(POISONS)),
  numbers: fc.nat(),
});
type Call = typeof calls extends fc.Arbitrary<infer T> ? T : never;

function callOf(call: Call, random: Random): Fused {
  const { layout, sizes, dtype, like, activation } = call;
  const [op, options, running] = MODES[call.mode]!;
  const shape = [...layout].map((letter) => sizes[letter as 'N']);
  const normals = (of: number[], mean = 0) => ({ data: random.normals(sizeOf(of), mean, 0.5), shape: of });
  const positions = shape.filter((_, axis) => layout[axis] !== 'C');
  const shapes = {
    '[C]': [sizes.C],
    '[N,C]': [sizes.N, sizes.C],
    positions: shape.map((size, axis) => (layout[axis] === 'C' ? 1 : size)),
    full: shape,
  };
  const arrays: Filled['arrays'] = {};
  if (call.affine) Object.assign(arrays, { weight: normals([sizes.C], 1), bias: normals([sizes.C]) });
  if (call.residual) arrays['residual'] = normals(shape);
  for (const name of ['gate', 'scale', 'shift'] as const) {
    const of = call[name];
    if (of !== 'none' && (name !== 'gate' || call.residual)) arrays[name] = normals(shapes[of]);
  }
  if (running) Object.assign(arrays, { runningMean: normals([sizes.C]), runningVar: normals([sizes.C], 4) });
  // Every other call has a sample of nothing but padding.
  const bare = random.uniform() < 0.5 ? Math.floor(random.uniform() * sizes.N) : -1;
  const length = sizeOf(positions) / sizes.N;
  const mask = Float32Array.from({ length: sizeOf(positions) }, (_, at) =>
    Math.floor(at / length) === bare || random.uniform() < 0.3 ? 0 : 1,
  );
  arrays['mask'] = { data: mask, shape: positions };
  const all = { ...options, layout, maskOutput: true, ...(activation && { activation }) };
  return rounded({ op, x: normals(shape, 0.5), options: all, arrays }, { dtype, like });
}

/** Results at padding: those of the shape of x, and the gradients of what varies along positions or samples. */
function expectZeros(fused: Fused, results: Record<string, Float64Array>): void {
  for (const [name, numbers] of Object.entries(results)) {
    const like = ['alone', 'y', 'residualOut', 'dx'].includes(name)
      ? fused.x
      : name[0] === 'd' && fused.arrays[name.slice(1)];
    if (!like) continue;
    const hidden = hiddenOf(fused, like);
    // 0 of either sign.
    expect(numbers.filter((value, at) => hidden[at] && value !== 0).length, `${name} at padding`).toBe(0);
  }
}

it.each(contexts)(`%s plans (seed ${seed})`, async (_, context) => {
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      const random = new Random(call.numbers);
      const made = callOf(call, random);
      const zeros = poisoned(made, () => 0);
      const [dy, dresidualOut] = [
        gradientFor(made, random),
        call.arrives && call.residual ? gradientFor(made, random) : undefined,
      ];
      const gradientsWith = (poison: (nth: number) => number) =>
        [poisonedArray(made, dy, poison), dresidualOut && poisonedArray(made, dresidualOut, poison)] as const;
      const wanted = await resultsOf(context, zeros, ...gradientsWith(() => 0));
      expectZeros(zeros, wanted);
      const poison = POISONS[call.poison]!;
      const actual = await resultsOf(context, poisoned(made, poison), ...gradientsWith(poison));
      for (const [name, numbers] of Object.entries(wanted)) expect(actual[name], name).toEqual(numbers);
    }),
    { seed, numRuns: drawn(60) },
  );
});
