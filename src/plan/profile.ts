/** What a plan needs to know of an adapter, as plain numbers. */
export interface Profile {
  /** A CPU pretends to be a GPU: barriers are dear, memory is cheap. */
  software: boolean;
  /** Invocations a workgroup may have. */
  maxWorkgroup: number;
  /** Workgroups a dispatch may have in one dimension. */
  maxDispatch: number;
  /** Invocations that keep the whole adapter busy. */
  parallel: number;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/** Reads an adapter once into a profile. */
export function profileOf(
  info: { vendor: string; architecture: string; device: string; description: string; isFallbackAdapter?: boolean },
  limits: {
    maxComputeInvocationsPerWorkgroup: number;
    maxComputeWorkgroupSizeX: number;
    maxComputeWorkgroupsPerDimension: number;
  },
): Profile {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  const software = info.isFallbackAdapter === true || SOFTWARE.test(names) || info.vendor === 'mesa';
  return {
    software,
    maxWorkgroup: Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX, 256),
    maxDispatch: limits.maxComputeWorkgroupsPerDimension,
    parallel: software ? 64 : 1 << 16,
  };
}
