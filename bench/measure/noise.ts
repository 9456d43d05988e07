import { median } from 'simple-statistics';
import type { Finished } from '../analysis/results.ts';
import { clockStep, timed } from './clock.ts';

/** What disturbs a time just now, besides what else the machine does. */
export async function disturbanceOf(device: GPUDevice): Promise<Pick<Finished, 'waitMs' | 'clockMicros'>> {
  return { waitMs: await waitOf(device), clockMicros: clockStep() };
}

/** Milliseconds of a submit without work, and of waiting for it. */
async function waitOf(device: GPUDevice): Promise<number> {
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
