import { NormError } from '../../errors.ts';
import { checkAlone } from '../../options/checks.ts';
import { formatValue } from '../../options/format-value.ts';
import type { Channel } from '../channel.ts';
import { Mailbox } from '../channel.ts';
import { ADDRESS } from './relay.ts';

/** A message of a relay in text; in bytes it passes messages on, each behind the name of who sent it. */
export interface Notice {
  kind: 'welcome' | 'join' | 'leave';
  id: string;
}

/** Milliseconds that a relay may take to answer. */
const ANSWER = 30_000;
const SERVE = 'serve it with serveRelay()';
/** The `readyState` of a connection that is yet to open. */
const CONNECTING = 0;

/** The part of a `WebSocket` that is used, the browser's or that of the package `ws`. */
export interface WebSocketLike {
  readonly readyState?: number;
  binaryType: string;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  send(data: ArrayBuffer): void;
  close(): void;
}

/** Bytes behind a name. */
export function addressed(name: string, data: ArrayBuffer | Uint8Array): ArrayBuffer {
  const bytes = new Uint8Array(ADDRESS + data.byteLength);
  bytes.set(new TextEncoder().encode(name));
  bytes.set(new Uint8Array(data), ADDRESS);
  return bytes.buffer;
}

/** The name, and a copy of the bytes behind it. */
export function unaddressed(bytes: Uint8Array): { name: string; data: ArrayBuffer } {
  const data = new Uint8Array(bytes.byteLength - ADDRESS);
  data.set(bytes.subarray(ADDRESS));
  return { name: new TextDecoder().decode(bytes.subarray(0, ADDRESS)), data: data.buffer };
}

/**
 * A channel over a relay of one's own ({@link serveRelay}): peers that open the same path meet. Names, and so ranks, are in the order
 * in which they came. All numbers pass through the relay.
 *
 * @throws NormError `option` where it is no WebSocket, or not one that is yet to open; rejects with `peer` where it closes before the relay has answered, or what answers is none.
 * @example const channel = await webSocketChannel(new WebSocket('ws://localhost:8080/digits'));
 */
export async function webSocketChannel(socket: WebSocketLike, ...more: readonly never[]): Promise<Channel> {
  checkAlone('webSocketChannel', more);
  const { addEventListener, send } = (socket ?? {}) as Partial<WebSocketLike>;
  if (typeof addEventListener !== 'function' || typeof send !== 'function') {
    throw new NormError('option', `webSocketChannel: socket is ${formatValue(socket)}; give new WebSocket(url)`);
  }
  if ((socket.readyState ?? CONNECTING) !== CONNECTING) {
    throw new NormError(
      'option',
      'webSocketChannel: socket is open already, or closed, and what the relay said first may be missed; give new WebSocket(url) as it is, ' +
        'before it opens',
    );
  }
  const mailbox = new Mailbox();
  socket.binaryType = 'arraybuffer';
  const id = await new Promise<string>((resolve, reject) => {
    const end = (reason: string): void => {
      clearTimeout(timer);
      reject(new NormError('peer', `webSocketChannel: ${reason}`));
      mailbox.end(reason);
      socket.close();
    };
    const timer = setTimeout(() => end(`nothing answered within ${ANSWER} ms; ${SERVE}`), ANSWER);
    socket.addEventListener('message', ({ data }) => {
      const notice = noticeOf(data);
      if (data instanceof ArrayBuffer && data.byteLength >= ADDRESS) {
        const { name, data: message } = unaddressed(new Uint8Array(data));
        mailbox.message(message, name);
      } else if (notice?.kind === 'welcome') {
        clearTimeout(timer);
        resolve(notice.id);
      } else if (notice?.kind === 'join' || notice?.kind === 'leave') mailbox[notice.kind](notice.id);
      else end(`what answers is no relay, it sent ${formatValue(data)}; ${SERVE}`);
    });
    socket.addEventListener('close', ({ code, reason }) => {
      const said = reason ? `: ${reason}` : '';
      end(`the relay closed the connection, or was not reached (code ${code})${said}`);
    });
    // Closing follows.
    socket.addEventListener('error', () => {});
  });
  return {
    id,
    listen: (events) => mailbox.listen(events),
    send: (data, to) => socket.send(addressed(to, data)),
    close: () => socket.close(),
  };
}

/** The message of a relay, or null where it is not from one. */
function noticeOf(data: unknown): Notice | null {
  if (typeof data !== 'string') return null;
  try {
    const notice = JSON.parse(data) as Notice | null;
    return typeof notice?.id === 'string' ? notice : null;
  } catch {
    return null;
  }
}
