import { NormError } from '../../errors.ts';
import { checkAlone } from '../../options/checks.ts';
import { formatValue } from '../../options/format-value.ts';
import type { Channel } from '../channel.ts';
import { Mailbox } from '../channel.ts';

/** The part of a room of trystero that is used, 0.25 or later. */
export interface TrysteroRoom {
  makeAction(namespace: string): {
    send(data: ArrayBuffer, options: { target: string }): Promise<void>;
    onMessage: ((data: never, context: { peerId: string }) => void) | null;
  };
  getPeers(): Record<string, unknown>;
  leave(): Promise<void>;
  onPeerJoin: ((peerId: string) => void) | null;
  onPeerLeave: ((peerId: string) => void) | null;
}

/**
 * A channel between browsers, over WebRTC: each is connected to each, and a relay is needed to find each other only. `room` is what
 * trystero's `joinRoom` gives, of whatever strategy, `selfId` what it exports. Names are random, and so are ranks.
 *
 * @throws NormError `option` where the room is none.
 * @example
 * const room = joinRoom({ appId: 'digits', relayConfig: { urls: ['wss://relay.example'] } }, 'run 7');
 * const channel = trysteroChannel(room, selfId);
 */
export function trysteroChannel(room: TrysteroRoom, selfId: string, ...more: readonly never[]): Channel {
  checkAlone('trysteroChannel', more);
  if (typeof (room as Partial<TrysteroRoom> | null)?.makeAction !== 'function' || typeof selfId !== 'string') {
    const given = `room is ${formatValue(room)}, selfId ${formatValue(selfId)}`;
    throw new NormError('option', `trysteroChannel: ${given}; give what joinRoom() returns, and trystero's selfId`);
  }
  const mailbox = new Mailbox();
  const action = room.makeAction('webgpu-norm');
  if (typeof (action as Partial<typeof action>).send !== 'function') {
    const made = `makeAction() gives ${formatValue(action)}, without send`;
    throw new NormError('option', `trysteroChannel: the room's ${made}; trystero must be 0.25 or later`);
  }
  // To each peer one after the other: messages of several pieces would arrive in the order of their ends.
  const sent = new Map<string, Promise<void>>();
  const send = (data: ArrayBuffer, to: string): void => {
    const next = (sent.get(to) ?? Promise.resolve()).then(async () => action.send(data, { target: to }));
    sent.set(
      to,
      next.catch(() => mailbox.leave(to)),
    );
  };
  action.onMessage = (data, { peerId }) => mailbox.message(bytesOf(data), peerId);
  room.onPeerJoin = (peer) => mailbox.join(peer);
  room.onPeerLeave = (peer) => {
    sent.delete(peer);
    mailbox.leave(peer);
  };
  for (const peer of Object.keys(room.getPeers())) mailbox.join(peer);
  return {
    id: selfId,
    listen: (events) => mailbox.listen(events),
    send,
    close: () =>
      void Promise.all(sent.values())
        .then(async () => room.leave())
        .catch(() => {}),
  };
}

/** Bytes that came, by themselves; of what are none, none. */
function bytesOf(data: unknown): ArrayBuffer {
  if (data instanceof ArrayBuffer) return data;
  return ArrayBuffer.isView(data)
    ? Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).buffer
    : new ArrayBuffer();
}
