import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';
import { relativeError, sizeOf } from '../support/run.ts';

/** Arrays [N,C] beside an x that has its axes in another order, or is a view: y and their gradients, where they repeat along no axis. */

const contexts = Object.entries(await openContexts());
const LAYOUTS: Record<string, number[]> = {
  CN: [3, 4],
  CNL: [3, 4, 1],
  CLN: [3, 1, 4],
  LNC: [1, 4, 3],
  NCL: [4, 3, 1],
};
const OPTIONS: Record<string, (array: unknown) => object> = {
  multiply: (by) => ({ multiply: { by, activation: 'silu' } }),
  add: (add) => ({ add }),
  residual: (residual) => ({ residual }),
  inputBias: (inputBias) => ({ inputBias }),
  scale: (scale) => ({ modulation: { scale } }),
  shift: (shift) => ({ modulation: { shift } }),
};

describe.each(contexts)('%s plans', (_, context) => {
  describe.each(Object.entries(LAYOUTS))('%s', (layout, shape) => {
    it.each(Object.entries(OPTIONS).flatMap(([name, of]) => [false, true].map((view) => ({ name, of, view }))))(
      '$name, of a view: $view',
      async ({ name, of, view }) => {
        const random = new Random(5);
        const array = (own: number[]): NdArray => ({ data: random.normals(sizeOf(own)), shape: own });
        const [x, dy, small] = [array(shape), array(shape), array([4, 3])];
        const upload = ({ data, shape: own }: NdArray): norm.Tensor => context.tensor(data, own);
        const options = { training: true, layout };
        const { y, saved } = norm.batchNormForward(upload(x), { ...options, ...of(upload(small)) });
        // Every other row of what is twice as long.
        const twice = [shape[0]!, 2, ...shape.slice(1)];
        const row = x.data.length / shape[0]!;
        const wide = Float32Array.from({ length: 2 * x.data.length }, (__, at) => {
          return dy.data[Math.floor(at / (2 * row)) * row + (at % row)]!;
        });
        const arriving = view
          ? context.wrap(context.tensor(wide, twice).buffer, { shape, strides: stridesIn(twice) })
          : upload(dy);
        const gradient = name === 'multiply' ? 'dby' : `d${name}`;
        const gradients = norm.batchNormBackward(arriving, saved) as unknown as Record<string, norm.Tensor>;
        const exact = { ...options, ...of(small) } as reference.BatchNormOptions;
        const found = reference.batchNormBackward(dy, x, exact) as unknown as Record<string, NdArray>;
        expect(relativeError(await y.read(), reference.batchNorm(x, exact).y.data)).toBeLessThanOrEqual(2 ** -19);
        expect(relativeError(await gradients[gradient]!.read(), found[gradient]!.data)).toBeLessThanOrEqual(2 ** -17);
      },
    );
  });
});

/** Of the first of the two rows of each. */
function stridesIn(twice: readonly number[]): number[] {
  const strides = twice.map((__, axis) => sizeOf(twice.slice(axis + 1)));
  return [strides[0]!, ...strides.slice(2)];
}
