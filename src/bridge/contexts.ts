import { NormError } from '../errors.ts';
import { checkContext } from '../runtime/context.ts';
import type { Context } from '../runtime/context.ts';
import { createContext } from '../runtime/create-context.ts';

/** Contexts on the devices of another library, one each. */
export class Contexts {
  readonly #library: string;
  readonly #device: string;
  readonly #ready: string;
  readonly #contexts = new WeakMap<GPUDevice, Context>();

  /** `device` is how an app gets at it, `ready` what makes it: both for messages. */
  constructor(library: string, device: string, ready: string) {
    this.#library = library;
    this.#device = device;
    this.#ready = ready;
  }

  /**
   * The context of a device: the one that is given, or is there, or a new one.
   *
   * @throws NormError (rejects) `option`, `device`, `lost` where the one that is given cannot serve.
   */
  async connect(op: string, device: GPUDevice, context: Context | undefined): Promise<Context> {
    if (context !== undefined) return this.#own(op, device, context);
    const there = this.#contexts.get(device);
    if (there && isAlive(there)) return there;
    const made = await createContext({ device });
    const meanwhile = this.#contexts.get(device);
    if (meanwhile && meanwhile !== there) {
      made.destroy();
      return meanwhile;
    }
    this.#contexts.set(device, made);
    return made;
  }

  /** @throws NormError `usage` where nobody connected, `lost`. */
  of(op: string, device: GPUDevice): Context {
    const context = this.#contexts.get(device);
    if (!context) {
      throw new NormError(
        'usage',
        `${op}: there is no context on the device of ${this.#library}; await connect() once, after ${this.#ready}`,
      );
    }
    context.runtime.checkAlive(op);
    return context;
  }

  /** A context of the app's. */
  #own(op: string, device: GPUDevice, context: Context): Context {
    checkContext(op, context);
    if (context.device !== device) {
      throw new NormError(
        'device',
        `${op}: the context is on another device than ${this.#library}; make it by createContext({ device: ${this.#device} })`,
      );
    }
    context.runtime.checkAlive(op);
    this.#contexts.set(device, context);
    return context;
  }
}

function isAlive({ runtime }: Context): boolean {
  try {
    runtime.checkAlive('connect');
    return true;
  } catch {
    return false;
  }
}
