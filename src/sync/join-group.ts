import { NormError } from '../errors.ts';
import { checkAlone, checkChoice, checkCount, checkNames, checkText } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import type { Channel, ChannelEvents } from './channel.ts';
import type { Group } from './group.ts';
import { LONGEST, Member } from './member.ts';
import { decode, encode, PROTOCOL } from './message.ts';
import type { Message, Terms } from './message.ts';

export interface GroupOptions {
  /** How many members the group starts with. */
  size: number;
  /** Whether the group ends with an error where a member leaves or is lost, or goes on with who is left. Default: `'error'`. */
  onLeave?: 'error' | 'continue' | undefined;
  /** The fewest members that go on: more than half of `size` keeps two halves of a torn network from going on apart. Default: 1. */
  atLeast?: number | undefined;
  /** Milliseconds that members wait for each other, to begin with and in each step; in a step for rank 0 twice as long. Default: 30,000. */
  timeout?: number | undefined;
  /** Of the app: its model, its data. Members of different versions are refused. Default: `''`. */
  version?: string | undefined;
}

const OPTIONS = ['size', 'onLeave', 'atLeast', 'timeout', 'version'];
const OP = 'joinGroup';

/**
 * Waits for the other members on a channel, and makes a group of them: ranks are the order of their names. Members agree on `size`,
 * `onLeave`, `atLeast` and `version`. Who comes when the group has its members is refused; the members go on.
 *
 * @throws NormError (rejects) `option`; `mismatch` where a peer's options or protocol differ, `peer` where too few came in time, the group
 * is full, or the channel broke. The channel is then closed.
 * @example
 * const group = await joinGroup(channel, { size: 2, onLeave: 'continue', version: 'digits 3' });
 * const total = await group.allReduce(Float32Array.of(1, 2, 3));
 */
export async function joinGroup(channel: Channel, options: GroupOptions, ...more: readonly never[]): Promise<Group> {
  checkAlone(OP, more, OPTIONS);
  checkChannel(channel);
  checkNames(OP, options, OPTIONS);
  const { size, onLeave = 'error', atLeast = 1, timeout = 30_000, version = '' } = options;
  checkCount(OP, 'size', size);
  checkChoice(OP, 'onLeave', onLeave, ['error', 'continue']);
  checkCount(OP, 'atLeast', atLeast);
  checkCount(OP, 'timeout', timeout);
  checkText(OP, 'version', version);
  if (atLeast > size) {
    throw new NormError('option', `${OP}: atLeast is ${atLeast}, but the group has ${size} members to begin with`);
  }
  const joining = new Joining(channel, { protocol: PROTOCOL, size, version, onLeave, atLeast }, timeout);
  try {
    channel.listen(joining);
    joining.begin();
  } catch (cause) {
    joining.end(cause instanceof Error ? cause.message : String(cause));
  }
  return joining.group;
}

/** From the first peer to the last member, and then what the channel tells, for the member. */
class Joining implements ChannelEvents {
  readonly group: Promise<Group>;
  readonly #channel: Channel;
  readonly #terms: Terms;
  readonly #timeout: number;
  readonly #timer: ReturnType<typeof setTimeout>;
  /** Peers that were greeted, and those of them that answered with the same terms. */
  readonly #greeted = new Set<string>();
  readonly #ready = new Set<string>();
  #resolve!: (group: Group) => void;
  #reject!: (error: NormError) => void;
  #members: readonly string[] = [];
  #member: Member | null = null;
  #failed = false;

  constructor(channel: Channel, terms: Terms, timeout: number) {
    this.group = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#channel = channel;
    this.#terms = terms;
    this.#timeout = timeout;
    this.#timer = setTimeout(() => this.#late(), Math.min(timeout, LONGEST));
  }

  join(peer: string): void {
    if (this.#member || this.#failed || this.#greeted.has(peer)) return;
    this.#greeted.add(peer);
    this.#send(peer, { kind: 'hello', terms: this.#terms });
  }

  leave(peer: string): void {
    this.#greeted.delete(peer);
    this.#ready.delete(peer);
    this.#member?.lose(peer, 'is gone');
  }

  end(reason: string): void {
    const broke = `the channel broke: ${reason}`;
    if (this.#member) this.#member.fail(new NormError('peer', broke), false);
    else this.#fail(new NormError('peer', `${OP}: ${broke}`));
  }

  message(data: ArrayBuffer, from: string): void {
    const read = decode(data);
    if (this.#failed) return;
    if (!this.#member) {
      if (read) this.#negotiate(from, read.message);
    } else if (read?.message.kind === 'hello') {
      // A member's greeting may come after the start.
      if (!this.#members.includes(from)) this.#refuse(from);
    } else if (read?.message.kind === 'start') {
      // Whoever has begun another group is not in this one, nor this member in that.
      this.#refuse(from);
      this.#member.lose(from, 'has begun another group');
    } else if (read) this.#member.take(from, read.message, read.numbers);
    else this.#member.lose(from, `sent ${data.byteLength} bytes that are no message of webgpu-norm/sync`);
  }

  /** Starts, where this peer has the first name of as many as it takes. */
  begin(): void {
    const { size } = this.#terms;
    const names = [this.#channel.id, ...this.#ready].sort();
    if (this.#member || this.#failed || names.length < size || names[0] !== this.#channel.id) return;
    const members = names.slice(0, size);
    for (const name of members.slice(1)) this.#send(name, { kind: 'start', members });
    this.#start(members);
  }

  #negotiate(from: string, message: Message): void {
    if (message.kind === 'hello') {
      this.join(from);
      const differing = differenceOf(from, message.terms, this.#terms);
      if (differing !== null) return this.#fail(new NormError('mismatch', `${OP}: ${differing}`));
      this.#ready.add(from);
      this.begin();
    } else if (message.kind === 'start' && message.members.includes(this.#channel.id)) {
      this.#start(message.members);
    } else if (message.kind === 'refuse') {
      this.#fail(new NormError('peer', `${OP}: '${from}' refused: ${message.reason}`));
    }
  }

  #start(members: readonly string[]): void {
    clearTimeout(this.#timer);
    this.#members = members;
    this.#member = new Member(this.#channel, members, this.#terms, this.#timeout);
    for (const peer of this.#ready) if (!members.includes(peer)) this.#refuse(peer);
    this.#resolve(this.#member);
  }

  #refuse(peer: string): void {
    this.#send(peer, { kind: 'refuse', reason: `the group has started with its ${this.#terms.size} members` });
  }

  #late(): void {
    const { size } = this.#terms;
    const here = 1 + this.#ready.size;
    this.#fail(new NormError('peer', `${OP}: ${here} of ${size} members came within ${this.#timeout} ms`));
  }

  #fail(error: NormError): void {
    clearTimeout(this.#timer);
    this.#failed = true;
    this.#channel.close();
    this.#reject(error);
  }

  #send(to: string, message: Message): void {
    this.#channel.send(encode(message), to);
  }
}

/** The first difference of a peer's terms from these, or null. */
function differenceOf(peer: string, given: Partial<Terms>, own: Terms): string | null {
  for (const name of Object.keys(own) as (keyof Terms)[]) {
    if (given[name] === own[name]) continue;
    const [theirs, ours] = [given[name], own[name]].map((value) => JSON.stringify(value));
    const what = name === 'protocol' ? 'the protocol of another webgpu-norm' : name;
    return `'${peer}' has ${what} ${theirs}, this peer ${ours}; members must agree`;
  }
  return null;
}

function checkChannel(channel: unknown): void {
  const { id, listen, send, close } = (channel ?? {}) as Partial<Channel>;
  if (typeof id === 'string' && [listen, send, close].every((one) => typeof one === 'function')) return;
  throw new NormError(
    'option',
    `${OP}: channel is ${formatValue(channel)}; make it with webSocketChannel() or another`,
  );
}
