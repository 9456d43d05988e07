import * as Comlink from 'comlink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import {
  broadcastChannel,
  comlinkChannel,
  joinGroup,
  Relay,
  trysteroChannel,
  webSocketChannel,
} from '../../src/sync/index.ts';
import type { Channel, Group, TrysteroRoom, WebSocketLike } from '../../src/sync/index.ts';
import { codeOf, ends, relayServer } from './relay-server.ts';

/** Groups over each transport, all ends in this process. */

/** A channel to the others that meet under a name, and what becomes of its end when its machine dies. */
interface Transport {
  open(name: string): Promise<{ channel: Channel; die: () => void }>;
  /** Whether the others notice. */
  notices: boolean;
}

/** Rooms of trystero's interface in this process; `sending` is awaited before a message is passed on. */
function rooms(sending: (from: string, to: string) => unknown = () => {}): (id: string) => TrysteroRoom {
  const all = new Map<string, { room: TrysteroRoom; receive: (data: ArrayBuffer, from: string) => void }>();
  return (id) => {
    const others = [...all.entries()];
    const action: ReturnType<TrysteroRoom['makeAction']> = {
      onMessage: null,
      send: async (data, { target }) => {
        await sending(id, target);
        await new Promise((resolve) => setTimeout(resolve, data.byteLength > 1000 ? 5 : 0));
        all.get(target)?.receive(data, id);
      },
    };
    const room: TrysteroRoom = {
      makeAction: () => action,
      getPeers: () => Object.fromEntries(others),
      leave: async () => {
        all.delete(id);
        for (const other of all.values()) other.room.onPeerLeave?.(id);
      },
      onPeerJoin: null,
      onPeerLeave: null,
    };
    all.set(id, { room, receive: (data, from) => action.onMessage?.(new Uint8Array(data) as never, { peerId: from }) });
    for (const [, other] of others) other.room.onPeerJoin?.(id);
    return room;
  };
}

const TRANSPORTS: Record<string, () => Promise<Transport>> = {
  comlink: async () => {
    const relays = new Map<string, Relay>();
    return {
      notices: false,
      open: async (name) => {
        const relay = relays.get(name) ?? new Relay();
        relays.set(name, relay);
        const { port1, port2 } = new MessageChannel();
        ends.push(() => port1.close());
        Comlink.expose(relay, port1);
        const channel = await comlinkChannel(Comlink, Comlink.wrap<Relay>(port2));
        return { channel, die: () => port1.close() };
      },
    };
  },
  BroadcastChannel: async () => ({
    notices: false,
    open: async (name) => {
      const one = new BroadcastChannel(name);
      ends.push(() => one.close());
      return { channel: broadcastChannel(one), die: () => one.close() };
    },
  }),
  trystero: async () => {
    const joins = new Map<string, ReturnType<typeof rooms>>();
    let count = 0;
    return {
      notices: true,
      open: async (name) => {
        const join = joins.get(name) ?? rooms();
        joins.set(name, join);
        const id = `peer ${count++}`;
        const room = join(id);
        return { channel: trysteroChannel(room, id), die: () => void room.leave() };
      },
    };
  },
  "ws's WebSocket": async () => {
    const url = await relayServer();
    return {
      notices: true,
      open: async (name) => {
        const socket = new NodeWebSocket(`${url}/${encodeURIComponent(name)}`);
        return { channel: await webSocketChannel(socket as unknown as WebSocketLike), die: () => socket.terminate() };
      },
    };
  },
};

async function join(
  transport: Transport,
  name: string,
  size: number,
  options = {},
): Promise<{ group: Group; die: () => void }[]> {
  const opened = [];
  for (let index = 0; index < size; index++) opened.push(await transport.open(name));
  return Promise.all(
    opened.map(async ({ channel, die }) => ({
      group: await joinGroup(channel, { size, timeout: 20_000, ...options }),
      die,
    })),
  );
}

describe.each(Object.entries(TRANSPORTS))('over %s', (_, make) => {
  it('three members reduce, large arrays and small ones in turn, and part without an error', async () => {
    const members = await join(await make(), 'sums', 3);
    expect(members.map(({ group }) => group.rank)).toEqual([0, 1, 2]);
    const results = members.map(async ({ group }) => {
      const totals: number[] = [];
      for (const length of [1, 100_000, 2, 0, 300_000]) {
        const sums = await group.allReduce(new Float32Array(length).fill(group.rank + 1));
        expect(sums).toHaveLength(length);
        totals.push(sums.reduce((most, value) => Math.max(most, Math.abs(value - 6)), 0));
      }
      group.leave();
      return totals;
    });
    expect(await Promise.all(results)).toEqual(Array(3).fill([0, 0, 0, 0, 0]));
  });

  it('a member that leaves twice has left', async () => {
    const members = await join(await make(), 'twice', 2);
    for (const { group } of members) {
      group.leave();
      group.leave();
      expect(await codeOf(group.allReduce(Float32Array.of(1)))).toBe('destroyed');
    }
  });

  it('groups of other names do not hear of each other', async () => {
    const transport = await make();
    const [one, two] = await Promise.all([join(transport, 'one', 2), join(transport, 'two', 2)]);
    const sums = [...one, ...two].map(async ({ group }, index) => group.allReduce(Float32Array.of(10 ** index)));
    expect((await Promise.all(sums)).map(([sum]) => sum)).toEqual([11, 11, 1100, 1100]);
    for (const { group } of [...one, ...two]) group.leave();
  });

  it.each([0, 2])('a member of rank %i that dies is lost to the others, who go on', async (rank) => {
    const transport = await make();
    const members = await join(transport, 'lives', 3, {
      onLeave: 'continue',
      timeout: transport.notices ? 20_000 : 300,
    });
    members[rank]!.die();
    const left = members.filter((member) => member !== members[rank]);
    const sums = left.map(async ({ group }) => group.allReduce(Float32Array.of(1)));
    expect((await Promise.all(sums)).map(([sum]) => sum)).toEqual([2, 2]);
    expect(left.map(({ group }) => [group.rank, group.size])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    for (const { group } of left) group.leave();
  });

  it('an error ends the group where it may not go on', async () => {
    const transport = await make();
    const members = await join(transport, 'errors', 2, { timeout: transport.notices ? 20_000 : 200 });
    members[0]!.die();
    expect(await codeOf(members[1]!.group.allReduce(Float32Array.of(1)))).toBe('peer');
    members[1]!.group.leave();
  });
});

describe('over BroadcastChannel where the browser', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['refuses locks', async () => Promise.reject(new DOMException('no origin', 'SecurityError'))],
    ['has locks', async (_: string, ...given: unknown[]) => (given.at(-1) as () => unknown)()],
  ])('%s, pages meet, and one that left at once says nothing more', async (_, request) => {
    vi.stubGlobal('navigator', { locks: { request } });
    const transport = await TRANSPORTS['BroadcastChannel']!();
    const gone = await transport.open('locks');
    gone.channel.close();
    const members = await join(transport, 'locks', 2);
    const sums = members.map(async ({ group }) => group.allReduce(Float32Array.of(1)));
    expect((await Promise.all(sums)).map(([sum]) => sum)).toEqual([2, 2]);
    for (const { group } of members) group.leave();
  });
});

describe('over trystero, a peer', () => {
  /** A group of three, the middle one of which is sent nothing more once it is `out`. */
  async function groupWithout(sending: () => unknown): Promise<{ groups: Group[]; out: () => void }> {
    let isOut = false;
    const enter = rooms((_, to) => (isOut && to === 'peer 1' ? sending() : undefined));
    const channels = [0, 1, 2].map((index) => trysteroChannel(enter(`peer ${index}`), `peer ${index}`));
    const options = { size: 3, onLeave: 'continue', timeout: 20_000 } as const;
    const groups = await Promise.all(channels.map(async (channel) => joinGroup(channel, options)));
    return { groups, out: () => (isOut = true) };
  }

  it('to which nothing gets through keeps no message from the others', async () => {
    const { groups, out } = await groupWithout(async () => new Promise(() => {}));
    out();
    const sums = groups.map(async (group) => group.allReduce(Float32Array.of(1)));
    expect([await sums[0], await sums[2]]).toEqual([Float32Array.of(3), Float32Array.of(3)]);
  });

  it('to which a message was not sent is lost to the others, who go on', async () => {
    const { groups, out } = await groupWithout(async () => Promise.reject(new Error('the connection is closed')));
    out();
    groups[0]!.allReduce(Float32Array.of(1)).catch(() => {});
    groups[1]!.allReduce(Float32Array.of(1)).catch(() => {});
    await groups[2]!.allReduce(Float32Array.of(1));
    await expect.poll(() => [groups[0]!.size, groups[2]!.size]).toEqual([2, 2]);
    const sums = [groups[0]!, groups[2]!].map(async (group) => group.allReduce(Float32Array.of(1)));
    expect(await Promise.all(sums)).toEqual([Float32Array.of(2), Float32Array.of(2)]);
  });
});
