import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createContext, layerNormBackward, layerNormForward } from '../../../src/index.ts';
import type { Context } from '../../../src/index.ts';
import { profileOf } from '../../../src/plan/profile.ts';
import { calibrate } from '../../../src/runtime/calibration.ts';
import { layerNorm, layerNormBackward as referenceBackward } from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';

/** Programs that ask for the size of their subgroups, on an adapter of one size: that is asked for, which other plans leave to it. */

const own = await createContext({ gpu: await gpu() });
const { device, adapterInfo } = own;
const size = adapterInfo.subgroupMinSize ?? 0;
const has = device.features.has('subgroup-size-control') && size > 1;

afterEach(() => void vi.restoreAllMocks());
afterAll(() => own[Symbol.dispose]());

describe.skipIf(!has)(
  `subgroup-size-control, subgroups of ${size}${has ? '' : ' (skipped: this adapter has none)'}`,
  () => {
    const asked = async (vendor: string, subgroupSize: number) => {
      const info = { vendor, architecture: '', device: '', description: '' } as GPUAdapterInfo;
      return calibrate(device, info, { ...profileOf(info, device.limits, new Set()), subgroup: 2, subgroupSize });
    };

    it('is found to hold, and then as many are neighbours as were asked for', async () => {
      expect(await asked('amd', size)).toEqual({ software: false, subgroup: size, subgroupSize: size });
    });

    it('is left alone where the adapter refuses the size, without an error', async () => {
      const errors = vi.fn();
      device.addEventListener('uncapturederror', errors);
      expect(await asked('nvidia', 8 * size)).toEqual({ software: false, subgroup: 2, subgroupSize: 0 });
      await device.queue.onSubmittedWorkDone();
      device.removeEventListener('uncapturederror', errors);
      expect(errors).not.toHaveBeenCalled();
    });

    it('changes no bit of rows in one subgroup or several', async () => {
      const hardware = { software: false, parallel: 1 << 16, maxWorkgroup: 64, held: 1, subgroup: size };
      const modules = vi.spyOn(device, 'createShaderModule');
      for (const lanes of [size, 2 * size]) {
        const random = new Random(lanes);
        const shape = [9, 8 * size];
        const array = (of: number[]) => ({ data: random.normals(of[0]! * (of[1] ?? 1), 0.5), shape: of });
        const [x, dy, weight, bias] = [array(shape), array(shape), array([8 * size]), array([8 * size])];
        const run = async (context: Context): Promise<Float32Array[]> => {
          const [a, b, c, d] = [x, dy, weight, bias].map(({ data, shape: of }) => context.tensor(data, of));
          const { y, saved } = layerNormForward(a!, { weight: c!, bias: d! });
          const { dx, dweight } = layerNormBackward(b!, saved);
          return Promise.all([y, dx, dweight].map(async (each) => each!.read()));
        };
        const schedule = {
          name: 'whole',
          reduce: lanes > size ? 'workgroup' : 'subgroup',
          tile: 'registers',
          lanes,
        } as const;
        modules.mockClear();
        const left = await run(await createContext({ device, profile: { ...hardware, subgroupSize: 0 }, schedule }));
        const texts = (): string[] => modules.mock.calls.map(([{ code }]) => code);
        expect(texts().filter((code) => code.includes('@subgroup_size'))).toEqual([]);
        modules.mockClear();
        const given = await run(
          await createContext({ device, profile: { ...hardware, subgroupSize: size }, schedule }),
        );
        expect(texts().some((code) => code.includes(`@subgroup_size(${size})`))).toBe(true);
        expect(given).toEqual(left);
        const exact = [layerNorm(x, { weight, bias }).y, ...Object.values(referenceBackward(dy, x, { weight, bias }))];
        expect(relativeError(given[0]!, exact[0]!.data)).toBeLessThanOrEqual(16 * 2 ** -24);
        expect(relativeError(given[1]!, exact[1]!.data)).toBeLessThanOrEqual(64 * 2 ** -24);
      }
    });
  },
);
