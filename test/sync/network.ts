import { Mailbox } from '../../src/sync/channel.ts';
import { joinGroup } from '../../src/sync/index.ts';
import type { Channel, Group, GroupOptions } from '../../src/sync/index.ts';

/** Milliseconds that nothing on a machine that works takes. */
export const LONG = 60_000;

/** What is under way from one end to another, in order. */
type Event = (mailbox: Mailbox) => void;

/** Channels in one process, whose deliveries are made one by one, in an order that `draw` (from 0 to below 1) chooses; a link keeps its order. */
export class Network {
  readonly #draw: () => number;
  readonly #ends = new Map<string, Mailbox>();
  readonly #links = new Map<string, Event[]>();
  delivered = 0;

  constructor(draw: () => number = () => 0) {
    this.#draw = draw;
  }

  open(id: string): Channel {
    const mailbox = new Mailbox();
    for (const other of this.#ends.keys()) {
      mailbox.join(other);
      this.#post(id, other, (end) => end.join(id));
    }
    this.#ends.set(id, mailbox);
    return {
      id,
      listen: (events) => mailbox.listen(events),
      send: (data, to) => {
        const copy = data.slice();
        this.#post(id, to, (end) => end.message(copy, id));
      },
      close: () => this.#close(id),
    };
  }

  /** An end dies: what it has sent last may be lost on each link, and the others are told, or not. */
  kill(id: string, told = true): void {
    this.#ends.delete(id);
    for (const [link, events] of this.#links) {
      if (link.startsWith(`${id} `)) events.length = Math.floor(this.#draw() * (events.length + 1));
    }
    if (told) this.#close(id);
  }

  /** Delivers until nothing is under way; `between` is called after each delivery. */
  async run(between: () => void = () => {}): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const busy = [...this.#links].filter(([, events]) => events.length > 0);
      if (busy.length === 0) return;
      const [link, events] = busy[Math.floor(this.#draw() * busy.length)]!;
      const mailbox = this.#ends.get(link.split(' ')[1]!);
      const event = events.shift()!;
      if (mailbox) event(mailbox);
      this.delivered++;
      between();
    }
  }

  #close(id: string): void {
    this.#ends.delete(id);
    for (const other of this.#ends.keys()) this.#post(id, other, (end) => end.leave(id));
  }

  #post(from: string, to: string, event: Event): void {
    const link = `${from} ${to}`;
    const events = this.#links.get(link) ?? [];
    this.#links.set(link, events);
    events.push(event);
  }
}

export const NAMES = ['a', 'b', 'c', 'd', 'e'];

export const caught = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error & { code?: string }) => `${error.name} ${error.code}: ${error.message}`,
  );

/** A group of as many members, over a network in this process. */
export async function groupOf(
  size: number,
  options: Partial<GroupOptions> = {},
  network = new Network(),
): Promise<Group[]> {
  const members = NAMES.slice(0, size).map(async (id) =>
    joinGroup(network.open(id), { size, timeout: LONG, ...options }),
  );
  await network.run();
  return Promise.all(members);
}
