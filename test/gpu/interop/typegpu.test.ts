import tgpu, { d } from 'typegpu';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tensorFromImage, tensorToImage } from '../../../src/images/index.ts';
import { createContext, layerNorm } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { imageOf } from '../images/images.ts';
import { bytesOf } from '../images/textures.ts';
import { Random } from '../support/random.ts';
import { seed } from '../support/seed.ts';
import { largestDifference } from './float64.ts';

/** Buffers, textures and command encoders of TypeGPU, by its unwrap. */

const adapters = await gpu();
const context = await createContext({ gpu: adapters });
const { device } = context;
const root = tgpu.initFromDevice({ device });
const ROWS = 5;
const random = new Random(seed);

afterEach(() => void vi.restoreAllMocks());

const normalized = (data: readonly number[], length: number): Float64Array =>
  reference.layerNorm({ data, shape: [ROWS, length] }).y.data;

/** A buffer of as many floats, normal ones. */
function floats(length: number) {
  const values = [...random.normals(length, 1, 3)];
  return { values, buffer: root.createBuffer(d.arrayOf(d.f32, length), values).$usage('storage') };
}

describe('buffers', () => {
  it('of floats are normalized where they are, and nothing goes by way of the CPU', async () => {
    const { values, buffer } = floats(ROWS * 6);
    const result = root.createBuffer(d.arrayOf(d.f32, ROWS * 6)).$usage('storage');
    const x = context.wrap(root.unwrap(buffer), { shape: [ROWS, 6] });
    const out = context.wrap(root.unwrap(result), { shape: [ROWS, 6] });
    layerNorm(x, { out });
    const asked = [
      vi.spyOn(GPUBuffer.prototype, 'mapAsync'),
      vi.spyOn(device, 'createBuffer'),
      vi.spyOn(device.queue, 'writeBuffer'),
    ];
    layerNorm(x, { out });
    for (const one of asked) expect(one).not.toHaveBeenCalled();
    expect(largestDifference(await result.read(), normalized(values, 6))).toBeLessThanOrEqual(1e-5);
  });

  it('of vec3f are rows of three that begin four apart', async () => {
    const vectors = Array.from({ length: ROWS }, () => {
      const [x, y, z] = random.normals(3, 0, 1);
      return d.vec3f(x!, y!, z!);
    });
    const buffer = root.createBuffer(d.arrayOf(d.vec3f, ROWS), vectors).$usage('storage');
    const x = context.wrap(root.unwrap(buffer), { shape: [ROWS, 3], strides: [4, 1] });
    layerNorm(x, { out: x });
    const found = (await buffer.read()).flatMap((vector) => [...vector]);
    const exact = normalized(
      vectors.flatMap((vector) => [...vector]),
      3,
    );
    expect(largestDifference(found, exact)).toBeLessThanOrEqual(1e-5);
  });

  it('without STORAGE, destroyed ones, those of another device and those not unwrapped are refused', async () => {
    const shape = [ROWS];
    const bare = root.createBuffer(d.arrayOf(d.f32, ROWS));
    expect(() => context.wrap(root.unwrap(bare), { shape })).toThrow(expect.objectContaining({ code: 'usage' }));
    const { buffer } = floats(ROWS);
    expect(() => context.wrap(buffer as never, { shape })).toThrow('wrap: buffer is');
    const x = context.wrap(root.unwrap(buffer), { shape });
    buffer.destroy();
    await expect(layerNorm(x).read()).rejects.toMatchObject({ name: 'NormError', code: 'destroyed' });
    const stranger = await createContext({ gpu: adapters });
    const theirs = tgpu
      .initFromDevice({ device: stranger.device })
      .createBuffer(d.arrayOf(d.f32, ROWS))
      .$usage('storage');
    const y = layerNorm(context.wrap(root.unwrap(theirs), { shape }));
    await expect(y.read()).rejects.toMatchObject({ name: 'NormError', code: 'device' });
    stranger.device.destroy();
  });
});

it('command encoders: calls are recorded into them', async () => {
  const { values, buffer } = floats(ROWS * 6);
  const x = context.wrap(root.unwrap(buffer), { shape: [ROWS, 6] });
  const encoder = root.unwrap(root['~unstable'].createCommandEncoder());
  const submit = vi.spyOn(device.queue, 'submit');
  layerNorm(x, { out: x, encoder });
  expect(submit).not.toHaveBeenCalled();
  device.queue.submit([encoder.finish()]);
  expect(largestDifference(await buffer.read(), normalized(values, 6))).toBeLessThanOrEqual(1e-5);
});

it('textures are tensors, and tensors textures', async () => {
  const image = imageOf(5, 7, 255);
  const textures = [0, 1].map(() =>
    root.unwrap(root.createTexture({ size: [7, 5], format: 'rgba8unorm' }).$usage('sampled', 'render')),
  );
  const [from, to] = textures;
  device.queue.writeTexture({ texture: from! }, image.data, { bytesPerRow: 28 }, [7, 5]);
  using x = tensorFromImage(context, from!, { mean: 0.5, std: 0.25 });
  tensorToImage(x, to!, { mean: 0.5, std: 0.25 });
  expect([...(await bytesOf(device, to!))]).toEqual([...image.data]);
});
