import { checkCount, checkFlag, checkNames, checkPowerOfTwo } from '../options/checks.ts';

/** Facts about an adapter that a plan needs, as plain numbers. */
export interface Profile {
  /** A CPU pretends to be a GPU: barriers are dear, memory is cheap. */
  software: boolean;
  /** Invocations a workgroup may have, a power of two. */
  maxWorkgroup: number;
  /** Workgroups a dispatch may have in one dimension. */
  maxDispatch: number;
  /** Neighbours in a workgroup that are neighbours in a subgroup too, however large that is: a power of two; 0 where there are none to rely on. */
  subgroup: number;
  /** Invocations of a subgroup that programs ask for where they sum up within one (`subgroup-size-control`); 0: what the driver takes. */
  subgroupSize: number;
  /** Arrays a pass may bind. */
  maxArrays: number;
  /** Bytes of an array that can be bound at once; what is larger is bound in pieces. */
  maxBinding: number;
  /** Whether halves can be stored one by one (`shader-f16`). */
  f16: boolean;
  /** Invocations that keep the whole adapter busy. */
  parallel: number;
  /** Loads of four f32 that an invocation may hold in registers; of x and of dy half as many each. */
  held: number;
}

/** The least that each part of a profile may be; null: it is a flag. */
const PARTS: { readonly [Part in keyof Profile]: 0 | 1 | null } = {
  software: null,
  maxWorkgroup: 1,
  maxDispatch: 1,
  subgroup: 0,
  subgroupSize: 0,
  maxArrays: 1,
  maxBinding: 1,
  f16: null,
  parallel: 1,
  held: 1,
};

const POWERS_OF_TWO: readonly string[] = ['maxWorkgroup', 'subgroup', 'subgroupSize'];

/** @throws NormError `option` where a part of an overridden profile is unknown, or not what its name says. */
export function checkProfile(op: string, profile: Partial<Profile>): void {
  checkNames(op, profile, Object.keys(PARTS), 'profile');
  for (const [part, value] of Object.entries(profile) as [keyof Profile, unknown][]) {
    const least = PARTS[part];
    if (least === null) checkFlag(op, `${part} of profile`, value);
    else checkCount(op, `${part} of profile`, value, least);
    if (POWERS_OF_TWO.includes(part) && value !== 0) checkPowerOfTwo(op, `${part} of profile`, value);
  }
}

/** Facts that an adapter does not tell, or not right, and its vendor does. */
type Sizes = Pick<Profile, 'parallel' | 'held'> & { subgroup?: number; subgroupSize?: number };

/**
 * Of a GPU whose vendor is none of these, or not told. `parallel` is about half of the invocations that a large GPU of the vendor holds at once,
 * since each has several loads under way; `held` is what fits registers beside what a kernel computes with, and leaves half of the
 * invocations their place.
 */
const ANY_GPU: Sizes = { parallel: 1 << 16, held: 8 };

const BY_VENDOR: Record<string, Sizes> = {
  // 132 cores of 2,048 invocations in an H200, which summed up columns fastest with 2^17; 255 registers an invocation.
  nvidia: { parallel: 1 << 17, held: 16 },
  // 96 cores of 2,048 in an RX 7900; 192 registers leave 8 waves a SIMD (npm run isa).
  amd: { parallel: 1 << 17, held: 12 },
  // 10 to 80 cores of about 1,024, in subgroups of 32, whatever browsers tell.
  apple: { parallel: 1 << 16, held: 12, subgroup: 32 },
  // 32 cores of about 1,024 in an Arc; 128 registers an invocation where a subgroup has 16 of them: of its 8 to 32, that is asked for.
  intel: { parallel: 1 << 15, held: 8, subgroupSize: 16 },
  // Phones: a few cores, and few registers.
  qualcomm: { parallel: 1 << 14, held: 8 },
  arm: { parallel: 1 << 14, held: 8 },
};

/** A CPU's cores share out what few invocations there are. */
const SOFTWARE_SIZES: Sizes = { parallel: 64, held: 16 };

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/** Facts that an adapter tells of itself; the sizes of its subgroups only in newer runtimes. */
interface Info {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  isFallbackAdapter?: boolean;
  subgroupMinSize?: number;
  subgroupMaxSize?: number;
}

/** Reads an adapter once into a profile; `features` are those of the device. */
export function profileOf(
  info: Info,
  limits: {
    maxComputeInvocationsPerWorkgroup: number;
    maxComputeWorkgroupSizeX: number;
    maxComputeWorkgroupsPerDimension: number;
    maxStorageBuffersPerShaderStage: number;
    maxStorageBufferBindingSize: number;
    maxBufferSize: number;
  },
  features: { has(name: string): boolean },
): Profile {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  const software = info.isFallbackAdapter === true || SOFTWARE.test(names) || info.vendor === 'mesa';
  return {
    software,
    maxWorkgroup: powerOfTwoIn(
      Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX, 256),
    ),
    maxDispatch: limits.maxComputeWorkgroupsPerDimension,
    subgroup: subgroupOf(info, features),
    subgroupSize: subgroupSizeOf(info, features),
    maxArrays: limits.maxStorageBuffersPerShaderStage,
    maxBinding: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
    f16: features.has('shader-f16'),
    ...sizesOf(info.vendor, software),
  };
}

/** Whether how many loads fit registers, and how many invocations a card, is known of a vendor. */
export function hasSizes(vendor: string): boolean {
  return Object.hasOwn(BY_VENDOR, vendor);
}

function sizesOf(vendor: string, software: boolean): Pick<Profile, 'parallel' | 'held'> {
  const { parallel, held } = software ? SOFTWARE_SIZES : (BY_VENDOR[vendor] ?? ANY_GPU);
  return { parallel, held };
}

/** More neighbours exchange through memory: subgroups of more are seldom. */
export const MOST_NEIGHBOURS = 32;

/** As many as the smallest subgroup has. */
function subgroupOf({ vendor, subgroupMinSize = 0 }: Info, features: { has(name: string): boolean }): number {
  const least = BY_VENDOR[vendor]?.subgroup ?? subgroupMinSize;
  if (!features.has('subgroups') || least < 2) return 0;
  return Math.min(powerOfTwoIn(least), MOST_NEIGHBOURS);
}

function powerOfTwoIn(most: number): number {
  return 2 ** Math.floor(Math.log2(most));
}

/**
 * The size of subgroups that a program asks for where it may, and where the smallest that it could get has fewer neighbours than plans have a use for; what has
 * enough anyway is left to the driver, as AMD's choice of 32 or 64 is.
 */
function subgroupSizeOf(
  { vendor, subgroupMinSize = 0, subgroupMaxSize = 0 }: Info,
  features: { has(name: string): boolean },
): number {
  const wanted = BY_VENDOR[vendor]?.subgroupSize ?? MOST_NEIGHBOURS;
  if (!features.has('subgroups') || !features.has('subgroup-size-control') || subgroupMinSize < 1) return 0;
  const size = Math.min(wanted, 2 ** Math.floor(Math.log2(subgroupMaxSize)));
  return size > subgroupMinSize ? size : 0;
}
