import { checkAlone } from '../options/checks.ts';
import { profileOf } from '../plan/profile.ts';
import { acquireDevice, checkContextOptions } from './acquire.ts';
import type { DeviceOptions } from './acquire.ts';
import { calibrate, NO_SUBGROUPS } from './calibration.ts';
import { Context } from './context.ts';

export interface ContextOptions extends DeviceOptions {
  /**
   * Calls whose programs are compiled before the context is given out, off the main thread, as {@link Context.prepare} does. What is not
   * among them is compiled when it is first called.
   */
  programs?: ((context: Context) => unknown) | undefined;
}

/**
 * Opens a GPU, or takes a device that is there: `createContext({ device })` works on the app's device and never destroys it.
 *
 * @throws NormError (rejects) `unsupported` where there is no WebGPU, no adapter or no device of it, `lost` where the device was lost, `option`
 * where what is given is none, and as the calls of `programs` do.
 * @example const context = await createContext({ device });
 */
export async function createContext(options: ContextOptions = {}, ...more: readonly never[]): Promise<Context> {
  checkAlone('createContext', more, ['device']);
  checkContextOptions(options);
  const acquired = await acquireDevice(options);
  const { device, adapterInfo } = acquired;
  const told = profileOf(adapterInfo, device.limits, device.features);
  const tried = options.calibrate === false ? NO_SUBGROUPS : await calibrate(device, adapterInfo, told);
  const context = new Context(acquired, { ...told, ...tried, ...options.profile }, options);
  const { programs } = options;
  try {
    await context.runtime.checkStillAlive('createContext');
    if (programs) await context.prepare(() => programs(context));
  } catch (cause) {
    context.destroy();
    throw cause;
  }
  return context;
}
