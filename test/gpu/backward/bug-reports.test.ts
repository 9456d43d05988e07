import { describe, expect, it } from 'vitest';
import type { Context, GradientName, Tensor } from '../../../src/index.ts';
import { gradientBoundOf } from '../support/bounds.ts';
import { openContexts } from '../support/contexts.ts';
import { roundTo } from '../support/formats.ts';
import { placing, rounded } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { backwardOf, gradientsByReference } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { unitsOff } from '../support/units.ts';

/** Public reports of wrong gradients in other projects, each with the shapes and data of its report. Both are about GroupNorm. */

type Numbers = Filled['x'];

const contexts = Object.entries(await openContexts());
const bound = gradientBoundOf(modes.find(({ op }) => op === 'groupNorm')!);

/** dweight and dbias, however they are asked for, are off by no more than sums of so many terms of dy are allowed; returns dx. */
async function expectSums(
  context: Context,
  fused: Fused,
  dy: Numbers,
  exact: ReturnType<typeof gradientsByReference>,
  size: number,
): Promise<Tensor> {
  const place = placing(context, fused);
  const { saved } = callGpuForward(fused, place);
  const placedDy = place(dy, 'dy');
  const backward = backwardOf(fused.op);
  const all = backward(placedDy, saved);
  const channels = fused.arrays['weight']!.data.length;
  const scale = { data: [size * Math.sqrt(dy.data.length / channels)], shape: [1] };
  const check = async (gradients: Partial<Record<GradientName, Tensor>>, asked: string): Promise<void> => {
    for (const name of ['dweight', 'dbias'] as const) {
      if (!gradients[name]) continue;
      const error = relativeError(await gradients[name].read(), exact[name].data, scale);
      expect(error, `${name} of ${asked}`).toBeLessThanOrEqual(bound);
    }
  };
  await check(all, 'all');
  for (const names of [['dweight'], ['dbias'], ['dweight', 'dbias']] as const) {
    const gradients = backward(placedDy, saved, { gradients: names });
    expect(Object.keys(gradients)).toEqual(names);
    await check(gradients, names.join());
  }
  return all.dx;
}

/** 64 × 64 pixels, 64 channels in groups of 4, as in the report; of its batch of 256, two arrays of 134 MB, 2. */
function groupsOfFour(): { fused: Fused; dy: Numbers } {
  const [shape, random] = [[2, 64, 64, 64], new Random(211)];
  const uniforms = (of: number[]): Numbers => ({
    data: Float32Array.from({ length: sizeOf(of) }, () => random.uniform()),
    shape: of,
  });
  const arrays = { weight: uniforms([64]), bias: uniforms([64]) };
  const options = { numGroups: 16, layout: 'NHWC' };
  const fused = rounded({ op: 'groupNorm', x: uniforms(shape), options, arrays }, { dtype: 'bf16', like: false });
  return { fused, dy: { data: uniforms(shape).data.map((value) => roundTo('bf16', value)), shape } };
}

describe('PyTorch #140913: dweight of GroupNorm, channels last, bf16, was off by 25 in one group', () => {
  const { fused, dy } = groupsOfFour();
  const exact = gradientsByReference(fused, dy);

  it.each(contexts)('%s plans', async (_, context) => {
    const dx = await expectSums(context, fused, dy, exact, 1);
    expect(await unitsOff(dx, exact.dx.data, 1)).toBeLessThanOrEqual(1);
  });
});

describe('Paddle #54244: the backward pass of GroupNorm failed where x takes no gradient', () => {
  const [shape, random] = [[4, 32, 32, 32], new Random(212)];
  const array = (value: number): Numbers => ({ data: new Float32Array(32).fill(value), shape: [32] });
  const arrays = { weight: array(1), bias: array(0) };
  const x = { data: random.normals(sizeOf(shape)), shape };
  const fused = rounded({ op: 'groupNorm', x, options: { numGroups: 32 }, arrays }, { dtype: 'f32', like: false });

  /** The loss of the report is the mean of y, whose dweight is 0 but for rounding; another dy has one to see. */
  const mean = 1 / sizeOf(shape);
  describe.each([
    ['the mean of y', { data: new Float32Array(sizeOf(shape)).fill(mean), shape }],
    ['another loss', { data: random.normals(sizeOf(shape), 0, mean), shape }],
  ])('%s', (_, dy) => {
    const exact = gradientsByReference(fused, dy);

    it.each(contexts)('%s plans', async (__, context) => {
      await expectSums(context, fused, dy, exact, mean);
    });
  });
});
