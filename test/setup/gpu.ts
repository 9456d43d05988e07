/**
 * What Dawn adds to programs so that none reaches beyond an array, divides by zero or reads workgroup memory that nobody wrote. In Node it is left
 * out: a kernel that leans on it fails here, and a quarter of the time to compile is saved. In Chromium it is there, as for everybody.
 */
const SAFETY_NETS = ['disable_robustness', 'disable_polyfills_on_integer_div_and_mod', 'disable_workgroup_init'];

/** WebGPU of the runtime the tests are in: that of the browser or of Deno, or Dawn in Node. */
export async function gpu(): Promise<GPU> {
  const own = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (own) return own;
  // Dawn aborts the process when its instance is collected while a device lives: a global keeps it.
  const holder = globalThis as { dawn?: GPU };
  if (!holder.dawn) {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    askLessOften();
    holder.dawn = create([`enable-dawn-features=${SAFETY_NETS.join()}`]);
  }
  return holder.dawn;
}

/**
 * Dawn in Node asks in every turn of the event loop whether the device has answered, and keeps a core busy that the driver's compiler needs: lavapipe takes
 * twice as long beside it. Here it asks once a millisecond.
 */
function askLessOften(): void {
  const { setImmediate, setTimeout } = globalThis;
  const byTimer = (callback: (...rest: unknown[]) => void, ...rest: unknown[]): unknown =>
    isNative(callback) ? setTimeout(callback, 1) : setImmediate(callback, ...rest);
  globalThis.setImmediate = Object.assign(byTimer, setImmediate) as typeof setImmediate;
}

/** Whether a function is none of JavaScript's: those of Dawn. */
function isNative(callback: (...all: unknown[]) => void): boolean {
  return Function.prototype.toString.call(callback).endsWith('{ [native code] }');
}

export type Runtime = 'Dawn' | 'Chromium' | 'lavapipe' | 'Deno';

/** The runtime, for messages, and for what one takes longer for: Chromium, Dawn in Node on the browser's driver or on lavapipe, or Deno on lavapipe. */
export const runtime: Runtime =
  typeof window === 'undefined' ? ((process.env['RUNTIME'] as Runtime | undefined) ?? 'Dawn') : 'Chromium';

/** Whether the driver is lavapipe, whose compiler takes seconds for a large kernel. */
export const compilesSlowly: boolean = runtime === 'lavapipe' || runtime === 'Deno';
