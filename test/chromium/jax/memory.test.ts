import { device } from './open.ts';
import * as jax from '@jax-js/jax';
import { afterAll, describe, expect, it } from 'vitest';
import { batchNorm, batchNormTracked, connect, groupNorm, layerNorm, rmsNorm } from '../../../src/jax/index.ts';
import type { Running } from '../../../src/jax/index.ts';
import { relativeError } from '../../gpu/support/run.ts';
import { watching } from '../support/traffic.ts';

const { numpy: np } = jax;
const context = await connect();
afterAll(() => context.destroy());

const CHANNELS = 8;
/** `LONG_RUN=1` makes 1,000. */
const STEPS = import.meta.env['LONG_RUN'] ? 1000 : 200;

const normals = (seed: number, shape: number[]): jax.Array => jax.random.normal(jax.random.key(seed), shape);
const ours = (): object => {
  const { inUse, idle, kinds } = context.memory();
  return { inUse, idle, kinds };
};

const memoryOf = (kind: string): number => (context.memory().kinds as Record<string, { inUse: number }>)[kind]!.inUse;

type Parameters = { weight: jax.Array; bias: jax.Array; gamma: jax.Array };

describe('memory', () => {
  it(`is the same after ${STEPS} steps of training as after 20`, async () => {
    const x = normals(3, [4, CHANNELS, 2, 2]).add(1);
    const target = normals(4, [4, CHANNELS, 2, 2]);
    const ones = (): jax.Array => np.linspace(1, 1.001, CHANNELS);
    const fixed = ones();
    let parameters: Parameters = {
      weight: ones(),
      bias: np.linspace(0, 0.001, CHANNELS),
      gamma: np.linspace(1, 1.001, 2),
    };
    let running: Running = { runningMean: np.linspace(0, 0.001, CHANNELS), runningVar: ones() };
    const lossOf = ({ weight, bias, gamma }: Parameters, before: Running): [jax.Array, Running] => {
      // Nobody asks for the gradient of this one, nor of what is frozen.
      let h = groupNorm(x.ref, { numGroups: 2, weight: fixed.ref });
      const tracked = batchNormTracked(h, { weight, bias, ...before });
      h = layerNorm(tracked.y, { axes: [1, 2, 3] });
      h = rmsNorm(h, { residual: x.ref, weight: gamma });
      const frozen = layerNorm(jax.lax.stopGradient(h.ref)).mul(0.001);
      return [np.square(h.add(frozen).sub(target.ref)).mean(), tracked.running];
    };
    const descend = (value: jax.Array, slope: jax.Array): jax.Array => value.sub(slope.mul(0.2));
    const step = (): jax.Array => {
      const [[loss, next], slopes] = jax.valueAndGrad(lossOf, { hasAux: true })(jax.tree.ref(parameters), running) as [
        [jax.Array, Running],
        Parameters,
      ];
      running = next;
      parameters = jax.tree.map(descend, parameters, slopes);
      for (const array of jax.tree.leaves<jax.Array>(parameters)) array.ref.gpuBufferSync();
      // Evaluation in between leaves nothing either.
      batchNorm(x.ref, jax.tree.ref(running)).dispose();
      return loss;
    };
    const first = Number(await step().data());
    for (let done = 1; done < 20; done++) step().dispose();
    const before = ours();
    const seen = watching(device, () => {
      for (let done = 20; done < STEPS; done++) step().dispose();
    });
    expect(seen.allocated, 'bytes of new buffers, theirs and ours').toBe(0);
    expect(ours()).toEqual(before);
    expect((before as { kinds: Record<string, { inUse: number }> }).kinds['saved']).toMatchObject({ inUse: 0 });
    expect((before as { kinds: Record<string, { inUse: number }> }).kinds['tensors']).toMatchObject({ inUse: 0 });
    expect(Number(await step().data())).toBeLessThan(0.9 * first);
    expect([x.refCount, target.refCount]).toEqual([1, 1]);
  });

  it('keeps what a gradient reads, whatever takes memory meanwhile', async () => {
    const x = normals(5, [6, CHANNELS]);
    const dy = normals(6, [6, CHANNELS]);
    const gradient = (norm: (x: jax.Array, weight: jax.Array) => jax.Array, disturb: boolean): jax.Array =>
      jax.grad((x: jax.Array) => {
        const y = norm(x.mul(2), np.linspace(1, 2, CHANNELS));
        // Its buffers would be those of what was given up above.
        const others = Array.from({ length: disturb ? 8 : 0 }, () => np.linspace(7, 9, 6 * CHANNELS).add(1));
        for (const one of others) one.ref.gpuBufferSync();
        return others.reduce((sum, one) => sum.add(one.mul(0).sum()), y.mul(dy.ref).sum());
      })(x.ref);
    const exact = gradient((x, weight) => jax.nn.standardize(x, -1, { epsilon: 1e-5 }).mul(weight), false);
    const ours = gradient((x, weight) => layerNorm(x, { weight }), true);
    const [numbers, expected] = [await ours.data(), await exact.data()];
    expect(relativeError(numbers as Float32Array, expected as Float32Array)).toBeLessThanOrEqual(1e-5);
  });

  it('gives up one reference to each array that it is given, and none where it throws', async () => {
    const [x, weight] = [normals(7, [6, CHANNELS]), np.linspace(1, 2, CHANNELS)];
    const y = layerNorm(x.ref, { weight: weight.ref, residual: x.ref });
    expect([x.refCount, weight.refCount, y.refCount]).toEqual([1, 1, 1]);
    expect(() => layerNorm(x, { weight: np.linspace(1, 2, 3) })).toThrow('weight has 3 elements');
    expect([x.refCount, weight.refCount]).toEqual([1, 1]);
    const [dx, dresidual] = jax.grad(
      (x: jax.Array, residual: jax.Array) => layerNorm(x, { residual }).mul(weight.ref).sum(),
      { argnums: [0, 1] },
    )(x.ref, x.ref);
    expect(await dresidual.data()).toEqual(await dx.data());
    layerNorm(x, { weight }).dispose();
    expect([x.refCount, weight.refCount]).toEqual([0, 0]);
  });

  it('frees what was saved where a traced value was given up before, and says so', () => {
    const inUse = (): number[] => ['saved', 'tensors'].map((kind) => memoryOf(kind));
    const before = inUse();
    const given = (call: (x: jax.Array) => jax.Array): (() => unknown) => {
      return () => jax.grad((x: jax.Array) => call(x).sum())(normals(11, [6, CHANNELS]));
    };
    const refused = (name: string): unknown =>
      expect.objectContaining({
        code: 'destroyed',
        message: expect.stringContaining(`${name} was given up`) as string,
      });
    expect(given((x) => layerNorm(x, { residual: x }))).toThrow(refused('residual'));
    expect(given((x) => (np.tanh(x).dispose(), layerNorm(x)))).toThrow(refused('x'));
    expect(given((x) => (np.tanh(x.ref).dispose(), layerNorm(x)))).not.toThrow();
    expect(inUse()).toEqual(before);
  });

  it('frees what was saved where a gradient is never asked for', async () => {
    const before = ours();
    const [y, pull] = jax.vjp((x: jax.Array) => layerNorm(x), [normals(8, [6, CHANNELS])]);
    expect(ours()).not.toEqual(before);
    pull.dispose();
    y.dispose();
    const [sum, unused] = jax.vjp(
      (x: jax.Array) => {
        layerNorm(x.ref).dispose();
        return x.sum();
      },
      [normals(9, [6, CHANNELS])],
    );
    unused.dispose();
    sum.dispose();
    expect((context.memory().kinds as Record<string, { inUse: number }>)['saved']).toMatchObject({ inUse: 0 });
  });

  it('leaves jax-js and its device alone once it is destroyed', async () => {
    const mine = await connect();
    const x = normals(10, [6, CHANNELS]);
    const expected = await layerNorm(x.ref).data();
    const [y, pull] = jax.vjp((x: jax.Array) => layerNorm(x), [x.ref]);
    mine.destroy();
    expect(await y.data()).toEqual(expected);
    expect(() => pull(x.ref)).toThrow(expect.objectContaining({ code: 'lost' }));
    pull.dispose();
    expect(() => layerNorm(x)).toThrow(expect.objectContaining({ code: 'lost' }));
    expect((await x.ref.mul(2).data()).length).toBe(6 * CHANNELS);
    const again = await connect();
    expect(again).not.toBe(mine);
    expect(await layerNorm(x).data()).toEqual(expected);
    again.destroy();
    expect(jax.getWebGPUDevice()).toBe(device);
  });
});
