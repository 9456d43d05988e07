import type { Device } from '../analysis/results.ts';
import { closeDevice, openDevice } from '../libraries/device.ts';
import type { OwnDevice } from '../libraries/device.ts';
import type { Listed } from '../libraries/libraries.ts';
import { within } from './clock.ts';
import type { Participant } from './pass.ts';
import type { Pace } from './settings.ts';

/** Opens every library; one that cannot work here takes part with its reason. */
export async function openAll(libraries: readonly Listed[]): Promise<Participant[]> {
  const participants: Participant[] = [];
  for (const { name, load } of libraries) {
    try {
      const opening = load().then(async (library) => library.open());
      participants.push({ name, opened: await within(60, opening) });
    } catch (error) {
      participants.push({ name, error });
    }
  }
  return participants;
}

/** Closes what was opened. */
export async function closeAll(participants: readonly Participant[]): Promise<void> {
  for (const { opened } of participants) await opened?.destroy();
}

/**
 * The device that a run will measure on, in words.
 *
 * @throws Error (rejects) where there is none, or none for such a run.
 */
export async function findDevice(pace: Pace): Promise<Device> {
  const own = await openDevice();
  try {
    return describeFor(pace, own);
  } finally {
    await closeDevice();
  }
}

/** @throws Error where such a run is not for such a device. */
export function describeFor(pace: Pace, own: OwnDevice): Device {
  const found = describe(own);
  if (pace === 'gpu' && found.software) {
    throw new Error(`${found.adapter} is a CPU that pretends to be a GPU: --gpu has nothing to measure on it`);
  }
  return found;
}

export function describe({ context: { adapterInfo, profile } }: OwnDevice): Device {
  const { vendor, architecture, device, description } = adapterInfo;
  const adapter = [...new Set([vendor, architecture, device, description])].filter(Boolean).join(' ');
  return { adapter, software: profile.software };
}
