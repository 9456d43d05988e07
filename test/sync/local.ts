import { Mailbox } from '../../src/sync/channel.ts';
import { joinGroup, Relay } from '../../src/sync/index.ts';
import type { Channel, Group, GroupOptions } from '../../src/sync/index.ts';

/** A channel over a relay in this process. */
function localChannel(relay: Relay): Channel {
  const mailbox = new Mailbox();
  const id = relay.enter(mailbox);
  return {
    id,
    listen: (events) => mailbox.listen(events),
    send: (data, to) => queueMicrotask(() => relay.send(data, id, to)),
    close: () => relay.exit(id),
  };
}

/** A group whose members are all in this process. */
export async function localGroup(size: number, options: Partial<GroupOptions> = {}): Promise<Group[]> {
  const relay = new Relay();
  const channels = Array.from({ length: size }, () => localChannel(relay));
  return Promise.all(channels.map(async (channel) => joinGroup(channel, { size, ...options })));
}
