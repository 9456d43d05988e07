import type { Listed } from '../libraries/libraries.ts';
import { within } from './clock.ts';
import type { Participant } from './pass.ts';

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

/** An adapter in words. */
export function nameOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return [...new Set([vendor, architecture, device, description])].filter(Boolean).join(' ');
}
