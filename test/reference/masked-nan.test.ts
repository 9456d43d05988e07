import { describe, expect, it } from 'vitest';
import { batchNorm, batchNormBackward, instanceNorm, instanceNormBackward } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';
import { affine, C, elsewhere, isMasked, mask, N, running, T, x } from './masked.ts';

describe.each([
  { name: 'BatchNorm', call: batchNorm, back: batchNormBackward, own: { training: true } },
  { name: 'InstanceNorm', call: instanceNorm, back: instanceNormBackward, own: {} },
])('a masked NaN in $name', ({ call, back, own }) => {
  const spoilt = elsewhere(x, NaN);
  const options = { ...own, ...affine, ...running, mask };

  it('reaches no statistic, and no output but its own', () => {
    const [wanted, got] = [call(x, options), call(spoilt, options)];
    for (const name of ['mean', 'rstd', 'runningMean', 'runningVar'] as const) expectClose(got[name], wanted[name]!);
    expect(Array.from(got.y.data, Number.isNaN)).toEqual(Array.from(x.data, (_, index) => isMasked(index)));
    expectClose(elsewhere(got.y, 7), elsewhere(wanted.y, 7));
  });

  it('is 0 in a masked output, exactly, after any activation, and nothing in its gradients (G18)', () => {
    const zeroed = {
      ...options,
      maskOutput: true,
      activation: 'sigmoid',
      modulation: { scale: randomArray([N, C, T], 5) },
    } as const;
    const { y } = call(spoilt, { ...zeroed, residual: spoilt });
    expect(Array.from(y.data, (value) => value === 0)).toEqual(Array.from(x.data, (_, index) => isMasked(index)));
    const dy = randomArray([N, C, T], 4);
    const gate = array([1], [0.5]);
    const [wanted, got] = [x, spoilt].map((of) => back(dy, of, { ...zeroed, residual: of, gate }));
    for (const name of ['dx', 'dresidual', 'dgate', 'dweight', 'dbias', 'dscale'] as const) {
      expectClose(got![name], wanted![name]!);
    }
    expectClose(elsewhere(got!.dx, 0), got!.dx);
  });
});
