import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { GradientName, Tensor } from '../../../src/index.ts';
import { gradientBoundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { fuse, gradientFor, numbersOf, placing } from '../support/fused.ts';
import { backwardOf, gradientErrors, gradientsByReference } from '../support/gradients.ts';
import { modes, PLACES } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { contextBinding, cutsGroups, isInPieces, plansOf, smallContextFor } from '../support/pieces.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, fill, relativeError, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { viewAs } from '../support/strided.ts';

/**
 * Gradients of tensors larger than what can be bound at once, which is a kilobyte or some here: those of float64, whatever is fused; and where
 * no group is cut dx is that of the call in one piece to the bit.
 */

const contexts = await openContexts();

const SIZES = {
  'samples apart': { N: 6, C: 8, L: 36 },
  odd: { N: 5, C: 5, L: 49 },
  'samples cut': { N: 1, C: 9, L: 100 },
  'two samples cut': { N: 2, C: 8, L: 75 },
  long: { N: 2, C: 4, L: 2052 },
} as const;

const FACTORS = {
  place: PLACES,
  size: Object.keys(SIZES) as (keyof typeof SIZES)[],
  plans: PLANS,
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  affine: ['none', 'weight', 'bias', 'both', 'zero-centered'],
  residual: ['none', 'plain', 'gated'],
  modulation: ['none', 'channel', 'sample', 'full', 'scale', 'shift'],
  activation: ['none', 'relu', 'gelu'],
  mask: ['none', 'statistics', 'output'],
  output: ['as x', 'f32', 'f16'],
  dresidualOut: [false, true],
} as const;

// A quarter of them: each is several calls.
const designs = pairwise(FACTORS, new Random(78))
  .map((design, index) => ({ ...design, index }))
  .filter(({ index }) => index % 4 === 0);

/** A design's call, what it is called, and whether a gradient arrives at its sum. */
function fusedOf({ place, size, plans, dresidualOut, index, ...fusing }: (typeof designs)[number]) {
  const { mode, layout, name } = place;
  const random = new Random(2000 + index);
  const fused = fuse(mode, mode.call(SIZES[size], layout), layout, fusing, random);
  const what = [name, size, plans, ...Object.values(fusing)].join(', ');
  return {
    fused,
    random,
    what,
    arrives: dresidualOut && fused.arrays['residual'],
    smallContext: async () => smallContextFor(contexts, plans, fused, { withGradient: true }),
  };
}

describe('fused calls', () => {
  it.each(part(designs))('$index', async (design) => {
    const { fused, random, what, arrives, smallContext } = fusedOf(design);
    const small = await smallContext();
    if (!small) return;
    expect(isInPieces(plansOf(small, fused, true), 'dx')).toBe(true);
    const given = arrives ? gradientFor(fused, random, 0, 'dresidualOut') : null;
    const errors = await fusedErrors(small, fused, gradientFor(fused, random), given);
    for (const [result, units] of Object.entries(errors)) expect(units, `${result} of ${what}`).toBeLessThanOrEqual(1);
  });

  it('are in pieces, most of them', async () => {
    let inPieces = 0;
    for (const design of designs) if (await fusedOf(design).smallContext()) inPieces++;
    expect(inPieces / designs.length).toBeGreaterThan(0.7);
  });
});

const WHOLE = { name: 'whole', reduce: 'invocation', tile: 'memory', lanes: 1, groupsPerInvocation: 1 } as const;

describe.each(part(PLACES))('$name', ({ mode, layout }) => {
  it.each(part(PLANS, 2))('%s plans: gradients in f32, and the bits of dx', async (plans) => {
    const [random, size] = [new Random(79), { N: 6, C: 8, L: 36 }];
    const filled = { ...fill(mode, mode.call(size, layout), 'both', random), dtypes: {} };
    const dy = gradientFor({ ...filled, dtypes: { dy: 'f32' } }, random);
    const fused = { ...filled, dtypes: { x: 'f32', dy: 'f32' } } as const;
    const gradients = async (context: norm.Context): Promise<Partial<Record<GradientName, Tensor>>> => {
      const place = placing(context, { ...fused });
      return backwardOf(fused.op)(place(dy, 'dy'), callGpuForward({ ...fused }, place).saved);
    };
    const small = await smallContextFor(contexts, plans, { ...fused }, { withGradient: true });
    if (small) {
      for (const [name, error] of Object.entries(await gradientErrors(filled, dy, await gradients(small)))) {
        expect(error, name).toBeLessThanOrEqual(gradientBoundOf(mode));
      }
    }
    const even = await smallContextFor(contexts, plans, { ...fused }, { withGradient: true, schedule: WHOLE });
    if (!even || cutsGroups(plansOf(even, { ...fused }, true))) return;
    const large = await contextBinding(contexts, plans, 2 ** 27, WHOLE);
    const [inPieces, inOne] = [await gradients(even), await gradients(large)];
    expect(await inPieces.dx!.read()).toEqual(await inOne.dx!.read());
  });
});

const DTYPES = ['f32', 'f16', 'bf16'] as const;
describe.each([...DTYPES.entries()])('%d, %s: added to what is there', (first, dtype) => {
  it.each(part(['NCHW', 'NHWC'], 2, first))('%s', async (layout) => {
    for (const name of ['BatchNorm, training', 'InstanceNorm', 'GroupNorm', 'AdaIN']) {
      const mode = modes.find((one) => one.name === name)!;
      const random = new Random(80);
      const call = mode.call({ N: 6, C: 8, L: 36 }, layout);
      const plain = { residual: 'none', modulation: 'none', activation: 'none', mask: 'none' } as const;
      const fused = fuse(mode, call, layout, { dtype, like: true, affine: 'both', ...plain }, random);
      const dy = gradientFor(fused, random);
      const exact = gradientsByReference(fused, dy);
      const small = (await smallContextFor(contexts, 'software', fused, { withGradient: true }))!;
      const place = placing(small, fused);
      const { saved } = callGpuForward(fused, place);
      const names = (['dx', 'dweight', 'dbias', 'dstyle'] as const).filter(
        (gradient) => gradient === 'dx' || fused.arrays[gradient.slice(1)],
      );
      const there = Object.fromEntries(
        names.map((gradient) => [
          gradient,
          small.tensor(new Float32Array(exact[gradient].data.length).fill(4), exact[gradient].shape, { dtype }),
        ]),
      );
      backwardOf(fused.op)(place(dy, 'dy'), saved, { gradients: names, accumulate: there });
      for (const gradient of names) {
        const sums = Float64Array.from(exact[gradient].data, (value) => value + 4);
        const bound = { f32: 1e-6, f16: 2 ** -11, bf16: 2 ** -8 }[dtype];
        const error = relativeError(await numbersOf(there[gradient]!), sums);
        expect(error, `${gradient} of ${name}`).toBeLessThan(bound * 1.1);
      }
    }
  });
});

it.each(part(PLANS, 2))('of a residual that broadcasts: what all pieces have a share in, %s plans', async (plans) => {
  const [random, shape] = [new Random(82), [64, 128]];
  const [x, dy] = [random.normals(sizeOf(shape), 1), random.normals(sizeOf(shape), 0.3)];
  const small = await contextBinding(contexts, plans, 4096);
  for (const sizes of [[128], [64, 1]]) {
    const residual = random.normals(sizeOf(sizes), 1);
    const gradients = (context: norm.Context) => {
      const call = { residual: context.tensor(residual, sizes) };
      const { saved } = norm.layerNormForward(context.tensor(x, shape), call);
      return norm.layerNormBackward(context.tensor(dy, shape), saved);
    };
    const [inPieces, exact] = [gradients(small), gradients(contexts[plans])];
    expect(relativeError(await inPieces.dresidual!.read(), await exact.dresidual!.read())).toBeLessThan(1e-5);
    expect(relativeError(await inPieces.dx.read(), await exact.dx.read())).toBeLessThan(1e-5);
  }
});

it.each(part(PLANS, 2, 1))('of what is added to x, by itself, where groups are cut, %s plans', async (plans) => {
  const [random, shape] = [new Random(83), [2, 3072]];
  const [x, dy] = [random.normals(sizeOf(shape), 1), random.normals(sizeOf(shape), 0.3)];
  const small = await contextBinding(contexts, plans, 4096);
  for (const [name, sizes] of [
    ['inputBias', [3072]],
    ['residual', [3072]],
    ['residual', shape],
  ] as const) {
    const added = random.normals(sizeOf(sizes), 1);
    const gradientOf = (context: norm.Context): Promise<Float32Array> => {
      const { saved } = norm.layerNormForward(context.tensor(x, shape), { [name]: context.tensor(added, sizes) });
      const gradients: readonly GradientName[] = [`d${name}`];
      return backwardOf('layerNorm')(context.tensor(dy, shape), saved, { gradients })[`d${name}`].read();
    };
    const exact = await gradientOf(contexts[plans]);
    expect(relativeError(await gradientOf(small), exact), `${name} [${sizes}]`).toBeLessThan(1e-5);
  }
});

it.each(part(PLANS, 2))(
  'of arrays that are columns of wider ones: each as its gradient lies, %s plans',
  async (plans) => {
    const [random, shape, samples] = [new Random(83), [6, 16, 40], [6, 40]];
    const all = [shape, shape, shape, shape, samples, samples, samples].map((sizes) =>
      random.normals(sizeOf(sizes), 0.5),
    );
    const [x, dy, by, add, scale, shift, inputBias] = all;
    const small = await contextBinding(contexts, plans, 8192);
    for (const dtype of ['f32', 'f16'] as const) {
      const gradients = (context: norm.Context) => {
        const view = (data: Float32Array, sizes: number[]) =>
          viewAs(context, data, sizes, dtype, 'columns by four').tensor;
        const { saved } = norm.layerNormForward(context.tensor(x!, shape, { dtype }), {
          multiply: { by: view(by!, shape) },
          add: view(add!, shape),
          modulation: { scale: view(scale!, samples), shift: view(shift!, samples) },
        });
        const ofSum = norm.layerNormForward(context.tensor(x!, shape, { dtype }), {
          inputBias: view(inputBias!, samples),
        });
        return {
          ...norm.layerNormBackward(context.tensor(dy!, shape, { dtype }), saved),
          dinputBias: norm.layerNormBackward(context.tensor(dy!, shape, { dtype }), ofSum.saved).dinputBias,
        };
      };
      const [inPieces, exact] = [gradients(small), gradients(contexts[plans])];
      for (const name of ['dx', 'dby', 'dadd', 'dscale', 'dshift', 'dinputBias'] as const) {
        const error = relativeError(await numbersOf(inPieces[name]!), await numbersOf(exact[name]!));
        expect(error, `${name} ${dtype}`).toBeLessThan({ f32: 1e-5, f16: 2 ** -10 }[dtype]);
      }
    }
  },
);

const BATCHES = [
  { layout: 'NCHW', shape: [6, 5, 8, 9], axes: [0, 2, 3], parts: 2 },
  { layout: 'CN', shape: [70, 60], axes: [1], parts: 1 },
] as const;

it.each(
  part(
    PLANS.flatMap((plans) => BATCHES.map((batch) => ({ plans, ...batch }))),
    3,
  ),
)('gradient sums of a split batch, $plans plans, $layout', async ({ plans, layout, shape, axes, parts }) => {
  const random = new Random(81);
  const [x, dy] = [random.normals(sizeOf(shape), 3), random.normals(sizeOf(shape), 0.3)];
  const channels = shape[layout.indexOf('C')]!;
  const weight = random.normals(channels, 1);
  const gradients = async (context: norm.Context): Promise<Float32Array[]> => {
    const each = sizeOf(shape) / parts;
    const of = (data: Float32Array, part: number): Tensor =>
      context.tensor(data.slice(part * each, (part + 1) * each), [shape[0] / parts, ...shape.slice(1)]);
    const numbers = Array.from({ length: parts }, (_, part) => part);
    const xs = numbers.map((part) => of(x, part));
    const moments = norm.mergeMoments(xs.map((part) => norm.moments(part, { axes })));
    const calls = xs.map((part) =>
      norm.batchNormForward(part, { layout, training: true, moments, weight: context.tensor(weight, [channels]) }),
    );
    const sums = norm.mergeGradientSums(calls.map(({ saved }, part) => norm.gradientSums(of(dy, part), saved)));
    const results = calls.map(({ saved }, part) => norm.batchNormBackward(of(dy, part), saved, { sums }));
    return Promise.all(results.flatMap(({ dx, dweight }) => [dx, dweight!]).map((tensor) => tensor.read()));
  };
  const small = await contextBinding(contexts, plans, 3000);
  const exact = await gradients(contexts[plans]);
  for (const [index, actual] of (await gradients(small)).entries()) {
    expect(relativeError(actual, exact[index]!)).toBeLessThan(2e-6);
  }
});

describe('refused', async () => {
  const small = await contextBinding(contexts, 'software', 4096);
  const WRONG: [string, () => unknown, RegExp][] = [
    [
      'the gradient of a style whose groups are cut',
      () => {
        const { saved } = norm.adaptiveInstanceNormForward(small.empty([1, 2, 2000]), small.empty([1, 2, 100]), {
          layout: 'NCL',
        });
        norm.adaptiveInstanceNormBackward(small.empty([1, 2, 2000]), saved);
      },
      /^adaptiveInstanceNormBackward: of x \[1,2,2000\], \d+ bytes of \w+ would be bound at once; in pieces it cannot be, since the gradient of a style is made of sums over whole groups; this device binds 4096/,
    ],
    [
      'the gradient of a scale that lies across the pieces',
      () => {
        const scale = small.empty([30, 8]);
        const { saved } = norm.batchNormForward(small.empty([8, 30, 40]), {
          layout: 'CNL',
          training: true,
          modulation: { scale },
        });
        norm.batchNormBackward(small.empty([8, 30, 40]), saved);
      },
      /^batchNormBackward: of x \[8,30,40\], \d+ bytes of \w+ would be bound at once; in pieces it cannot be, since what a piece has of dscale does not lie together; this device binds 4096/,
    ],
  ];
  it.each(WRONG)('%s', (_, call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ name: 'NormError', code: 'limit', message: expect.stringMatching(message) }),
    );
  });
});
