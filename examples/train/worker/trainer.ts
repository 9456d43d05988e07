import type { Listener, Norm, Run, Stored } from '../settings.ts';
import { Bridge } from './bridge.ts';
import { checkBridge } from './check.ts';
import { train } from './training.ts';

/** Trains one network after the other, on a device of its own. */
export class Trainer {
  readonly #differences = new Map<string, number>();
  #opened: Promise<Bridge> | undefined;
  /** The work of the step before. */
  #submitted: Promise<unknown> = Promise.resolve();
  #stopped = false;
  #paused = false;
  #wake = (): void => {};

  /**
   * Trains a network, after a check of the layers that it has.
   *
   * @returns Whether it came to its end.
   * @throws Error (rejects) where there is no WebGPU, the check fails, or the device is lost.
   */
  async train(run: Run, listener: Listener): Promise<boolean> {
    this.#stopped = this.#paused = false;
    const bridge = await (this.#opened ??= Bridge.open());
    const lost = bridge.context.device.lost.then(({ message }) => {
      throw new Error(`the GPU device is lost (${message || 'no reason is given'})`);
    });
    const trained = async (): Promise<boolean> => {
      await listener.began(bridge.adapter, await this.#differenceOf(bridge, run.norm, run.dtype));
      return train(
        bridge,
        run,
        (row) => listener.sampled(row),
        async (done) => this.#goesOn(bridge, done, listener),
      );
    };
    return Promise.race([trained(), lost]);
  }

  /** Stands still before the next step. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /** Ends the training before the next step. */
  stop(): void {
    this.#stopped = true;
    this.resume();
  }

  /** Lets the GPU be one step behind, no more; messages are heard while it is waited for. */
  async #goesOn({ context }: Bridge, done: number, listener: Listener): Promise<boolean> {
    const before = this.#submitted;
    this.#submitted = context.device.queue.onSubmittedWorkDone();
    await before;
    if (this.#paused && !this.#stopped) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await listener.halted(done);
      await woken;
    }
    return !this.#stopped;
  }

  async #differenceOf(bridge: Bridge, norm: Norm, dtype: Stored): Promise<number> {
    if (norm === 'none') return 0;
    const key = `${norm} ${dtype}`;
    const difference = this.#differences.get(key) ?? (await checkBridge(bridge, norm, dtype));
    this.#differences.set(key, difference);
    return difference;
  }
}
