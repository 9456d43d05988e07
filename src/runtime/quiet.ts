/** Ticks after which what is unused is freed: two whole ones, and a part of the one it began in. */
const QUIET_TICKS = 3;
/** The longest that a timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * Counts ticks of half the quiet time, for as long as there is something to free: what uses things notes the tick, and costs no
 * look at a clock. The timer keeps no process alive.
 */
export class Quiet {
  readonly #milliseconds: number;
  readonly #tick: () => boolean;
  #timer: Timer | null = null;
  #now = 0;

  /** `tick` frees what has been quiet, and returns whether anything remains. */
  constructor(seconds: number, tick: () => boolean) {
    this.#milliseconds = (seconds * 1000) / 2;
    this.#tick = tick;
  }

  /** The tick there is. */
  get now(): number {
    return this.#now;
  }

  /** Whether what was used in a tick last has been quiet for the time. */
  isOver(tick: number): boolean {
    return this.#now - tick >= QUIET_TICKS;
  }

  /** Goes on counting: something is there to be freed. */
  start(): void {
    if (this.#timer !== null || this.#milliseconds > LONGEST) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#now++;
      if (this.#tick()) this.start();
    }, this.#milliseconds);
    unref(this.#timer);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

type Timer = ReturnType<typeof setTimeout>;

/** Timers of Node and Deno are objects that can be told not to keep the process alive, in older Deno numbers; pages need neither. */
function unref(timer: unknown): void {
  if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.();
  else (globalThis as { Deno?: { unrefTimer?: (id: unknown) => void } }).Deno?.unrefTimer?.(timer);
}
