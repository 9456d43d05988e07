import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as Comlink from 'comlink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import {
  broadcastChannel,
  comlinkChannel,
  joinGroup,
  Relay,
  serveRelay,
  trysteroChannel,
  webSocketChannel,
} from '../../src/sync/index.ts';
import type { Channel, Group, TrysteroRoom, WebSocketLike } from '../../src/sync/index.ts';

/** Groups over each transport, all ends in this process. */

/** Made for a test, to be ended after it. */
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A channel to the others that meet under a name, and what becomes of its end when its machine dies. */
interface Transport {
  open(name: string): Promise<{ channel: Channel; die: () => void }>;
  /** Whether the others notice. */
  notices: boolean;
}

async function relayServer(): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  serveRelay(server);
  ends.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Rooms of trystero's interface in this process. */
function rooms(): (id: string) => TrysteroRoom {
  const all = new Map<string, { room: TrysteroRoom; receive: (data: ArrayBuffer, from: string) => void }>();
  return (id) => {
    const others = [...all.entries()];
    const action: ReturnType<TrysteroRoom['makeAction']> = {
      onMessage: null,
      send: async (data, { target }) => {
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

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

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

describe('a relay', () => {
  it('that closes ends the group of all', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    serveRelay(server);
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const open = async (): Promise<Channel> => webSocketChannel(new NodeWebSocket(url) as unknown as WebSocketLike);
    const channels = [await open(), await open()];
    const groups = await Promise.all(
      channels.map(async (channel) => joinGroup(channel, { size: 2, onLeave: 'continue' })),
    );
    const call = groups[0]!.allReduce(Float32Array.of(1));
    for (const client of server.clients) client.close(1001);
    server.close();
    await expect(call).rejects.toThrow(
      'the channel broke: the relay closed the connection, or was not reached (code 1001)',
    );
    expect(await codeOf(groups[1]!.allReduce(Float32Array.of(1)))).toBe('peer');
  });

  it('that closes while members are awaited ends the waiting', async () => {
    const url = await relayServer();
    const socket = new NodeWebSocket(url);
    const joining = joinGroup(await webSocketChannel(socket as unknown as WebSocketLike), { size: 2 });
    await Promise.all([
      ends.pop()!(),
      expect(joining).rejects.toThrow(/^joinGroup: the channel broke: the relay closed/),
    ]);
  });

  it('that is not there is told so', async () => {
    const url = await relayServer();
    await ends.pop()!();
    const socket = new NodeWebSocket(url) as unknown as WebSocketLike;
    await expect(webSocketChannel(socket)).rejects.toThrow(
      /^webSocketChannel: the relay closed the connection, or was not reached/,
    );
  });

  it.each([
    ['words', 'hello', 'the text "hello"'],
    ['JSON', '7', 'the text "7"'],
    ['other bytes', new Uint8Array(3), 'an ArrayBuffer'],
  ])('that is none, but sends %s, is told so', async (_, sent, given) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    ends.push(() => server.close());
    await once(server, 'listening');
    server.on('connection', (socket) => socket.send(sent));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const opening = webSocketChannel(new NodeWebSocket(url) as unknown as WebSocketLike);
    await expect(opening).rejects.toThrow(
      `webSocketChannel: what answers is no relay, it sent ${given}; serve it with`,
    );
  });

  it('that says nothing is not waited for', async () => {
    vi.useFakeTimers();
    ends.push(() => vi.useRealTimers());
    const close = vi.fn();
    const opening = codeOf(webSocketChannel({ binaryType: '', addEventListener() {}, send() {}, close }));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await opening).toBe('peer');
    expect(close).toHaveBeenCalled();
  });

  it('on a package ws that does not tell bytes from text says what it needs', () => {
    const listeners = new Map<string, (...given: never[]) => void>();
    const socket = {
      on: (event: string, listener: never) => listeners.set(event, listener),
      send() {},
      close: vi.fn(),
    };
    serveRelay({ on: (_, listener) => listener(socket, {}) });
    listeners.get('message')!(new Uint8Array(20) as never);
    expect(socket.close).toHaveBeenCalledWith(1002, expect.stringContaining('ws that is too old'));
  });

  it('lives through what is no message', async () => {
    const url = await relayServer();
    const stranger = new NodeWebSocket(url);
    await once(stranger, 'open');
    for (const nothing of ['hello', new Uint8Array(3), new Uint8Array(100)]) stranger.send(nothing);
    const open = async (): Promise<Channel> => webSocketChannel(new NodeWebSocket(url) as unknown as WebSocketLike);
    const channels = [await open(), await open()];
    const groups = await Promise.all(channels.map(async (channel) => joinGroup(channel, { size: 2 })));
    const sums = await Promise.all(groups.map(async (group) => group.allReduce(Float32Array.of(1))));
    expect(sums).toEqual([Float32Array.of(2), Float32Array.of(2)]);
  });
});

describe('what is no transport', () => {
  const none = {} as never;

  it.each([
    [
      'joinGroup',
      async () => joinGroup(none, { size: 2 }),
      'channel is an object; make it with webSocketChannel() or another',
    ],
    ['broadcastChannel', async () => broadcastChannel(none), 'channel is an object; give new BroadcastChannel(name)'],
    [
      'trysteroChannel',
      async () => trysteroChannel(none, 'me'),
      'room is an object, selfId the text "me"; give what joinRoom() returns',
    ],
    [
      'trysteroChannel',
      // As until 0.22.
      async () => trysteroChannel({ makeAction: () => [() => {}, () => {}] } as never, 'me'),
      "the room's makeAction() gives an Array of 2, without send; trystero must be 0.25 or later",
    ],
    ['comlinkChannel', async () => comlinkChannel(none, none), 'comlink is an object; give the module'],
    ['webSocketChannel', async () => webSocketChannel(none), 'socket is an object; give new WebSocket(url)'],
    ['serveRelay', async () => serveRelay(none), 'server is an object; give new WebSocketServer({ port })'],
  ])('%s names it', async (op, call, message) => {
    await expect(call()).rejects.toThrow(`${op}: ${message}`);
    expect(await codeOf(call())).toBe('option');
  });
});
