import { NormError } from '../../errors.ts';
import { checkAlone } from '../../options/checks.ts';
import { formatValue } from '../../options/format-value.ts';
import { ADDRESS, Relay } from './relay.ts';
import { addressed, unaddressed } from './web-socket.ts';
import type { Notice } from './web-socket.ts';

/** The part of a connection of the package `ws` that is used. */
export interface RelaySocket {
  on(event: 'message', listener: (data: Uint8Array, binary?: boolean) => void): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
  send(data: string | ArrayBuffer): void;
  close(code?: number, reason?: string): void;
}

/** The part of a `WebSocketServer` of the package `ws` that is used, 8 or later. */
export interface RelayServer {
  on(event: 'connection', listener: (socket: RelaySocket, request: { url?: string | undefined }) => void): unknown;
  /** What tells it from a server of `node:http`, whose connections carry no messages. */
  handleUpgrade(...given: never[]): unknown;
}

/**
 * Makes a WebSocket server the relay of {@link webSocketChannel}: those who opened the same path are passed each other's messages,
 * which it does not read. Who may connect, and the largest message, are the server's: `verifyClient` and `maxPayload` of ws.
 *
 * @throws NormError `option` where it is no server.
 * @example serveRelay(new WebSocketServer({ port: 8080 }));
 */
export function serveRelay(server: RelayServer, ...more: readonly never[]): void {
  checkAlone('serveRelay', more);
  const { on, handleUpgrade } = ((server as unknown) ?? {}) as Partial<RelayServer>;
  if (typeof on !== 'function' || typeof handleUpgrade !== 'function') {
    throw new NormError('option', `serveRelay: server is ${formatValue(server)}; give new WebSocketServer({ port })`);
  }
  const rooms = new Map<string, Relay>();
  server.on('connection', (socket, { url = '/' }) => {
    const room = rooms.get(url) ?? new Relay();
    rooms.set(url, room);
    const notify = (notice: Notice): void => socket.send(JSON.stringify(notice));
    const id = room.enter({
      join: (peer) => notify({ kind: 'join', id: peer }),
      leave: (peer) => notify({ kind: 'leave', id: peer }),
      message: (data, from) => socket.send(addressed(from, data)),
      end: () => socket.close(),
    });
    notify({ kind: 'welcome', id });
    socket.on('message', (bytes, binary) => {
      if (binary === undefined)
        return socket.close(1002, 'the relay has a package ws that is too old; it must be 8 or later');
      if (!binary || bytes.byteLength < ADDRESS) return;
      const { name, data } = unaddressed(bytes);
      room.send(data, id, name);
    });
    socket.on('close', () => {
      room.exit(id);
      if (room.size === 0) rooms.delete(url);
    });
    socket.on('error', () => socket.close());
  });
}
