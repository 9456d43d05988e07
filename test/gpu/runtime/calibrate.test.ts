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
  expect(await asked({}, 0)()).toEqual({ software: true, subgroup: 0 });
  const modules = spy.mock.calls.length;
  await asked({}, 0)();
  expect(spy.mock.calls.length).toBe(modules);
});

it('takes no subgroups of another size than they have', async () => {
  expect(await asked({ vendor: 'a vendor' }, 32)()).toEqual({ software: false, subgroup: 0 });
});

it('tries nothing where it must not', async () => {
  const spy = vi.spyOn(device, 'createShaderModule');
  const { profile } = await createContext({ device, calibrate: false });
  expect(profile.subgroup).toBe(0);
  expect(spy).not.toHaveBeenCalled();
  await expect(createContext({ device, calibrate: 'no' as never })).rejects.toMatchObject({ code: 'option' });
});
