import { expect, it } from 'vitest';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { Pass } from '../../src/plan/plan.ts';
import { profileOf } from '../../src/plan/profile.ts';
import type { Profile } from '../../src/plan/profile.ts';
import { sourceOf, specializedSourceOf } from '../../src/programs/source.ts';
import { SUBGROUPS } from './every-plan.ts';
import { state } from './every-problem.ts';

const LIMITS = {
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxStorageBuffersPerShaderStage: 10,
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
};

function told(vendor: string, range: readonly [number, number], features: readonly string[]): Profile {
  const [subgroupMinSize, subgroupMaxSize] = range;
  const info = { vendor, architecture: '', device: '', description: '', subgroupMinSize, subgroupMaxSize };
  return profileOf(info, LIMITS, new Set(features));
}

it('asks for a size of subgroups where the smallest is less than plans have a use for', () => {
  const asked = (vendor: string, ...range: [number, number]): number =>
    told(vendor, range, ['subgroups', 'subgroup-size-control']).subgroupSize;
  expect(asked('intel', 8, 32)).toBe(16);
  expect(asked('a vendor', 4, 128)).toBe(32);
  expect(asked('a vendor', 4, 16)).toBe(16);
  // Each of these has 32 neighbours, or as many as it ever has, whatever the driver takes.
  expect([asked('amd', 32, 64), asked('nvidia', 32, 32), asked('qualcomm', 64, 128), asked('arm', 16, 16)]).toEqual([
    0, 0, 0, 0,
  ]);
  expect(told('intel', [8, 32], ['subgroups']).subgroupSize).toBe(0);
});

it('binds no more at once than there is in a buffer', () => {
  const info = { vendor: '', architecture: '', device: '', description: '' };
  const bound = (maxStorageBufferBindingSize: number, maxBufferSize: number): number =>
    profileOf(info, { ...LIMITS, maxStorageBufferBindingSize, maxBufferSize }, new Set<string>()).maxBinding;
  expect([bound(2 ** 27, 2 ** 28), bound(2 ** 30, 2 ** 28)]).toEqual([2 ** 27, 2 ** 28]);
});

it('asks in the programs that sum up within subgroups, where workgroups are made of whole ones', () => {
  const passOf = (profile: Partial<Profile>, row: number): Pass =>
    planForward(state(layerNormDefinition, [100_000, row], {}), { ...SUBGROUPS, ...profile }).passes[0]!;
  const sized = { subgroup: 16, subgroupSize: 16 };
  for (const row of [512, 4096]) {
    const pass = passOf(sized, row);
    expect(pass.choose.reduce).toMatch(/^subgroup/);
    for (const text of [sourceOf(pass), specializedSourceOf(pass)]) {
      expect(text.match(/@subgroup_size\(16\) @compute/g)).toHaveLength(1);
      expect(text).toMatch(/^enable subgroup_size_control;/);
    }
    expect(sourceOf(passOf({ subgroup: 16 }, row))).not.toContain('subgroup_size');
  }
  // A row of one lane is of the same kind; that shape alone needs no subgroup.
  expect(sourceOf(passOf(sized, 16))).toContain('subgroup_size');
  expect(specializedSourceOf(passOf(sized, 16))).not.toContain('subgroup');
  expect(passOf({ ...sized, maxWorkgroup: 8 }, 512).choose.reduce).toBe('workgroup');
});
