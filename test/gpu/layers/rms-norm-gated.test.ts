import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { GraphNorm, RMSNormGated } from '../../../src/layers/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { slopesOf } from '../../reference/differences.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { relativeError, sizeOf } from '../support/run.ts';

const context = await createContext({ gpu: await gpu() });
const CLOSE = 64 * 2 ** -24;
const one = { data: [1], shape: [1] };

const silu = (value: number): number => value / (1 + Math.exp(-value));
const upload = ({ data, shape }: NdArray): Tensor => context.tensor(Float32Array.from(data), shape);
const f32 = (data: readonly number[]) =>
  ({ dtype: 'F32', shape: [data.length], data: Float32Array.from(data) }) as const;

/** As `rms_norm_ref` of mamba_ssm has it, of rows in groups. */
function gatedByFormula(
  x: ArrayLike<number>,
  z: ArrayLike<number>,
  weight: ArrayLike<number>,
  { groupSize, normBeforeGate, eps }: { groupSize: number; normBeforeGate: boolean; eps: number },
): Float64Array {
  const size = weight.length;
  const y = new Float64Array(x.length);
  for (let first = 0; first < x.length; first += groupSize) {
    const given = Array.from({ length: groupSize }, (_, k) =>
      normBeforeGate ? x[first + k]! : x[first + k]! * silu(z[first + k]!),
    );
    const rstd = 1 / Math.sqrt(given.reduce((sum, value) => sum + value ** 2, 0) / groupSize + eps);
    given.forEach((value, k) => {
      const out = value * rstd * weight[(first + k) % size]!;
      y[first + k] = normBeforeGate ? out * silu(z[first + k]!) : out;
    });
  }
  return y;
}

const random = new Random(51);
const array = (shape: number[], mean = 0): NdArray<Float32Array<ArrayBuffer>> => ({
  data: random.normals(sizeOf(shape), mean),
  shape,
});

describe.each([
  { name: 'Qwen3-Next: the gate after', size: 24, groupSize: 24, normBeforeGate: true, eps: 1e-6 },
  { name: 'Mamba 2: the gate before', size: 24, groupSize: 24, normBeforeGate: false, eps: 1e-5 },
  { name: 'Mamba 2, in groups', size: 24, groupSize: 8, normBeforeGate: false, eps: 1e-5 },
  { name: 'in odd groups, the gate after', size: 21, groupSize: 7, normBeforeGate: true, eps: 1e-5 },
])('RMSNormGated, $name', ({ size, groupSize, normBeforeGate, eps }) => {
  const shape = [2, 5, size];
  const [x, z, dy, weight] = [array(shape, 0.5), array(shape), array(shape, 0.3), array([size], 1)];
  const options = { eps, groupSize, normBeforeGate };
  const make = (): RMSNormGated => {
    const layer = new RMSNormGated(context, size, options);
    layer.loadStateDict({ weight: f32([...weight.data]) });
    return layer;
  };

  it('is the formula, and its gradients are the slopes of that', async () => {
    using layer = make();
    const exact = Object.fromEntries(
      Object.entries({ x, z, weight }).map(([name, { data }]) => [name, Float64Array.from(data)]),
    ) as Record<'x' | 'z' | 'weight', Float64Array>;
    const y = layer.forward(upload(x), { z: upload(z) });
    expect(y.shape).toEqual(shape);
    expect(relativeError(await y.read(), gatedByFormula(exact.x, exact.z, exact.weight, options))).toBeLessThan(CLOSE);
    const { dx, dz } = layer.backward(upload(dy));
    expect([dx.shape, dz.shape]).toEqual([shape, shape]);
    const { grad } = layer.parameters()[0]!;
    expect(grad.shape).toEqual([size]);
    const loss = (): number =>
      gatedByFormula(exact.x, exact.z, exact.weight, options).reduce((sum, value, k) => sum + value * dy.data[k]!, 0);
    for (const [name, tensor] of Object.entries({ x: dx, z: dz, weight: grad })) {
      const slopes = slopesOf(loss, exact[name as 'x']);
      expect(relativeError(await tensor.read(), slopes, one), name).toBeLessThan(2 ** -16);
    }
  });

  it('takes slices of a fused projection, and gives into tensors of yours; gradients add up', async () => {
    using layer = make();
    const fused = context.empty([2, 5, 2 * size]);
    const place = ({ data }: NdArray<Float32Array<ArrayBuffer>>, first: number): Tensor => {
      for (let row = 0; row < 10; row++) {
        const from = data.subarray(row * size, (row + 1) * size);
        context.device.queue.writeBuffer(fused.buffer, fused.byteOffset + (row * 2 * size + first) * 4, from);
      }
      return fused.slice(-1, first, first + size);
    };
    const [ofX, ofZ] = [place(x, 0), place(z, size)];
    const [out, dxOut] = [context.empty(shape), context.empty(shape)];
    const wanted = gatedByFormula(x.data, z.data, weight.data, options);
    const exact = make();
    exact.forward(upload(x), { z: upload(z) });
    const gradients = exact.backward(upload(dy));
    for (const times of [1, 2]) {
      expect(layer.forward(ofX, { z: ofZ, out })).toBe(out);
      expect(relativeError(await out.read(), wanted)).toBeLessThan(CLOSE);
      const { dx, dz } = layer.backward(upload(dy), { out: dxOut });
      expect(dx).toBe(dxOut);
      expect(relativeError(await dx.read(), await gradients.dx.read())).toBeLessThan(CLOSE);
      expect(relativeError(await dz.read(), await gradients.dz.read())).toBeLessThan(CLOSE);
      const sums = (await exact.parameters()[0]!.grad.read()).map((value) => value * times);
      expect(relativeError(await layer.parameters()[0]!.grad.read(), sums)).toBeLessThan(CLOSE);
    }
    exact.destroy();
  });
});

it('RMSNormGated has the state of the published code, a weight of ones', async () => {
  using layer = new RMSNormGated(context, 6, { groupSize: 3 });
  expect(await layer.stateDict()).toEqual({ weight: f32([1, 1, 1, 1, 1, 1]) });
});

it('RMSNormGated refuses groups in the place of rows', () => {
  using layer = new RMSNormGated(context, 6, { groupSize: 3 });
  const [rows, groups] = [
    context.tensor(new Float32Array(12), [2, 6]),
    context.tensor(new Float32Array(12), [2, 2, 3]),
  ];
  const refused = expect.objectContaining({ code: 'shape' }) as unknown;
  expect(() => layer.forward(rows, { z: rows, out: groups })).toThrow(refused);
  const y = layer.forward(rows, { z: rows });
  expect(() => layer.backward(groups)).toThrow(refused);
  expect(() => layer.backward(y, { out: groups })).toThrow(refused);
  expect(layer.backward(y).dx.shape).toEqual([2, 6]);
});

it('GraphNorm has the state of PyTorch Geometric, and trains all of it', async () => {
  using layer = new GraphNorm(context, 4);
  expect(await layer.stateDict()).toEqual({
    weight: f32([1, 1, 1, 1]),
    bias: f32([0, 0, 0, 0]),
    mean_scale: f32([1, 1, 1, 1]),
  });
  const given = { weight: f32([1, -2, 3, 0.5]), bias: f32([1, 2, 3, 4]), mean_scale: f32([0.5, 1, 0, -0.25]) };
  const { mean_scale: alpha, ...rest } = given;
  layer.loadStateDict({ ...rest, alpha }, { rename: { alpha: 'mean_scale' } });
  expect(await layer.stateDict()).toEqual(given);

  const [x, dy, segments] = [array([12, 4], 2), array([12, 4], 0.3), [0, 5, 5, 12]];
  const options = { segments, weight: given.weight, bias: given.bias, meanScale: given.mean_scale };
  const y = layer.forward(upload(x), { segments });
  expect(relativeError(await y.read(), reference.instanceNorm(x, options).y.data)).toBeLessThan(CLOSE);
  const dx = layer.backward(upload(dy));
  const exact = reference.instanceNormBackward(dy, x, options);
  expect(relativeError(await dx.read(), exact.dx.data, one)).toBeLessThan(CLOSE);
  const [weight, bias, meanScale] = layer.parameters();
  expect(meanScale!.name).toBe('mean_scale');
  expect(relativeError(await weight!.grad.read(), exact.dweight!.data, one)).toBeLessThan(CLOSE);
  expect(relativeError(await bias!.grad.read(), exact.dbias!.data, one)).toBeLessThan(CLOSE);
  expect(relativeError(await meanScale!.grad.read(), exact.dmeanScale!.data, one)).toBeLessThan(CLOSE);
});

it.each([
  ['all nodes as one graph', [12, 4], { segments: [0, 12] }],
  ['graphs of one size', [3, 4, 4], { segments: [0, 4, 8, 12] }],
])('GraphNorm takes %s without starts', async (_, shape, packed) => {
  using layer = new GraphNorm(context, 4, { eps: 1e-3 });
  layer.loadStateDict({ mean_scale: f32([0.5, 1, 0, -0.25]) }, { strict: false });
  const x = array(shape as number[], 2);
  const y = await layer.eval().forward(upload(x)).read();
  const rows = upload({ data: x.data, shape: [12, 4] });
  expect(relativeError(y, await layer.forward(rows, packed).read())).toBeLessThan(CLOSE);
});
