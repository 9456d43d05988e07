import { NormError } from '../errors.ts';
import type { Storage } from './storage.ts';

/**
 * Does work, and lets whoever reads its results know what the device found wrong with it: errors come some time after the
 * work was handed over, and must not be lost.
 */
export function guard(
  device: GPUDevice,
  filter: 'validation' | 'out-of-memory',
  label: string,
  work: () => Storage | readonly Storage[],
): void {
  device.pushErrorScope(filter);
  let results: Storage[] = [];
  try {
    results = [work()].flat();
  } finally {
    const code = filter === 'validation' ? 'device' : 'memory';
    const failure = device.popErrorScope().then(
      (error) => error && new NormError(code, `${label}: ${error.message}`),
      () => null, // The device was lost; whoever uses it next is told.
    );
    for (const storage of results) storage.failure = firstOf(storage.failure, failure);
  }
}

async function firstOf(earlier: Storage['failure'], later: Storage['failure']): Promise<NormError | null> {
  return (await earlier) ?? (await later);
}
