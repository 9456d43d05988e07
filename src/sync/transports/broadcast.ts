import { NormError } from '../../errors.ts';
import { checkAlone } from '../../options/checks.ts';
import { formatValue } from '../../options/format-value.ts';
import type { Channel } from '../channel.ts';
import { Mailbox } from '../channel.ts';

/** A message that a page posts; with `to`, for that one alone. */
interface Posted {
  kind: 'here' | 'gone' | 'message';
  from: string;
  to?: string;
  data?: ArrayBuffer;
}

/** Milliseconds after which what a page posted has come for sure: a lock may be released before that. */
const GRACE = 1000;

/** The lock that a page holds for as long as it lives, so that others can tell. */
const lockOf = (channel: BroadcastChannel, id: string): string => `webgpu-norm ${channel.name} ${id}`;

/**
 * A channel between pages and workers of one browser and origin, without a server. Names are in the order in which the pages came. A
 * page that is closed or crashes is noticed by a Web Lock that it held, where the browser has those.
 *
 * @throws NormError `option` where it is no BroadcastChannel.
 * @example const channel = broadcastChannel(new BroadcastChannel('digits'));
 */
export function broadcastChannel(channel: BroadcastChannel, ...more: readonly never[]): Channel {
  checkAlone('broadcastChannel', more);
  const { postMessage, name } = (channel ?? {}) as Partial<BroadcastChannel>;
  // A worker has no name.
  if (typeof postMessage !== 'function' || typeof name !== 'string') {
    throw new NormError(
      'option',
      `broadcastChannel: channel is ${formatValue(channel)}; give new BroadcastChannel(name)`,
    );
  }
  const id = `${(performance.timeOrigin + performance.now()).toFixed(3)}-${crypto.randomUUID().slice(0, 8)}`;
  const mailbox = new Mailbox();
  const peers = new Set<string>();
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  const closing = new AbortController();
  const post = (posted: Omit<Posted, 'from'>): void => channel.postMessage({ ...posted, from: id });

  const meet = (peer: string): void => {
    if (peers.has(peer)) return;
    peers.add(peer);
    mailbox.join(peer);
    post({ kind: 'here', to: peer });
    // Granted once its holder is gone.
    const { signal } = closing;
    void locks
      ?.request(lockOf(channel, peer), { signal }, () => void setTimeout(() => part(peer), GRACE))
      .catch(() => {});
  };
  const part = (peer: string): void => {
    if (peers.delete(peer)) mailbox.leave(peer);
  };
  const receive = ({ data: posted }: MessageEvent<Posted>): void => {
    const { kind, from, to, data } = posted;
    if (to !== undefined && to !== id) return;
    if (kind === 'here') meet(from);
    else if (kind === 'gone') part(from);
    else if (data) mailbox.message(data, from);
  };

  channel.addEventListener('message', receive as EventListener);
  const released = new Promise<void>((release) => closing.signal.addEventListener('abort', () => release()));
  const begin = (): void => {
    if (!closing.signal.aborted) post({ kind: 'here' });
  };
  // Where a lock is refused, as by a page without an origin, nobody notices a crash; the others are still told that it is here.
  if (locks)
    void locks
      .request(lockOf(channel, id), () => (begin(), released))
      .catch(begin)
      .catch(() => {});
  else begin();
  return {
    id,
    listen: (events) => mailbox.listen(events),
    send: (data, to) => post({ kind: 'message', to, data }),
    close: () => {
      if (closing.signal.aborted) return;
      post({ kind: 'gone' });
      closing.abort();
      channel.close();
    },
  };
}
