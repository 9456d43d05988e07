import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
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
import type { Channel, WebSocketLike } from '../../src/sync/index.ts';
import { codeOf, ends, relayServer } from './relay-server.ts';

/** A relay of one's own, and what is none. */

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

  /** In Node the relay's first words are there before whoever awaits the opening goes on. */
  it('is not listened to too late: a connection that is open, or closed, is refused at once', async () => {
    const socket = new NodeWebSocket(await relayServer());
    await once(socket, 'open');
    const open = async (): Promise<Channel> => webSocketChannel(socket as unknown as WebSocketLike);
    await expect(open()).rejects.toThrow('give new WebSocket(url) as it is, before it opens');
    socket.close();
    await once(socket, 'close');
    expect(await codeOf(open())).toBe('option');
  });

  it('on a package ws that does not tell bytes from text says what it needs', () => {
    const listeners = new Map<string, (...given: never[]) => void>();
    const socket = {
      on: (event: string, listener: never) => listeners.set(event, listener),
      send() {},
      close: vi.fn(),
    };
    serveRelay({ on: (_, listener) => listener(socket, {}), handleUpgrade() {} });
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
    [
      'webSocketChannel',
      async () => webSocketChannel(new EventTarget() as never),
      'socket is an EventTarget; give new WebSocket(url)',
    ],
    [
      'broadcastChannel',
      async () => broadcastChannel(new MessageChannel().port1 as never),
      'channel is a MessagePort; give new BroadcastChannel(name)',
    ],
    [
      'enter',
      async () => new Relay().enter({ join: () => {} } as never),
      'events are an object; they must have functions',
    ],
    ...Object.entries({ broadcastChannel, comlinkChannel, serveRelay, trysteroChannel, webSocketChannel }).map(
      ([op, call]): [string, () => Promise<unknown>, string] => [
        op,
        async () => (call as (...given: unknown[]) => unknown)(none, none, 1),
        op === 'comlinkChannel' || op === 'trysteroChannel'
          ? '1 follows the arguments'
          : 'an object follows the arguments',
      ],
    ),
    ['webSocketChannel', async () => webSocketChannel(none), 'socket is an object; give new WebSocket(url)'],
    [
      'serveRelay',
      // @ts-expect-error the compiler refuses it too: its connections tell no messages
      async () => serveRelay(createServer()),
      'server is a Server; give new WebSocketServer({ port })',
    ],
    ['serveRelay', async () => serveRelay(none), 'server is an object; give new WebSocketServer({ port })'],
  ])('%s names it', async (op, call, message) => {
    await expect(call()).rejects.toThrow(`${op}: ${message}`);
    expect(await codeOf(call())).toBe('option');
  });
});
