import { describe, expect, it } from 'vitest';
import type { GradientName } from '../../../src/index.ts';
import { gradientsByAutodiff } from '../support/autodiff.ts';
import { gradientBoundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import type { Plans } from '../support/contexts.ts';
import { backwardOf, differences, fillGradient, GRADIENT_OF, gradientErrors } from '../support/gradients.ts';
import { EVERY_PLACE, modes } from '../support/modes.ts';
import type { Mode, Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { AFFINE, callGpuForward, fill, normalizedByReference, relativeError, upload } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { AWKWARD, LARGE } from '../support/sizes.ts';

/**
 * Every mode, layout, kind of parameters and awkward shape, with the plans of both kinds of adapter: (G2), (G6), (G8) to (G10), (G12), (G13) of
 * running statistics and (G16). Against float64; and against the automatic differentiation of TensorFlow.js, in f32, on the same data. Both are in
 * one file, and compile the same.
 */

const KINDS = Object.keys(AFFINE) as (keyof typeof AFFINE)[];
const contexts = await openContexts();

/** What TensorFlow.js and we may differ by: its compositions take the mean of f32 and divide by small deviations. */
const CLOSE = 2e-5;

/** A call and its gradients. */
function run({ op, ...filled }: Filled, dy: Filled['x'], plans: Plans) {
  const context = contexts[plans];
  const { y, saved } = callGpuForward({ op, ...filled }, upload(context));
  const gradients = backwardOf(op)(context.tensor(dy.data, dy.shape), saved);
  return {
    gradients,
    [Symbol.dispose]() {
      for (const one of [y, saved, ...Object.values(gradients)]) one.destroy();
    },
  };
}

async function expectExact(
  mode: Mode,
  size: Size,
  layout: string,
  affine: keyof typeof AFFINE,
  on: readonly Plans[],
): Promise<void> {
  const random = new Random(size.N + 31 * size.C + 1009 * size.L);
  const filled = fill(mode, mode.call(size, layout), affine, random);
  const dy = fillGradient(filled, random);
  for (const plans of on) {
    using made = run(filled, dy, plans);
    const wanted = Object.entries(GRADIENT_OF).filter(([, of]) => of === 'x' || filled.arrays[of]);
    expect(Object.keys(made.gradients), 'the gradients there are').toEqual(wanted.map(([name]) => name));
    const errors = await gradientErrors(filled, dy, made.gradients);
    for (const [name, error] of Object.entries(errors)) {
      const what = `${name}, ${plans} plans, ${layout} ${filled.x.shape.join('x')}, affine ${affine}`;
      expect(error, what).toBeLessThanOrEqual(gradientBoundOf(mode));
    }
  }
}

async function expectAutodiff(
  mode: Mode,
  size: Size,
  layout: string,
  affine: keyof typeof AFFINE,
  plans: Plans,
): Promise<void> {
  const random = new Random(7 * size.N + 37 * size.C + 1013 * size.L);
  const filled = fill(mode, mode.call(size, layout), affine, random);
  const dy = fillGradient(filled, random);
  using ours = run(filled, dy, plans);
  const reading = Object.values(ours.gradients).map(async (tensor) => tensor.read());
  const theirs = gradientsByAutodiff(filled, dy);
  expect(Object.keys(ours.gradients)).toEqual(Object.keys(theirs));
  const largestRstd = Math.max(...normalizedByReference(filled).rstd.data.map(Math.abs));
  const read = await Promise.all(reading);
  for (const [index, name] of Object.keys(ours.gradients).entries()) {
    const numbers = read[index]!;
    const magnitude = name === 'dx' ? Math.max(1, largestRstd) * 4 : Math.sqrt(dy.data.length / numbers.length) * 4;
    const error = relativeError(numbers, theirs[name as GradientName]!, { data: [magnitude], shape: [1] });
    expect(error, `${name}, affine ${affine}`).toBeLessThanOrEqual(CLOSE);
  }
}

describe.each(part(EVERY_PLACE))('$name', ({ mode, layout, index }) => {
  /** Both parameters by the plans of one adapter, in turn, and another kind of them by those of the other. */
  const cases = Object.entries(AWKWARD).flatMap(([name, size], turn) => {
    const [one, other] = turn % 2 === 0 ? PLANS : PLANS.toReversed();
    const calls = [
      ['both', one!],
      [KINDS[(index + turn) % 3]!, other!],
    ] as const;
    return mode.refuses?.(size) ? [] : [{ name, size, calls }];
  });

  it.each(cases)('$name, against float64', async ({ size, calls }) => {
    for (const [affine, plans] of calls) await expectExact(mode, size, layout, affine, [plans]);
  });

  it.each(cases)('$name, against TensorFlow.js', async ({ size, calls }) => {
    for (const [affine, plans] of calls) await expectAutodiff(mode, size, layout, affine, plans);
  });
});

/** Large shapes with one layout and one kind of parameters each, in turn. */
const large = modes.flatMap((mode) =>
  Object.entries(LARGE).flatMap(([shape, size], turn) =>
    mode.refuses?.(size) ? [] : [{ name: `${mode.name}, ${shape}`, mode, size, turn }],
  ),
);

it.each(part(large))('$name', async ({ mode, size, turn }) => {
  const layout = mode.layouts[turn % mode.layouts.length]!;
  await expectExact(mode, size, layout, KINDS[(turn % 3) + 1]!, PLANS);
});

describe.each(modes)('$name', (mode) => {
  it('is the slope of the values, by differences in float64', async () => {
    const layout = mode.layouts.at(-1)!;
    const random = new Random(91);
    const filled = fill(mode, mode.call({ N: 3, C: 4, L: 9 }, layout), 'both', random);
    const dy = fillGradient(filled, random);
    for (const plans of PLANS) {
      using made = run(filled, dy, plans);
      for (const [name, tensor] of Object.entries(made.gradients)) {
        const slopes = differences(filled, GRADIENT_OF[name as 'dx'], dy);
        const largest = Math.max(1, ...slopes.map(Math.abs));
        (await tensor.read()).forEach((value, at) =>
          expect(Math.abs(value - slopes[at]!) / largest, `${name} ${at}`).toBeLessThanOrEqual(5e-6),
        );
      }
    }
  });
});
