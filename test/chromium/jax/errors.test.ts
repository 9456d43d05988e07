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
} from '../../../src/jax/index.ts';
import type { NormErrorCode } from '../../../src/jax/index.ts';
import { untyped } from '../../gpu/support/wrong-call.ts';
import { rejected, thrown } from '../support/thrown.ts';

const { numpy: np } = jax;

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
    ['no Array', 'option', /x is \[1,2\]; it must be an Array of jax-js/, () => layerNorm(untyped([1, 2]))],
    [
      'an Array of another copy of jax-js',
      'option',
      /x is an Array of another copy of @jax-js\/jax/,
      () => layerNorm(untyped({ gpuBufferSync: () => {} })),
    ],
    ['a number for weight', 'option', /weight is 2; it must be an Array/, () => layerNorm(x, { weight: untyped(2) })],
    [
      'a part that is none',
      'option',
      /scale is 2; it must be an/,
      () => layerNorm(x, { modulation: { scale: untyped(2) } }),
    ],
    ['another name', 'option', /gamma.*here it is called weight/, () => layerNorm(x, untyped({ gamma: weight }))],
    ['a place for the result', 'option', /there is no option 'out'/, () => layerNorm(x, untyped({ out: x }))],
    [
      'another dtype',
      'option',
      /there is no option 'outputDtype'/,
      () => layerNorm(x, untyped({ outputDtype: 'f16' })),
    ],
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
    // @ts-expect-error the compiler refuses it too
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
      () => batchNormTracked(x, untyped({ runningMean: np.zeros([3]) })),
    ],
    [
      'tracking told to train',
      'option',
      /there is no option 'training'/,
      () => batchNormTracked(x, untyped({ training: false, runningMean: np.zeros([3]), runningVar: np.ones([3]) })),
    ],
    [
      'a style that is none',
      'option',
      /style is missing; it must be an Array/,
      () => adaptiveInstanceNorm(x, untyped(undefined)),
    ],
    ['no alpha', 'option', /alpha is missing/, () => dynamicTanh(x, untyped({}))],
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
    expect(await rejected(connect(untyped({})))).toMatchObject({ code: 'option' });
    const gone = await createContext({ device });
    gone.destroy();
    expect(await rejected(connect(gone))).toMatchObject({ code: 'lost' });
    const own = await createContext({ device });
    expect(await connect(own)).toBe(own);
    expect(await connect()).toBe(own);
  });
});

afterAll(async () => {
  (await connect()).destroy();
});
