import * as jax from '@jax-js/jax';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import {
  adaptiveInstanceNorm,
  batchNorm,
  batchNormTracked,
  connect,
  dynamicTanh,
  layerNorm,
  NormError,
} from '../../../src/jax/index.ts';
import type { NormErrorCode, Running } from '../../../src/jax/index.ts';
import { relativeError } from '../../gpu/support/run.ts';

const { numpy: np } = jax;

/** What a call throws. */
function thrown(call: () => unknown): NormError {
  try {
    call();
  } catch (error) {
    if (error instanceof NormError) return error;
    throw error;
  }
  throw new Error('nothing is thrown');
}

/** What a promise is rejected with. */
const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (problem: unknown) => problem,
  );
/** Typed as what it is given for: TypeScript has no such arrays yet. */
const { Float16Array } = globalThis as unknown as { Float16Array: Pick<typeof Float32Array, 'from'> };
const any = (value: unknown): never => value as never;

/** Puts another method in the place of one while something is done. */
async function changed<T extends object>(
  of: T,
  name: keyof T,
  method: unknown,
  work: () => Promise<void>,
): Promise<void> {
  const former = of[name];
  of[name] = method as never;
  try {
    await work();
  } finally {
    of[name] = former;
  }
}

describe('before connect', () => {
  it('says that jax-js has no device, and to connect', async () => {
    const unsupported = { code: 'unsupported', message: expect.stringContaining("await init('webgpu')") };
    expect(await rejected(connect())).toMatchObject(unsupported);
    expect(thrown(() => layerNorm(np.ones([2, 3])))).toMatchObject(unsupported);
    await jax.init('webgpu');
    jax.defaultDevice('webgpu');
    const error = thrown(() => layerNorm(np.ones([2, 3])));
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('await connect() once') });
  });

  it('refuses a version of jax-js that has other insides', async () => {
    const made = { code: 'unsupported', message: expect.stringMatching(/this bridge is made for 0\.1\.25, install/) };
    const { prototype } = jax.Array;
    const refuses = async (): Promise<void> => expect(await rejected(connect())).toMatchObject(made);
    await changed(prototype, '_putSync', (): unknown => undefined, refuses);
    await changed(prototype, '_realizeSource', undefined, refuses);
    // One that traces in another way.
    await changed(Object.getPrototypeOf(prototype), 'slice', () => np.ones([2]), refuses);
    await connect();
  });
});

describe('a wrong call', () => {
  let x: jax.Array;
  let weight: jax.Array;
  beforeAll(async () => {
    await connect();
    [x, weight] = [np.ones([2, 3]), np.ones([3])];
  });
  const given = (shape: number[], dtype: jax.DType): jax.Array => np.ones(shape, { dtype });
  const gone = (): jax.Array => {
    const array = np.ones([3]);
    array.dispose();
    return array;
  };
  const errors: [string, NormErrorCode, RegExp, () => unknown][] = [
    [
      'whole numbers',
      'dtype',
      /x holds int32; .*x\.astype\(numpy\.float32\)/,
      () => layerNorm(given([2, 3], np.int32)),
    ],
    ['truth', 'dtype', /weight holds bool/, () => layerNorm(x, { weight: given([3], np.bool) })],
    [
      'starts that are floats',
      'dtype',
      /segments holds float32; .*int32 or uint32: segments\.astype\(numpy\.int32\)/,
      () => layerNorm(x, { segments: np.ones([3]) }),
    ],
    ['an Array that was given up', 'destroyed', /weight was given up/, () => layerNorm(x, { weight: gone() })],
    [
      'one reference for two',
      'destroyed',
      /x and residual are one array with 1 reference,/,
      () => layerNorm(x, { residual: x }),
    ],
    ['no Array', 'option', /x is \[1,2\]; it must be an Array of jax-js/, () => layerNorm(any([1, 2]))],
    ['a number for weight', 'option', /weight is 2; it must be an Array/, () => layerNorm(x, { weight: any(2) })],
    [
      'a part that is none',
      'option',
      /scale is 2; it must be an/,
      () => layerNorm(x, { modulation: { scale: any(2) } }),
    ],
    ['another name', 'option', /gamma.*here it is called weight/, () => layerNorm(x, any({ gamma: weight }))],
    ['a place for the result', 'option', /there is no option 'out'/, () => layerNorm(x, any({ out: x }))],
    ['another dtype', 'option', /there is no option 'outputDtype'/, () => layerNorm(x, any({ outputDtype: 'f16' }))],
    [
      'options and more',
      'option',
      /follows the arguments/,
      () => (layerNorm as (...all: unknown[]) => unknown)(x, {}, { eps: 1 }),
    ],
    ['a weight of another size', 'parameter', /weight has 2 elements/, () => layerNorm(x, { weight: np.ones([2]) })],
    [
      'an Array on the CPU',
      'device',
      /weight is on the device cpu of jax-js.*devicePut\(weight, 'webgpu'\)/,
      () => layerNorm(x, { weight: np.array([1, 2, 3], { device: 'cpu' }) }),
    ],
    ['inference without statistics', 'option', /runningMean/, () => batchNorm(x)],
    [
      'statistics that never change',
      'usage',
      /runningMean would be updated.*batchNormTracked/,
      () => batchNorm(x, { training: true, runningMean: np.zeros([3]), runningVar: np.ones([3]) }),
    ],
    [
      'tracking without statistics',
      'option',
      /batchNormTracked: runningVar is missing/,
      () => batchNormTracked(x, any({ runningMean: np.zeros([3]) })),
    ],
    [
      'tracking told to train',
      'option',
      /there is no option 'training'/,
      () => batchNormTracked(x, any({ training: false, runningMean: np.zeros([3]), runningVar: np.ones([3]) })),
    ],
    [
      'a style that is none',
      'option',
      /style is missing; it must be an Array/,
      () => adaptiveInstanceNorm(x, any(undefined)),
    ],
    ['no alpha', 'option', /alpha is missing/, () => dynamicTanh(x, any({}))],
    [
      'a call within jit',
      'unsupported',
      /x is traced by jit, vmap/,
      () => jax.jit((x: jax.Array) => layerNorm(x))(x.ref),
    ],
    [
      'a call within vmap',
      'unsupported',
      /x is traced by jit, vmap/,
      () => jax.vmap((x: jax.Array) => layerNorm(x))(x.ref),
    ],
    [
      'a gradient of a gradient',
      'unsupported',
      /a gradient of its gradient/,
      () =>
        jax.grad((x: jax.Array) =>
          jax
            .grad((x: jax.Array) => layerNorm(x).sum())(x)
            .sum(),
        )(x.ref),
    ],
    [
      'a gradient with respect to what another gradient is taken by',
      'unsupported',
      /a gradient of its gradient/,
      () =>
        jax.grad((weight: jax.Array) =>
          jax
            .grad((x: jax.Array) => layerNorm(x, { weight: weight.ref }).sum())(x.ref)
            .sum(),
        )(weight.ref),
    ],
    [
      'a gradient of what arrives at a gradient',
      'unsupported',
      /another way than by grad, valueAndGrad or vjp/,
      () =>
        jax.grad((by: jax.Array) =>
          jax
            .grad((x: jax.Array) => layerNorm(x).mul(by.ref).sum())(x.ref)
            .sum(),
        )(np.ones([2, 3])),
    ],
    [
      'a linearization',
      'unsupported',
      /by linearize/,
      () => jax.linearize((x: jax.Array) => layerNorm(x), [x.ref])[1](x.ref),
    ],
    [
      'gradients by vmap',
      'unsupported',
      /by vmap over a gradient/,
      () => {
        const pull = jax.vjp((x: jax.Array) => layerNorm(x), [x.ref])[1];
        return jax.vmap((dy: jax.Array) => pull(dy)[0])(np.ones([4, 2, 3]));
      },
    ],
  ];

  it.each(errors)('%s: %s', (_, code, message, call) => {
    const error = thrown(call);
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
  });

  it('a context of another device, or none', async () => {
    const device = jax.getWebGPUDevice();
    const other = await createContext();
    expect(await rejected(connect(other))).toMatchObject({
      code: 'device',
      message: expect.stringContaining('createContext({ device: jax.getWebGPUDevice() })'),
    });
    other.destroy();
    expect(await rejected(connect(any({})))).toMatchObject({ code: 'option' });
    const gone = await createContext({ device });
    gone.destroy();
    expect(await rejected(connect(gone))).toMatchObject({ code: 'lost' });
    const own = await createContext({ device });
    expect(await connect(own)).toBe(own);
    expect(await connect()).toBe(own);
  });
});

describe('Arrays as they may be', () => {
  const floats = Float32Array.from({ length: 6 * 8 }, (_, index) => Math.sin(index * index));

  it('views, what is yet to be computed, and what is made of numbers alone', async () => {
    const x = np.array(floats, { shape: [6, 8] });
    const transposed = np
      .array(floats, { shape: [6, 8] })
      .transpose()
      .add(0);
    const of = (x: jax.Array): jax.Array => layerNorm(x, { weight: np.ones([x.shape[1]!]) });
    expect(await of(x.ref.transpose()).data()).toEqual(await of(transposed).data());
    expect(await of(x.ref.mul(2).slice([2, 4])).data()).toEqual(
      await of(np.array(floats.map((value) => 2 * value).slice(16, 32), { shape: [2, 8] })).data(),
    );
    expect(Array.from(await of(np.ones([2, 8])).data())).toEqual(Array.from({ length: 16 }, () => 0));
    // What arrives is made of numbers alone, wherever the default device is.
    jax.defaultDevice('wasm');
    const dx = await jax
      .grad((x: jax.Array) => layerNorm(x, { activation: 'silu' }).sum())(x.ref)
      .data();
    jax.defaultDevice('webgpu');
    const theirs = jax.grad((x: jax.Array) => jax.nn.silu(jax.nn.standardize(x, -1, { epsilon: 1e-5 })).sum())(x);
    expect(relativeError(dx as Float32Array, (await theirs.data()) as Float32Array)).toBeLessThanOrEqual(1e-5);
  });

  it('halves, which the device needs no feature for', async () => {
    const x = np.array(Float16Array.from(floats), { shape: [6, 8] });
    const weight = np.array(Float16Array.from({ length: 8 }, (_, index) => 1 + index / 8));
    const dy = np.array(
      Float16Array.from(floats, (value) => 1 - value),
      { shape: [6, 8] },
    );
    const [y, pull] = jax.vjp((x: jax.Array, weight: jax.Array) => layerNorm(x, { weight }), [x, weight]);
    const [dx, dweight] = pull(dy) as [jax.Array, jax.Array];
    expect([y.dtype, dx.dtype, dweight.dtype]).toEqual(['float16', 'float16', 'float16']);
    const wide = (array: Iterable<number>, shape: number[]): jax.Array => np.array(Float32Array.from(array), { shape });
    const [exact, pulls] = jax.vjp(
      (x: jax.Array, weight: jax.Array) => layerNorm(x, { weight }),
      [
        wide(Float16Array.from(floats), [6, 8]),
        wide(
          Float16Array.from({ length: 8 }, (_, index) => 1 + index / 8),
          [8],
        ),
      ],
    );
    const expected = pulls(
      wide(
        Float16Array.from(floats, (value) => 1 - value),
        [6, 8],
      ),
    ) as [jax.Array, jax.Array];
    for (const [half, full] of [
      [y, exact],
      [dx, expected[0]],
      [dweight, expected[1]],
    ] as const) {
      expect(relativeError(Float32Array.from(await half.data()), (await full.data()) as Float32Array)).toBeLessThan(
        1e-3,
      );
    }
  });

  it('without elements', async () => {
    const of = (x: jax.Array, weight: jax.Array): jax.Array => layerNorm(x, { weight });
    const [y, pull] = jax.vjp(of, [np.zeros([0, 3]), np.ones([3])]);
    const [dx, dweight] = pull(np.zeros([0, 3])) as [jax.Array, jax.Array];
    expect([y.shape, dx.shape]).toEqual([
      [0, 3],
      [0, 3],
    ]);
    expect(Array.from(await y.data())).toEqual([]);
    expect(Array.from(await dweight.data())).toEqual([0, 0, 0]);
  });

  it('with running statistics, by the average over all batches too', async () => {
    let running: Running = {
      runningMean: np.zeros([2]),
      runningVar: np.zeros([2]),
      numBatchesTracked: np.zeros([], { dtype: np.int32 }),
    };
    for (const value of [1, 2, 6]) {
      const tracked = batchNormTracked(np.full([4, 2], value), { momentum: null, ...running });
      tracked.y.dispose();
      running = tracked.running;
    }
    expect((await running.runningMean.data())[1]).toBeCloseTo(3, 6);
    expect(Array.from(await running.numBatchesTracked!.data())).toEqual([3]);
  });

  it('among functions compiled by jit, and stopped gradients', async () => {
    const x = np.array(floats, { shape: [6, 8] });
    const before = jax.jit((x: jax.Array) => np.tanh(x.mul(2)));
    const after = jax.jit((y: jax.Array) => np.square(y).sum());
    const stop = (x: jax.Array): jax.Array => jax.lax.stopGradient(x);
    const loss =
      (norm: (x: jax.Array) => jax.Array) =>
      (x: jax.Array): jax.Array =>
        after(
          norm(before(x.ref))
            .add(norm(stop(x.ref)).mul(x.ref))
            .add(norm(stop(x.ref).mul(x.ref)).mul(x)),
        );
    const ours = jax.grad(loss((x) => layerNorm(x)))(x.ref);
    const theirs = jax.grad(loss((x) => jax.nn.standardize(x, -1, { epsilon: 1e-5 })))(x);
    const [numbers, expected] = [await ours.data(), await theirs.data()];
    expect(relativeError(numbers as Float32Array, expected as Float32Array)).toBeLessThanOrEqual(1e-5);
  });

  it('has no forward mode: its tangents are NaN, but those of constants zero', async () => {
    const x = np.array(floats, { shape: [6, 8] });
    const [y, tangent] = jax.jvp((x: jax.Array) => layerNorm(x), [x.ref], [x.ref]);
    expect(await y.data()).toEqual(await layerNorm(x.ref).data());
    expect((await tangent.data()).every(Number.isNaN)).toBe(true);
    const constant = jax.jvp((x: jax.Array) => layerNorm(x), [x], [np.zeros([6, 8])])[1];
    expect(Array.from(await constant.data()).every((value) => value === 0)).toBe(true);
  });
});

afterAll(async () => {
  (await connect()).destroy();
});
