import { afterEach, expect, it, vi } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { calibrate } from '../../../src/runtime/calibration.ts';
import { profileOf } from '../../../src/plan/profile.ts';
import { gpu } from '../../setup/gpu.ts';

afterEach(() => void vi.restoreAllMocks());

const context = await createContext({ gpu: await gpu() });
const { device, adapterInfo } = context;

/** Every test asks as an adapter of another name, because what is found is remembered. */
function asked(info: Partial<Record<'vendor' | 'architecture' | 'device' | 'description', string>>, subgroup: number) {
  const named = { vendor: '', architecture: '', device: '', description: '', ...info } as GPUAdapterInfo;
  const told = { ...profileOf(named, device.limits, new Set<string>()), subgroup };
  return async () => calibrate(device, named, told);
}

it('knows this adapter by its name, and its subgroups where they can be used', () => {
  expect(context.profile.software).toBe(true);
  const { subgroupMinSize: least, subgroupMaxSize: most } = adapterInfo;
  const fixed = device.features.has('subgroups') && least === most ? least : 0;
  expect(context.profile.subgroup).toBe(fixed);
});

it('finds by trying that a nameless adapter is a CPU, and remembers it', async () => {
  const spy = vi.spyOn(device, 'createShaderModule');
  expect(await asked({}, 0)()).toEqual({ software: true, subgroup: 0, subgroupSize: 0 });
  const modules = spy.mock.calls.length;
  await asked({}, 0)();
  expect(spy.mock.calls.length).toBe(modules);
});

it('tries another device where the first was lost meanwhile', async () => {
  const lost = await (await (await gpu()).requestAdapter())!.requestDevice();
  const named = { vendor: '', architecture: '', device: 'lost', description: '' } as GPUAdapterInfo;
  const told = profileOf(named, device.limits, new Set<string>());
  const tried = [lost, device, device].map(async (one) => calibrate(one, named, told));
  lost.destroy();
  const [, ...found] = await Promise.all(tried);
  for (const one of found) expect(one.software).toBe(true);
});

it('keeps what it found of a fallback adapter from another of the same name', async () => {
  const named = { vendor: 'amd', architecture: '', device: 'of two', description: '' } as GPUAdapterInfo;
  const told = profileOf(named, device.limits, new Set<string>());
  for (const software of [true, false]) {
    expect((await calibrate(device, named, { ...told, software })).software).toBe(software);
  }
});

it.skipIf(!device.features.has('subgroups'))('takes no more neighbours of a subgroup than it has', async () => {
  const subgroup = Math.min(adapterInfo.subgroupMinSize, 32);
  const found = { software: false, subgroupSize: 0 };
  expect(await asked({ vendor: 'amd' }, 32)()).toEqual({ ...found, subgroup });
  expect(await asked({ vendor: 'nvidia' }, 2)()).toEqual({ ...found, subgroup: Math.min(subgroup, 2) });
});

it('tells of a range of subgroups its smallest, of Apple 32, and of none 0', () => {
  const told = (vendor: string, subgroupMinSize: number, subgroupMaxSize: number, features = ['subgroups']): number =>
    profileOf(
      { vendor, architecture: '', device: '', description: '', subgroupMinSize, subgroupMaxSize },
      device.limits,
      new Set(features),
    ).subgroup;
  expect(told('amd', 32, 64)).toBe(32);
  expect(told('intel', 8, 32)).toBe(8);
  expect(told('qualcomm', 64, 128)).toBe(32);
  expect(told('apple', 4, 64)).toBe(32);
  expect(told('a vendor', 4, 128)).toBe(4);
  expect(told('nvidia', 32, 32, [])).toBe(0);
});

it('tries nothing where it must not', async () => {
  const spy = vi.spyOn(device, 'createShaderModule');
  const { profile } = await createContext({ device, calibrate: false });
  expect([profile.subgroup, profile.subgroupSize]).toEqual([0, 0]);
  expect(spy).not.toHaveBeenCalled();
  await expect(createContext({ device, calibrate: 'no' as never })).rejects.toMatchObject({ code: 'option' });
});
