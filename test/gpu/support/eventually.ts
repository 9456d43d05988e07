import { vi } from 'vitest';

/** Waits until a check holds: for longer than the second that Vitest waits, which a machine with more to do may need. */
export async function eventually(check: () => unknown): Promise<void> {
  await vi.waitFor(check, { timeout: 30_000 });
}
