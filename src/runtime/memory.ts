import type { MemoryKind, MemoryUse } from './ledger.ts';
import type { Runtime } from './runtime.ts';

/** Memory that a context holds on the device. Bytes are those of buffers, which may be larger than what they hold. */
export interface MemoryReport {
  /** Bytes of buffers that tensors, saved results, running reads and calls have. */
  inUse: number;
  /** Bytes of buffers kept for the next call. */
  idle: number;
  /** The most that `inUse` and `idle` were together, since the context was made. */
  peak: number;
  /** `inUse` by what it is for, and the most of that. */
  kinds: Record<MemoryKind, MemoryUse>;
  /** Compiled pipelines, of all contexts on the device. */
  pipelines: number;
  plans: number;
  bindGroups: number;
  uniformSlots: number;
}

export function memoryReportOf({ ledger, executor, plans }: Runtime): MemoryReport {
  const { inUse, idle, peak } = ledger;
  return {
    inUse,
    idle,
    peak,
    kinds: ledger.kinds(),
    pipelines: executor.pipelines,
    plans: plans.size,
    bindGroups: executor.bindGroups.size,
    uniformSlots: executor.uniforms.size,
  };
}
