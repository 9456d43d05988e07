import { Ledger } from '../../src/runtime/ledger.ts';
import { memoryPolicyOf } from '../../src/runtime/memory-options.ts';
import type { MemoryOptions } from '../../src/runtime/memory-options.ts';
import { Pool } from '../../src/runtime/pool.ts';
import { Quiet } from '../../src/runtime/quiet.ts';

/** A device that only counts its buffers, for what is decided about them. */
export class PretendDevice {
  readonly limits = { maxBufferSize: 2 ** 28 };
  /** Buffers that were made and not destroyed. */
  readonly live = new Set<{ size: number }>();
  made = 0;
  shortage: GPUError | null = null;

  get bytes(): number {
    return [...this.live].reduce((sum, { size }) => sum + size, 0);
  }

  createBuffer({ size }: { size: number }): object {
    const { live } = this;
    const buffer = { size, destroy: () => void live.delete(buffer) };
    live.add(buffer);
    this.made++;
    return buffer;
  }

  pushErrorScope(): void {}

  async popErrorScope(): Promise<GPUError | null> {
    return this.shortage;
  }
}

/** A pool on a pretended device, and all it is made of. */
export function pretendPool(memory: MemoryOptions = {}) {
  const device = new PretendDevice();
  const ledger = new Ledger();
  const policy = memoryPolicyOf(memory);
  const gone: number[] = [];
  const quiet = new Quiet(policy.idleSeconds, () => pool.tick());
  const parts = { device: device as unknown as GPUDevice, policy, ledger, quiet };
  const pool: Pool = new Pool({ ...parts, onGone: (id) => gone.push(id) });
  return { device, ledger, quiet, pool, gone };
}
