import { profileOf } from '../../src/plan/profile.ts';
import type { Profile } from '../../src/plan/profile.ts';
import { Refusal } from './refusal.ts';

/** What an adapter tells of itself, and what of AMD's cards stands in for it. */
interface Adapter {
  info: Parameters<typeof profileOf>[0];
  limits: Parameters<typeof profileOf>[1];
  features: readonly string[];
  /** Lanes of a wave that its programs are compiled for: 32 or 64, as near as AMD's cards come. */
  wave: 32 | 64;
}

/** What the limits of a device are unless more is asked for; ours asks for larger bindings, and for more of them. */
const DESKTOP: Adapter['limits'] = {
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxStorageBuffersPerShaderStage: 10,
  maxStorageBufferBindingSize: 2 ** 31 - 4,
  maxBufferSize: 2 ** 31,
};
const PHONE: Adapter['limits'] = {
  ...DESKTOP,
  maxStorageBuffersPerShaderStage: 8,
  maxStorageBufferBindingSize: 2 ** 27,
};
const FEATURES = ['subgroups', 'shader-f16'];

/** Adapters as browsers show them, by the name that the command line has for each. */
const ADAPTERS = {
  amd32: adapter('amd', 'rdna-3', [32, 64], 32),
  amd64: adapter('amd', 'rdna-3', [32, 64], 64),
  nvidia: adapter('nvidia', 'lovelace', [32, 32], 32),
  apple: adapter('apple', 'metal-3', [4, 64], 32),
  intel: adapter('intel', 'xe-lpg', [8, 32], 32),
  phone: { ...adapter('qualcomm', 'adreno-7xx', [64, 128], 64), limits: PHONE },
} as const satisfies Record<string, Adapter>;

export type ProfileName = keyof typeof ADAPTERS;

export const PROFILES = Object.keys(ADAPTERS) as ProfileName[];

/** The profile that plans are made by, and the wave that their programs are compiled for. */
export function profileNamed(name: ProfileName): { profile: Profile; wave: 32 | 64 } {
  const { info, limits, features, wave } = ADAPTERS[name];
  return { profile: profileOf(info, limits, new Set(features)), wave };
}

/** @throws Refusal where there is no such profile. */
export function checkProfileName(name: string): ProfileName {
  const found = PROFILES.find((known) => known === name);
  if (found) return found;
  throw new Refusal(`--profile ${name}: there are the profiles ${PROFILES.join(', ')}`);
}

function adapter(
  vendor: string,
  architecture: string,
  [subgroupMinSize, subgroupMaxSize]: readonly [number, number],
  wave: 32 | 64,
): Adapter {
  const info = { vendor, architecture, device: '', description: '', subgroupMinSize, subgroupMaxSize };
  return { info, limits: DESKTOP, features: FEATURES, wave };
}
