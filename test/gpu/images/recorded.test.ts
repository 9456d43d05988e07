import { afterEach, describe, expect, it, vi } from 'vitest';
import { tensorFromImage, tensorToImage } from '../../../src/images/index.ts';
import { createContext, instanceNorm, layerNorm } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { expected, imageOf, largestError } from './images.ts';
import { bytesOf, textureOf } from './textures.ts';

/** Images on an encoder of the app's, what is submitted, and what is kept. */

const context = await createContext({ gpu: await gpu(), specialize: false });
const { device } = context;
const image = imageOf(5, 7, 255);
const other = { ...image, data: image.data.toReversed() as Uint8ClampedArray<ArrayBuffer> };
other.data.forEach((_, at) => at % 4 === 3 && (other.data[at] = 255));

afterEach(() => void vi.restoreAllMocks());

/** Runs what submits, and fails if the device finds anything wrong. */
async function checked<Result>(work: () => Result): Promise<Result> {
  device.pushErrorScope('validation');
  const result = work();
  expect((await device.popErrorScope())?.message).toBeUndefined();
  return result;
}

describe('recorded', () => {
  it.each(['a command encoder', 'an open compute pass'])('on %s, between calls, and submitted later', async (kind) => {
    const encoder = device.createCommandEncoder();
    const pass = kind === 'a command encoder' ? null : encoder.beginComputePass();
    const submit = vi.spyOn(device.queue, 'submit');
    const x = tensorFromImage(context, [image, other], { mean: 0.5, encoder: pass ?? encoder });
    const y = instanceNorm(x, { encoder: pass ?? encoder });
    const back = tensorFromImage(context, other, { encoder: pass ?? encoder });
    pass?.end();
    expect(submit).not.toHaveBeenCalled();
    // What another call makes meanwhile must not take the place of what is recorded.
    for (let call = 0; call < 3; call++) tensorFromImage(context, imageOf(5, 7), { mean: 0.25 }).destroy();
    const texture = textureOf(device, 'rgba8unorm', [7, 5]);
    tensorToImage(back, texture, { encoder });
    await checked(() => device.queue.submit([encoder.finish()]));
    const exact = [image, other].flatMap((one) => [...expected(one, { mean: [0.5, 0.5, 0.5] })]);
    expect(largestError(await x.read(), exact)).toBeLessThanOrEqual(1);
    expect(await y.read()).toEqual(await instanceNorm(x).read());
    expect([...(await bytesOf(device, texture))]).toEqual([...other.data]);
    for (const one of [x, y, back]) one.destroy();
  });

  it('what is copied for a call is destroyed once that was submitted', async () => {
    const made: GPUTexture[] = [];
    const { createTexture } = device;
    vi.spyOn(device, 'createTexture').mockImplementation((descriptor) => {
      const texture = createTexture.call(device, descriptor);
      vi.spyOn(texture, 'destroy');
      made.push(texture);
      return texture;
    });
    tensorFromImage(context, image).destroy();
    expect(made).toHaveLength(1);
    expect(made[0]!.destroy).toHaveBeenCalledOnce();
    const encoder = device.createCommandEncoder();
    using x = tensorFromImage(context, image, { encoder });
    expect(made[1]!.destroy).not.toHaveBeenCalled();
    await checked(() => device.queue.submit([encoder.finish()]));
    expect(made[1]!.destroy).toHaveBeenCalledOnce();
    expect(largestError(await x.read(), expected(image))).toBeLessThanOrEqual(1);
  });
});

describe('what a call costs', () => {
  it('from texture to texture nothing comes back to the CPU, and a warm call writes nothing, makes no buffer and compiles nothing', () => {
    const texture = textureOf(device, 'rgba8unorm', [7, 5], image.data);
    const target = textureOf(device, 'rgba8unorm', [7, 5]);
    const call = (): void => {
      using x = tensorFromImage(context, texture, { resize: [9, 9], centerCrop: [5, 7], dtype: 'f16' });
      instanceNorm(x, { out: x });
      tensorToImage(x, target);
    };
    call();
    const spies = (['createBuffer', 'createTexture', 'createComputePipeline', 'createRenderPipeline'] as const).map(
      (name) => vi.spyOn(device, name),
    );
    const mapped = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
    const written = (['writeBuffer', 'writeTexture'] as const).map((name) => vi.spyOn(device.queue, name));
    const submit = vi.spyOn(device.queue, 'submit');
    call();
    for (const spy of [...spies, mapped, ...written]) expect(spy).not.toHaveBeenCalled();
    expect(submit).toHaveBeenCalledTimes(3);
  });

  it('one program for a kind of call, whatever the size, layout or order of channels', () => {
    tensorFromImage(context, image).destroy();
    const compile = vi.spyOn(device, 'createComputePipeline');
    for (const layout of ['NCHW', 'NHWC'] as const) {
      for (const channels of ['BGR', 'RGBA', 'grayscale'] as const) {
        tensorFromImage(context, imageOf(3, 11), { layout, channels, mean: 0.25, background: 1 }).destroy();
      }
    }
    expect(compile).not.toHaveBeenCalled();
  });

  it('memory stays as it is over a hundred frames', () => {
    const frame = (): void => {
      using x = tensorFromImage(context, image, { resize: 4 });
      layerNorm(x).destroy();
    };
    frame();
    const before = context.memory();
    for (let count = 0; count < 100; count++) frame();
    expect(context.memory()).toEqual(before);
  });
});

it('while a call is only planned, nothing is read or drawn', async () => {
  const submit = vi.spyOn(device.queue, 'submit');
  const write = vi.spyOn(device.queue, 'writeTexture');
  const texture = textureOf(device, 'rgba8unorm', [7, 5]);
  const plans = context.explain(() => {
    const x = tensorFromImage(context, image);
    tensorToImage(instanceNorm(x), texture);
  });
  expect(plans).toHaveLength(1);
  expect(submit).not.toHaveBeenCalled();
  expect(write).not.toHaveBeenCalled();
});
