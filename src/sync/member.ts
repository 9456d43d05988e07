import { NormError } from '../errors.ts';
import { checkAlone } from '../options/checks.ts';
import type { Channel } from './channel.ts';
import { checkMerged, checkReduction } from './checks.ts';
import type { Group, ReduceOptions } from './group.ts';
import { sum } from './merge.ts';
import type { Merge } from './merge.ts';
import { encode } from './message.ts';
import type { Message, Terms } from './message.ts';
import { differenceOf } from './part.ts';
import type { Part } from './part.ts';

/** The most milliseconds that a timer takes: of more it fires at once. */
export const LONGEST: number = 2 ** 31 - 1;

/** The step under way here. */
interface Operation {
  label: string;
  merge: Merge;
  resolve: (result: Float32Array<ArrayBuffer>) => void;
  reject: (error: NormError) => void;
}

/**
 * This end of a group. The member of rank 0 takes the parts of a step, merges them in the order of ranks and sends all the result, so
 * that there is one decision on whose parts are in it. Where that member is lost, the next takes its place: nobody can be more than
 * one step ahead of anybody, so the others send it their parts again, and the last result if they have one that it lacks.
 */
export class Member implements Group {
  readonly #channel: Channel;
  readonly #terms: Terms;
  readonly #timeout: number;
  /** The name of who started the group, which nobody does twice. */
  readonly #group: string;
  /** Members that are left, in the order of ranks: that of their names. */
  #members: readonly string[];
  /** Steps that are done here, and the result of the last one. */
  #done = 0;
  #last: Float32Array<ArrayBuffer> | null = null;
  #operation: Operation | null = null;
  /** The latest part of each member, of those who left too. */
  readonly #parts = new Map<string, Part>();
  #turn: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Why the next step fails, or all of them do. */
  #ending: NormError | null = null;
  #failure: NormError | null = null;

  constructor(channel: Channel, members: readonly string[], terms: Terms, timeout: number) {
    this.#channel = channel;
    this.#members = [...members].sort();
    this.#group = this.#members[0]!;
    this.#terms = terms;
    this.#timeout = timeout;
  }

  get rank(): number {
    return this.#members.indexOf(this.#channel.id);
  }

  get size(): number {
    return this.#members.length;
  }

  async allReduce(
    data: Float32Array,
    options: ReduceOptions = {},
    ...more: readonly never[]
  ): Promise<Float32Array<ArrayBuffer>> {
    checkAlone('allReduce', more, ['label']);
    checkReduction(data, options);
    const { merge = sum, label = 'allReduce' } = options;
    const numbers = data.slice();
    const result = this.#turn.then(async () => this.#step(numbers, label, merge));
    this.#turn = result.catch(() => {});
    return result;
  }

  leave(): void {
    if (!this.#failure) {
      this.#tell({ kind: 'leave' });
      this.#stop(new NormError('destroyed', 'allReduce: this member left the group; join another one'));
    }
    this.#channel.close();
  }

  /** @internal */
  take(from: string, message: Message, numbers: Float32Array<ArrayBuffer>): void {
    if (this.#failure || !this.#members.includes(from)) return;
    if (message.kind !== 'refuse' && message.group !== this.#group) return;
    switch (message.kind) {
      case 'part':
        return this.#takePart(from, { ...message, numbers });
      case 'result':
        return this.#takeResult(message.step, numbers);
      case 'leave':
        return this.lose(from, 'left the group');
      // Of more peers than a group takes, it has started with others.
      case 'refuse':
        return this.lose(from, `refused: ${message.reason}`);
      case 'drop':
        if (message.peer !== this.#channel.id) return this.#remove(message.peer, message.reason);
        return this.#stop(
          new NormError('peer', `'${from}' took this member for lost and goes on without it: it ${message.reason}`),
        );
      case 'fail':
        return this.#stop(new NormError(message.code, message.reason));
      default:
    }
  }

  /** @internal A peer is gone: the others are told, who may not have noticed. */
  lose(peer: string, reason: string): void {
    if (this.#failure || !this.#members.includes(peer)) return;
    this.#tell({ kind: 'drop', peer, reason });
    this.#remove(peer, reason);
  }

  /** @internal The group ends, for all members where they are `told`. */
  fail(error: NormError, told = true): void {
    if (this.#failure) return;
    if (told) this.#tell({ kind: 'fail', code: error.code, reason: error.message });
    this.#stop(error);
  }

  get #root(): string {
    return this.#members[0]!;
  }

  get #isRoot(): boolean {
    return this.#root === this.#channel.id;
  }

  async #step(numbers: Float32Array, label: string, merge: Merge): Promise<Float32Array<ArrayBuffer>> {
    if (this.#ending) this.fail(this.#ending);
    if (this.#failure) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#operation = { label, merge, resolve, reject };
      this.#parts.set(this.#channel.id, { step: this.#done + 1, label, numbers });
      this.#contribute();
    });
  }

  /** Sends the part of this member to the one who merges, and waits: that one for the parts, the others twice as long for it. */
  #contribute(): void {
    const { step, label, numbers } = this.#parts.get(this.#channel.id)!;
    clearTimeout(this.#timer);
    const wait = this.#isRoot ? this.#timeout : 2 * this.#timeout;
    this.#timer = setTimeout(
      () => this.#expire(`sent nothing for '${label}' within ${wait} ms`),
      Math.min(wait, LONGEST),
    );
    if (this.#isRoot) this.#settle();
    else this.#send(this.#root, { kind: 'part', step, label }, numbers);
  }

  #expire(reason: string): void {
    const late = this.#isRoot ? this.#members.filter((member) => !this.#hasPartOf(member)) : [this.#root];
    for (const member of late) this.lose(member, reason);
  }

  #hasPartOf(member: string): boolean {
    return this.#isAt(member, this.#done + 1);
  }

  #isAt(member: string, step: number): boolean {
    return this.#parts.get(member)?.step === step;
  }

  #takePart(from: string, part: Part): void {
    // It lacks a result that the one before sent no more.
    if (part.step === this.#done && this.#last) this.#send(from, { kind: 'result', step: this.#done }, this.#last);
    else this.#parts.set(from, part);
    this.#settle();
  }

  #takeResult(step: number, result: Float32Array<ArrayBuffer>): void {
    if (step !== this.#done + 1 || !this.#operation) return;
    if (this.#isRoot) this.#broadcast(result);
    this.#finish(result);
  }

  /** Merges, once everybody's part is there: those of members who left since are in it. */
  #settle(): void {
    if (!this.#operation || !this.#isRoot || !this.#members.every((member) => this.#hasPartOf(member))) return;
    const names = [...this.#parts.keys()].filter((member) => this.#hasPartOf(member)).sort();
    const own = this.#parts.get(this.#channel.id)!;
    for (const name of names) {
      const differing = differenceOf(name, this.#parts.get(name)!, this.#channel.id, own);
      if (differing !== null) return this.fail(new NormError('mismatch', `allReduce: ${differing}`));
    }
    let result: Float32Array<ArrayBuffer>;
    try {
      result = this.#operation.merge(names.map((name) => this.#parts.get(name)!.numbers));
      checkMerged(result);
    } catch (error) {
      const code = error instanceof NormError ? error.code : 'option';
      return this.fail(new NormError(code, `${own.label}: ${(error as Error).message}`, { cause: error }));
    }
    this.#broadcast(result);
    this.#finish(result);
  }

  #broadcast(result: Float32Array): void {
    for (const member of this.#others()) this.#send(member, { kind: 'result', step: this.#done + 1 }, result);
  }

  #finish(result: Float32Array<ArrayBuffer>): void {
    const { resolve } = this.#operation!;
    clearTimeout(this.#timer);
    this.#operation = null;
    this.#done++;
    this.#last = result.slice();
    resolve(result);
  }

  #remove(peer: string, reason: string): void {
    if (!this.#members.includes(peer)) return;
    const wasRoot = peer === this.#root;
    const left = this.#members.filter((member) => member !== peer);
    if (this.#terms.onLeave === 'error' || left.length < this.#terms.atLeast) {
      return this.#end(peer, wasRoot, new NormError('peer', `'${peer}' ${reason}; ${this.#consequence(left.length)}`));
    }
    this.#members = left;
    if (wasRoot && this.#last) {
      // That who merges from now on may lack it, or whoever gave that one a part for it before this member heard of the loss.
      const lacking = this.#isRoot ? this.#others().filter((member) => this.#isAt(member, this.#done)) : [this.#root];
      for (const member of lacking) this.#send(member, { kind: 'result', step: this.#done }, this.#last);
    }
    if (wasRoot && this.#operation) this.#contribute();
    else this.#settle();
  }

  #consequence(left: number): string {
    const { onLeave, atLeast } = this.#terms;
    return onLeave === 'error'
      ? "the group ends, as onLeave is 'error'"
      : `${left} of the at least ${atLeast} members that go on are left`;
  }

  /** A step to which the lost member's part has come, or may have, still ends well; the next one does not. */
  #end(peer: string, wasRoot: boolean, error: NormError): void {
    this.#ending ??= error;
    if (this.#operation && (wasRoot || (this.#isRoot && !this.#hasPartOf(peer)))) this.fail(error);
  }

  #stop(error: NormError): void {
    clearTimeout(this.#timer);
    this.#failure = error;
    this.#operation?.reject(error);
    this.#operation = null;
  }

  #others(): string[] {
    return this.#members.filter((member) => member !== this.#channel.id);
  }

  #tell(message: Message): void {
    for (const member of this.#others()) this.#send(member, message);
  }

  #send(to: string, message: Message, numbers?: Float32Array): void {
    this.#channel.send(encode({ ...message, group: this.#group }, numbers), to);
  }
}
