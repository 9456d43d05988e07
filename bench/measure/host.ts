import { median, quantile } from 'simple-statistics';
import { createContext } from '../../src/index.ts';
import type { HostCall } from '../cases/host.ts';
import type { HostRow } from '../analysis/host.ts';
import { noteCommands, replay } from './commands.ts';

/** Calls in a row between two looks at the clock. */
const IN_A_ROW = 20;
/** How thoroughly to measure. */
export interface HostPace {
  /** Calls until V8 has compiled what is measured, and pools and caches have what they are going to have. */
  warmUp: number;
  /** Turns of the calls and the raw commands. */
  rounds: number;
}

/**
 * How long the calling thread is busy with a warm call, in what the same commands take when an app gives them to WebGPU itself: pipelines and bind
 * groups are there, nothing is checked, nothing is made. The two in turns.
 */
export async function measureHost(
  { name, onEncoder, prepare }: HostCall,
  gpu: GPU,
  { warmUp, rounds }: HostPace,
): Promise<HostRow> {
  const context = await createContext({ gpu, calibrate: false, specialize: false });
  const { device } = context;
  const call = prepare(context);
  const ours = onEncoder === 1 ? (): void => call() : (): void => recordCalls(device, call, onEncoder);
  // The first call compiles, and others find what it made.
  ours();
  await device.queue.onSubmittedWorkDone();
  const commands = noteCommands(ours);
  for (let time = 0; time < warmUp; time += onEncoder) ours();
  const raw = (): void => replay(device, commands);
  for (let time = 0; time < warmUp; time += onEncoder) raw();
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [first, second] = round % 2 ? [raw, ours] : [ours, raw];
    const times = [microsecondsOf(first), microsecondsOf(second)];
    ratios.push(round % 2 ? times[1]! / times[0]! : times[0]! / times[1]!);
    // What is submitted is held until somebody looks.
    await device.queue.onSubmittedWorkDone();
  }
  context.destroy();
  const dispatches = commands.flatMap(({ passes }) => passes.flat()).length;
  return {
    call: name,
    submits: commands.length,
    dispatches,
    ratio: median(ratios),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
  };
}

function recordCalls(device: GPUDevice, call: (encoder?: GPUCommandEncoder) => void, times: number): void {
  const encoder = device.createCommandEncoder();
  for (let time = 0; time < times; time++) call(encoder);
  device.queue.submit([encoder.finish()]);
}

/** CPU time of the process, whoever else wanted a core: the device does nothing, and garbage that others clear away is what calls left. */
function microsecondsOf(work: () => void): number {
  const begin = process.cpuUsage();
  for (let time = 0; time < IN_A_ROW; time++) work();
  const { user, system } = process.cpuUsage(begin);
  return user + system;
}
