import { NormError } from '../errors.ts';
import { checkProfile } from '../plan/profile.ts';
import type { Profile } from '../plan/profile.ts';
import { checkSchedule } from '../plan/schedule.ts';
import type { Schedule } from '../plan/schedule.ts';
import { checkChoice, checkFlags, checkNames } from '../options/checks.ts';
import { checkCalls, checkMethod } from './arguments.ts';
import { checkMemoryOptions } from './memory-options.ts';
import type { MemoryOptions } from './memory-options.ts';

/** Options of the device of a context, and of what is known, compiled and kept there. */
export interface DeviceOptions {
  /** A device of the app; it is never destroyed by us. */
  device?: GPUDevice | undefined;
  /** An adapter to ask for a device. */
  adapter?: GPUAdapter | undefined;
  /** Where adapters come from, for runtimes without `navigator.gpu`. */
  gpu?: GPU | undefined;
  powerPreference?: GPUPowerPreference | undefined;
  /** Whether what an adapter does not tell may be tried out on the device, for some milliseconds, before the context is there. Default: true. */
  calibrate?: boolean | undefined;
  /** Whether a shape that comes back gets programs of its own, compiled in the background; results are the same. Default: true. */
  specialize?: boolean | undefined;
  /** How much memory that nobody uses is kept for the next call: `{ idleBytes, idleShare, idleSeconds }`. */
  memory?: MemoryOptions | undefined;
  /** Overrides what is read of the adapter: tests and benchmarks try the plans of other ones. */
  profile?: Partial<Profile> | undefined;
  /** Forces parts of every schedule, for tests and benchmarks. */
  schedule?: Partial<Schedule> | undefined;
}

const OPTIONS: readonly string[] = [
  'device',
  'adapter',
  'gpu',
  'powerPreference',
  'calibrate',
  'programs',
  'specialize',
  'memory',
  'profile',
  'schedule',
];

const POWER_PREFERENCES: readonly GPUPowerPreference[] = ['low-power', 'high-performance'];

/** @throws NormError `option` where an option is not known or not what its name says. */
export function checkContextOptions(options: DeviceOptions & { programs?: unknown }): void {
  const op = 'createContext';
  checkNames(op, options, OPTIONS);
  checkFlags(op, options, ['calibrate', 'specialize']);
  const { device, adapter, gpu, powerPreference, programs, memory, profile, schedule } = options;
  if (device !== undefined) checkMethod(op, 'device', device, 'a GPUDevice', 'createComputePipeline');
  if (adapter !== undefined) checkMethod(op, 'adapter', adapter, 'a GPUAdapter', 'requestDevice');
  if (gpu !== undefined) checkMethod(op, 'gpu', gpu, 'a GPU, as navigator.gpu is', 'requestAdapter');
  if (powerPreference !== undefined) checkChoice(op, 'powerPreference', powerPreference, POWER_PREFERENCES);
  const given = device ? 'device' : adapter && 'adapter';
  const asked = gpu ? 'gpu' : powerPreference && 'powerPreference';
  if (given && asked) throw new NormError('option', `${op}: ${given} and ${asked} are both given; give one`);
  if (programs !== undefined) checkCalls(op, programs, 'programs');
  if (memory !== undefined) checkMemoryOptions(op, memory);
  if (profile !== undefined) checkProfile(op, profile);
  if (schedule !== undefined) checkSchedule(op, schedule);
}

export interface Acquired {
  device: GPUDevice;
  adapterInfo: GPUAdapterInfo;
  /** Whether the device is ours to destroy. */
  made: boolean;
}

/** Limits that are asked for as high as the adapter goes: what bounds the size of a tensor. */
const LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const;
const FEATURES = ['subgroups', 'subgroup-size-control', 'shader-f16', 'timestamp-query'] as const;

/** @throws NormError (rejects) `unsupported`. */
export async function acquireDevice(options: DeviceOptions): Promise<Acquired> {
  const { device: given } = options;
  if (given) return { device: given, adapterInfo: infoOf(given, options.adapter), made: false };
  const adapter = options.adapter ?? (await requestAdapter(options));
  // TypeScript's own list of features lacks some.
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[];
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter
    .requestDevice({ label: 'webgpu-norm', requiredFeatures, requiredLimits })
    .catch((cause: Error) => {
      throw new NormError('unsupported', `createContext: the adapter gives no device: ${cause.message}`, { cause });
    });
  return { device, adapterInfo: infoOf(device, adapter), made: true };
}

/** Older runtimes tell of the adapter only, or of nothing. */
function infoOf(device: GPUDevice, adapter?: GPUAdapter): GPUAdapterInfo {
  const known = (device.adapterInfo as GPUAdapterInfo | undefined) ?? (adapter?.info as GPUAdapterInfo | undefined);
  return known ?? ({ vendor: '', architecture: '', device: '', description: '' } as GPUAdapterInfo);
}

async function requestAdapter({ gpu, powerPreference }: DeviceOptions): Promise<GPUAdapter> {
  const source = gpu ?? (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!source) {
    throw new NormError(
      'unsupported',
      'createContext: there is no WebGPU here (navigator.gpu is missing); pass gpu or device',
    );
  }
  const adapter = await source.requestAdapter(powerPreference ? { powerPreference } : {});
  if (!adapter) throw new NormError('unsupported', 'createContext: WebGPU is there, but it offers no adapter');
  return adapter;
}
