import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { boundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fuse, placing } from '../support/fused.ts';
import type { Fused, Fusing } from '../support/fused.ts';
import { EVERY_PLACE } from '../support/modes.ts';
import type { Size } from '../support/modes.ts';
import { contextBinding, cutsGroups, isInPieces, plansOf, smallContextFor } from '../support/pieces.ts';
import { Random } from '../support/random.ts';
import { callGpu, callGpuForward, normalizedByReference, relativeError, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { unitsOff } from '../support/units.ts';

/**
 * Tensors larger than what can be bound at once, which is a kilobyte or some here: results are those of float64, and where no group is cut
 * those of the call in one piece to the bit.
 */

const contexts = await openContexts();
const { device } = contexts.software;

/** Samples apart, samples cut, odd sizes, and groups in plenty. */
const SIZES: readonly Size[] = [
  { N: 5, C: 8, L: 64 },
  { N: 3, C: 5, L: 77 },
  { N: 1, C: 9, L: 96 },
  { N: 40, C: 6, L: 30 },
  { N: 2, C: 200, L: 10 },
];
const PLAIN: Fusing = {
  dtype: 'f32',
  like: true,
  affine: 'both',
  residual: 'none',
  modulation: 'none',
  activation: 'none',
  mask: 'none',
};
/** The same for a piece as for all. */
const WHOLE = { name: 'whole', reduce: 'invocation', tile: 'memory', lanes: 1, groupsPerInvocation: 1 } as const;

const bitsOf = async (tensor: Tensor): Promise<Uint32Array> => new Uint32Array((await tensor.read()).buffer);

const places = EVERY_PLACE.map((place, turn) => ({ ...place, turn }));

it.each(part(places))('$name', async ({ mode, layout, turn }) => {
  const dtypes = ['f32', 'f16', 'f32', 'bf16', 'f32'] as const;
  let calls = 0;
  // Two of the sizes for each layout, from another one on each time.
  for (let step = 0; step < SIZES.length && calls < 2; step++) {
    const at = (turn + 2 * step) % SIZES.length;
    const size = SIZES[at]!;
    if (mode.refuses?.(size)) continue;
    const plans = PLANS[(at + Math.floor(turn / 2)) % 2]!;
    const call = mode.call(size, layout);
    const fused = fuse(mode, call, layout, { ...PLAIN, dtype: dtypes[at]! }, new Random(at + turn));
    const what = `${plans}, ${layout} [${call.shape.join()}]`;
    const small = await smallContextFor(contexts, plans, fused);
    if (!small) continue;
    calls++;
    expect(isInPieces(plansOf(small, fused, false), 'y'), what).toBe(true);
    await expectExact(small, fused, boundOf(mode), what);
    await expectSameBits(plans, fused, what);
  }
  expect(calls).toBeGreaterThan(0);
});

async function expectExact(context: norm.Context, fused: Fused, bound: number, what: string): Promise<void> {
  const exact = normalizedByReference(fused);
  const { weight, bias, style } = fused.arrays;
  const place = placing(context, fused);
  const { y, saved } = callGpuForward(fused, place);
  for (const [name, tensor] of Object.entries({ y, alone: callGpu(fused, place) })) {
    const error =
      tensor.dtype === 'f32'
        ? relativeError(await tensor.read(), exact.y.data, weight, bias) / bound
        : await unitsOff(tensor, exact.y.data, 4 + (style ? 4 : 0));
    expect(error, `${name} of ${what}`).toBeLessThanOrEqual(1);
  }
  expect(relativeError(await saved.rstd.read(), exact.rstd.data), `rstd of ${what}`).toBeLessThan(1e-4);
}

/** Of a schedule that does not depend on how many groups there are. */
async function expectSameBits(plans: (typeof PLANS)[number], fused: Fused, what: string): Promise<void> {
  const small = await smallContextFor(contexts, plans, fused, { schedule: WHOLE });
  if (!small || cutsGroups(plansOf(small, fused, false))) return;
  const large = await contextBinding(contexts, plans, 2 ** 27, WHOLE);
  const [inPieces, inOne] = [small, large].map((context) => callGpuForward(fused, placing(context, fused)));
  expect(await bitsOf(inPieces!.y), what).toEqual(await bitsOf(inOne!.y));
  expect(await bitsOf(inPieces!.saved.mean), what).toEqual(await bitsOf(inOne!.saved.mean));
  expect(await bitsOf(inPieces!.saved.rstd), what).toEqual(await bitsOf(inOne!.saved.rstd));
}

describe.each(part(PLANS, 2))('running statistics, %s plans', (plans) => {
  const cases = {
    'BatchNorm NCHW': { op: 'batchNorm', shape: [6, 5, 8, 9], layout: 'NCHW', training: true },
    'BatchNorm NHWC': { op: 'batchNorm', shape: [6, 8, 9, 12], layout: 'NHWC', training: true },
    'BatchNorm CN': { op: 'batchNorm', shape: [50, 37], layout: 'CN', training: true },
    'InstanceNorm NCHW': { op: 'instanceNorm', shape: [6, 5, 8, 9], layout: 'NCHW' },
    'InstanceNorm NHWC': { op: 'instanceNorm', shape: [6, 8, 9, 12], layout: 'NHWC' },
  } as const;
  const names = Object.keys(cases) as (keyof typeof cases)[];

  it.each(
    part(
      names.flatMap((name) => [false, true].map((masked) => ({ name, masked }))),
      3,
    ),
  )('$name, mask: $masked', async ({ name, masked }) => {
    const { op, shape, ...options } = cases[name];
    const random = new Random(5);
    const channel = options.layout.indexOf('C');
    const channels = shape[channel]!;
    const positions = shape.filter((_, axis) => axis !== channel);
    const [x, mean] = [random.normals(sizeOf(shape), 2), random.normals(channels)];
    const mask = Float32Array.from({ length: sizeOf(positions) }, () => (random.uniform() < 0.8 ? 1 : 0));
    const call = async (context: norm.Context): Promise<Float32Array[]> => {
      const running = {
        runningMean: context.tensor(mean, [channels]),
        runningVar: context.tensor(new Float32Array(channels).fill(1), [channels]),
        numBatchesTracked: context.tensor(new Uint32Array([3]), [1], { dtype: 'u32' }),
      };
      const given = masked ? { mask: context.tensor(mask, positions) } : {};
      const all = { ...options, ...running, ...given, momentum: null };
      const y = (norm[op] as typeof norm.batchNorm)(context.tensor(x, shape), all);
      expect(await running.numBatchesTracked.read('u32')).toEqual(new Uint32Array([4]));
      return [await y.read(), await running.runningMean.read(), await running.runningVar.read()];
    };
    const small = await contextBinding(contexts, plans, 6000);
    const exact = await call(contexts[plans]);
    for (const [index, actual] of (await call(small)).entries()) {
      expect(relativeError(actual, exact[index]!)).toBeLessThan(2e-6);
    }
  });
});

const BATCHES = [
  { layout: 'NCHW', shape: [6, 5, 8, 9], axes: [0, 2, 3] },
  { layout: 'CN', shape: [70, 60], axes: [1] },
] as const;

it.each(
  part(
    PLANS.flatMap((plans) => BATCHES.map((batch) => ({ plans, ...batch }))),
    3,
  ),
)(
  'moments, and a call that takes them and tracks them, $plans plans, $layout',
  async ({ plans, layout, shape, axes }) => {
    const channels = shape[layout.indexOf('C')]!;
    const data = new Random(6).normals(sizeOf(shape), 3);
    const small = await contextBinding(contexts, plans, 3000);
    const exact = reference.moments({ data, shape }, { axes });
    const x = small.tensor(data, shape);
    const measured = norm.moments(x, { axes });
    expect(relativeError(await measured.mean.read(), exact.mean.data)).toBeLessThan(1e-6);
    expect(relativeError(await measured.variance.read(), exact.variance.data)).toBeLessThan(2e-6);
    expect(measured.count).toBe(sizeOf(shape) / channels);
    const results = [small, contexts[plans]].map((context) => {
      const placed = context.tensor(data, shape);
      const runningMean = context.tensor(new Float32Array(channels), [channels]);
      const runningVar = context.tensor(new Float32Array(channels).fill(1), [channels]);
      const moments = norm.moments(placed, { axes });
      const y = norm.batchNorm(placed, { layout, training: true, moments, runningMean, runningVar });
      return [y, runningMean, runningVar];
    });
    const [actual, wanted] = await Promise.all(
      results.map((tensors) => Promise.all(tensors.map((tensor) => tensor.read()))),
    );
    for (const [index, numbers] of actual!.entries()) {
      expect(relativeError(numbers, wanted![index]!)).toBeLessThan(2e-6);
    }
  },
);

it.each(part(PLANS, 2, 1))('moments that begin anywhere in a buffer, %s plans', async (plans) => {
  const shape = [64, 4, 16];
  const data = new Random(7).normals(sizeOf(shape), 3);
  const results = [contexts[plans], await contextBinding(contexts, plans, 4096)].map((context) => {
    const x = context.tensor(data, shape);
    const { mean, packed, count } = norm.moments(x, { axes: [0, 2] });
    const buffer = device.createBuffer({ size: 12 + packed.byteLength, usage: 0x8c });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(packed.buffer, 0, buffer, 12, packed.byteLength);
    device.queue.submit([encoder.finish()]);
    const moved = context.wrap(buffer, { shape: packed.shape, byteOffset: 12 });
    return norm.batchNorm(x, { layout: 'NCL', training: true, moments: { mean, packed: moved, count } });
  });
  const [exact, inPieces] = await Promise.all(results.map((y) => y.read()));
  expect(relativeError(inPieces!, exact!)).toBeLessThan(2e-6);
});

const DTYPES = ['f32', 'f16', 'bf16'] as const;

describe.each([...DTYPES.entries()])('%d: %s, tensors that begin anywhere in a buffer', (first, dtype) => {
  it.each(part(PLANS, 2, first))('%s plans', async (plans) => {
    const shape = [37, 45];
    const bytes = dtype === 'f32' ? 4 : 2;
    const small = await contextBinding(contexts, plans, 2000);
    const data = new Random(7).normals(sizeOf(shape));
    const fill = new Uint8Array(16384).map((_, index) => index % 251);
    const places = await Promise.all(
      [small, contexts[plans]].map(async (context) => {
        const buffers = [0, 1].map(() => device.createBuffer({ size: fill.length, usage: 0x80 | 0x4 | 0x8 }));
        for (const buffer of buffers) device.queue.writeBuffer(buffer, 0, fill);
        const [x, out] = buffers.map((buffer, index) =>
          context.wrap(buffer, { shape, dtype, byteOffset: 512 + (2 * index + 3) * bytes }),
        );
        const packed = await context.tensor(data, shape, { dtype }).read(dtype);
        const words = new Uint8Array(fill);
        words.set(new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength), x!.byteOffset);
        device.queue.writeBuffer(buffers[0]!, 0, words);
        norm.layerNorm(x!, { out: out! });
        return (await context.wrap(buffers[1]!, { shape: [fill.length / 4] }).read()).buffer;
      }),
    );
    const [inPieces, inOne] = places.map((buffer) => new Uint8Array(buffer));
    const within = ([from, to]: [number, number]) => fill.subarray(from, to);
    const end = 512 + 5 * bytes + sizeOf(shape) * bytes;
    expect(inPieces!.subarray(0, 512 + 5 * bytes)).toEqual(within([0, 512 + 5 * bytes]));
    expect(inPieces!.subarray(end)).toEqual(within([end, fill.length]));
    const [a, b] = [inPieces!, inOne!].map((all) => all.slice(512 + 5 * bytes, end));
    if (dtype === 'f32')
      expect(relativeError(new Float32Array(a!.buffer), new Float32Array(b!.buffer))).toBeLessThan(1e-6);
    else expect(a).toEqual(b);
  });
});

describe.each([...DTYPES.entries()])('%d: %s, in place', (first, dtype) => {
  const shapes = { rows: [37, 45], NCHW: [3, 6, 9, 11], NHWC: [3, 9, 11, 6], 'NCHW, one': [1, 6, 17, 11] };
  it.each(Object.entries(shapes))('%s', async (name, shape) => {
    for (const plans of part(PLANS, 2, first)) {
      const random = new Random(11);
      const [x, residual] = [random.normals(sizeOf(shape)), random.normals(sizeOf(shape))];
      const layout = name.slice(0, 4) as 'NCHW';
      const small = await contextBinding(contexts, plans, 2600);
      const call = async (inPlace: boolean): Promise<Float32Array[]> => {
        const placed = { x: small.tensor(x, shape, { dtype }), residual: small.tensor(residual, shape, { dtype }) };
        const [out, residualOut] = inPlace
          ? [placed.x, placed.residual]
          : [small.empty(shape, { dtype }), small.empty(shape, { dtype })];
        const to = { out, residual: placed.residual, residualOut };
        if (name === 'rows') norm.layerNorm(placed.x, to);
        else norm.batchNorm(placed.x, { ...to, layout, training: true });
        return Promise.all([out.read(), residualOut.read()]);
      };
      const [apart, together] = [await call(false), await call(true)];
      for (const [index, numbers] of together.entries()) {
        // Written four groups at once or one after the other, f32 may differ in the last place.
        const bound = dtype === 'f32' ? 2e-7 : 0;
        expect(relativeError(numbers, apart[index]!)).toBeLessThanOrEqual(bound);
      }
    }
  });
});
