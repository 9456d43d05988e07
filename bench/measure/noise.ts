import { median } from 'simple-statistics';
import type { Noise } from '../analysis/results.ts';
import { clockStep, timed } from './clock.ts';

/** Milliseconds of a submit without work, and of waiting for it. */
export async function waitOf(device: GPUDevice): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    times.push(
      await timed(async () => {
        device.queue.submit([device.createCommandEncoder().finish()]);
        await device.queue.onSubmittedWorkDone();
      }),
    );
  }
  return median(times);
}

/** From the ratios of one kernel's times to its times when measured again. */
export function noiseOf(ratios: readonly number[], waitMs: number): Noise {
  const off = ratios.map((ratio) => Math.abs(ratio - 1));
  const there = off.length > 0;
  return {
    median: there ? median(off) : null,
    largest: there ? Math.max(...off) : null,
    waitMs,
    clockMicros: clockStep(),
  };
}
