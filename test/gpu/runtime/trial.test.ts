import { afterAll, expect, it, vi } from 'vitest';
import { createContext, layerNorm } from '../../../src/index.ts';
import { profileOf } from '../../../src/plan/profile.ts';
import { calibrate } from '../../../src/runtime/calibration.ts';
import { stopwatchOf } from '../../../src/runtime/stopwatch.ts';
import { tryHeld } from '../../../src/runtime/trial.ts';
import { layerNorm as exact } from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';

/** Two plans of one call by time, on a device that is taken for a small GPU. */

const own = await createContext({ gpu: await gpu() });
const { device } = own;
afterAll(() => own.destroy());

const limits = {
  maxComputeInvocationsPerWorkgroup: 32,
  maxComputeWorkgroupSizeX: 32,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxStorageBuffersPerShaderStage: 8,
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
};
const info = (vendor: string) => ({ vendor, architecture: '', device: '', description: '' }) as GPUAdapterInfo;
const small = { ...profileOf(info('a vendor'), limits, new Set()), parallel: 64, held: 2 };

/** Time enough, however slow the device is. */
const unhurried = () => () => 1;

/** Runs what is timed, and says that it took so long: first each choice of the one question, then of the other, the usual one first. */
function told(milliseconds: readonly number[]) {
  const watch = stopwatchOf(device);
  let sample = 0;
  return async (record: (pass: GPUComputePassEncoder) => void): Promise<number> => {
    await watch(record);
    // A question takes 1 sample and 5 of each choice.
    const [question, within] = [Math.floor(sample / 11), sample++ % 11];
    return within === 0 ? 1.5 : milliseconds[2 * question + ((within + 1) % 2)]!;
  };
}

it('holds twice as much, or half as much, where that is clearly faster', async () => {
  const errors = vi.fn();
  device.addEventListener('uncapturederror', errors);
  expect(await tryHeld(device, small, told([1, 0.5]), unhurried)).toBe(4);
  expect(await tryHeld(device, small, told([1, 0.95, 1, 0.95]), unhurried)).toBe(2);
  expect(await tryHeld(device, small, told([1, 2, 1, 0.5]), unhurried)).toBe(1);
  await device.queue.onSubmittedWorkDone();
  device.removeEventListener('uncapturederror', errors);
  expect(errors).not.toHaveBeenCalled();
});

it('leaves a choice that calls of a context keep, whatever the clock says', async () => {
  const modules = vi.spyOn(device, 'createShaderModule');
  const tried = await calibrate(device, info('a vendor'), small);
  expect([1, 2, 4]).toContain(tried.held);
  expect(tried.software).toBe(false);
  const made = modules.mock.calls.length;
  expect(await calibrate(device, info('a vendor'), small)).toEqual(tried);
  expect(modules.mock.calls.length).toBe(made);
  modules.mockRestore();
  const context = await createContext({ device, profile: { ...small, ...tried } });
  const x = { data: new Random(1).normals(3 * 512, 0.5), shape: [3, 512] };
  const results = await Promise.all([1, 2, 3].map(async () => layerNorm(context.tensor(x.data, x.shape)).read()));
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  expect(relativeError(results[0]!, exact(x).y.data)).toBeLessThanOrEqual(16 * 2 ** -24);
});

it('leaves no buffer', async () => {
  const live = new Set<GPUBuffer>();
  const create = device.createBuffer.bind(device);
  const made = vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      live.delete(buffer);
      destroy();
    };
    live.add(buffer);
    return buffer;
  });
  await tryHeld(device, small, told([1, 0.5]), unhurried);
  expect(made.mock.calls.length).toBeGreaterThan(2);
  expect(live.size).toBe(0);
  made.mockRestore();
});

it('is made for a GPU of no known vendor alone', async () => {
  const modules = vi.spyOn(device, 'createShaderModule');
  for (const vendor of ['nvidia', 'amd', 'apple', 'intel', 'qualcomm', 'arm']) {
    expect(await calibrate(device, info(vendor), small)).not.toHaveProperty('held');
  }
  expect(await calibrate(device, info('software'), { ...small, software: true })).not.toHaveProperty('held');
  expect(modules).not.toHaveBeenCalled();
  modules.mockRestore();
});
