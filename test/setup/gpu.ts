/** WebGPU of the runtime the tests are in: the browser's own, or Dawn in Node. */
export async function gpu(): Promise<GPU> {
  const browser = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (browser) return browser;
  // Dawn aborts the process when its instance is collected while a device lives: a global keeps it.
  const holder = globalThis as { dawn?: GPU };
  if (!holder.dawn) {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    holder.dawn = create([]);
  }
  return holder.dawn;
}

/** The name of the runtime, for messages and for who takes which share: Dawn on the browser's driver or on lavapipe, or Chromium. */
export const runtime: string = typeof window === 'undefined' ? (process.env['RUNTIME'] ?? 'Dawn') : 'Chromium';
