import { NormError } from '../../errors.ts';
import { formatValue } from '../../options/format-value.ts';
import type { ChannelEvents } from '../channel.ts';

/**
 * Passes messages on between peers that have no way to each other: between workers, by a page that shares it out with comlink
 * ({@link comlinkChannel}). Peers are named by numbers in the order in which they came.
 *
 * @example const relay = new Relay();
 */
export class Relay {
  readonly #peers = new Map<string, ChannelEvents>();
  #entered = 0;

  /** How many peers there are. */
  get size(): number {
    return this.#peers.size;
  }

  /**
   * A new peer, to be told of the others and of what they send it; returns its name.
   *
   * @throws NormError `option` where it cannot be told.
   * @example const id = new Relay().enter({ join: () => {}, leave: () => {}, message: () => {}, end: () => {} });
   */
  enter(events: ChannelEvents): string {
    const { join, leave, message } = (events ?? {}) as Partial<ChannelEvents>;
    if ([join, leave, message].some((one) => typeof one !== 'function')) {
      throw new NormError(
        'option',
        `enter: events are ${formatValue(events)}; they must have functions join, leave and message`,
      );
    }
    const id = String(++this.#entered).padStart(ADDRESS, '0');
    for (const [other, theirs] of this.#peers) {
      events.join(other);
      theirs.join(id);
    }
    this.#peers.set(id, events);
    return id;
  }

  send(data: ArrayBuffer, from: string, to: string): void {
    this.#peers.get(to)?.message(data, from);
  }

  /** Of a peer that is gone; whoever has ended a worker calls it for that. */
  exit(id: string): void {
    if (!this.#peers.delete(id)) return;
    for (const events of this.#peers.values()) events.leave(id);
  }
}

/** Letters of a name. */
export const ADDRESS = 8;
