/** Events of a channel: who is there, who is gone, and what they send. */
export interface ChannelEvents {
  /** Of each peer that is there already, and of each that comes. */
  join(peer: string): void;
  leave(peer: string): void;
  message(data: ArrayBuffer, from: string): void;
  /** The channel itself broke: nothing more will come. */
  end(reason: string): void;
}

/** Messages to peers by name, each arriving whole and in the order they were sent: the whole of what a group asks of a transport. */
export interface Channel {
  /** The name of this end, which no peer has. */
  readonly id: string;
  /** Called once; what happened before is told then. */
  listen(events: ChannelEvents): void;
  send(data: ArrayBuffer, to: string): void;
  /** Sends what is still to be sent, and leaves. */
  close(): void;
}

/** The events of a channel, kept in order until there is a listener. */
export class Mailbox implements ChannelEvents {
  #listener: ChannelEvents | null = null;
  #waiting: ((listener: ChannelEvents) => void)[] = [];

  listen(listener: ChannelEvents): void {
    this.#listener = listener;
    for (const tell of this.#waiting.splice(0)) tell(listener);
  }

  join(peer: string): void {
    this.#tell((listener) => listener.join(peer));
  }

  leave(peer: string): void {
    this.#tell((listener) => listener.leave(peer));
  }

  message(data: ArrayBuffer, from: string): void {
    this.#tell((listener) => listener.message(data, from));
  }

  end(reason: string): void {
    this.#tell((listener) => listener.end(reason));
  }

  #tell(tell: (listener: ChannelEvents) => void): void {
    if (this.#listener) tell(this.#listener);
    else this.#waiting.push(tell);
  }
}
