import { afterEach, expect, it, vi } from 'vitest';
import {
  batchNorm,
  createContext,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  rmsNorm,
} from '../../../src/index.ts';
import type { Context } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';

/** A device that has no memory left: whoever reads what came of it is told, and what lacked memory is not used again. */

const adapters = await gpu();
const short = expect.objectContaining({ name: 'NormError', code: 'memory' });
const DATA = Float32Array.from({ length: 64 }, (_, index) => Math.sin(index));
const outOfMemory = { message: 'no memory' } as GPUError;

afterEach(() => void vi.restoreAllMocks());

/** Has the device refuse the next buffer that is made, in its own way: the buffer is invalid, and so is all that mentions it. */
function refuse({ device }: Context, which: (descriptor: GPUBufferDescriptor) => boolean): void {
  const { createBuffer, popErrorScope } = device;
  let refused = false;
  vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    if (refused || !which(descriptor)) return createBuffer.call(device, descriptor);
    refused = true;
    const buffer = createBuffer.call(device, { ...descriptor, size: device.limits.maxBufferSize + 4 });
    vi.spyOn(device, 'popErrorScope').mockImplementationOnce(async () => {
      await popErrorScope.call(device);
      return outOfMemory;
    });
    return buffer;
  });
  device.pushErrorScope('validation'); // For the size that stands in for a lack of memory.
}

async function expectOneRefused({ device }: Context): Promise<void> {
  vi.restoreAllMocks();
  expect((await device.popErrorScope())?.message).toMatch(/size|limit/i);
}

const isFor =
  (what: string) =>
  (descriptor: GPUBufferDescriptor): boolean =>
    descriptor.label?.startsWith(`webgpu-norm ${what}`) ?? false;

it('for a result: it, what is computed of it, and what the same call saved', async () => {
  using context = await createContext({ gpu: adapters });
  const x = context.tensor(DATA, [4, 16]);
  refuse(context, isFor('layerNorm'));
  const { y, saved } = layerNormForward(x);
  const after = [y, rmsNorm(y), saved.rstd, layerNormBackward(x, saved).dx];
  await expectOneRefused(context);
  for (const tensor of after) await expect(tensor.read()).rejects.toEqual(short);
  const sound = await layerNorm(x).read();
  layerNorm(x, { out: after[1]! });
  expect(await after[1]!.read()).toEqual(sound);
});

it('within a call: the next one has memory of its own', async () => {
  using context = await createContext({ gpu: adapters, schedule: { name: 'split', chunk: 8 } });
  const x = context.tensor(DATA, [4, 16]);
  refuse(context, isFor('partials'));
  const y = batchNorm(x, { training: true });
  await expectOneRefused(context);
  await expect(y.read()).rejects.toEqual(short);
  expect((await batchNorm(x, { training: true }).read()).some((value) => value !== 0)).toBe(true);
});

it('for the copy to the CPU', async () => {
  using context = await createContext({ gpu: adapters });
  const x = context.tensor(DATA, [4, 16]);
  refuse(context, isFor('read'));
  const reading = x.read();
  await expectOneRefused(context);
  await expect(reading).rejects.toEqual(short);
  expect(await x.read()).toEqual(DATA);
});
