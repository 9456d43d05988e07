import { isComputePass } from './encoder.ts';
import type { Encoder } from './encoder.ts';
import type { Allocation } from './storage.ts';

/** Memory that an encoder may mention: a buffer of ours, or what a call made for itself. */
export type Mentioned = Pick<Allocation, 'pending' | 'untold' | 'onSettled'>;

/**
 * Memory that an encoder of the app's mentions must neither be destroyed nor reused before that is submitted: the one would fail the
 * app's submit, the other would have the encoder overwrite somebody else's numbers. WebGPU does not tell when it is, so
 * `finish` of such an encoder and `submit` of the queue are replaced, on these objects alone, by functions that also note it. Once it is
 * submitted the order of the queue keeps it safe. An open compute pass does not tell which encoder it is of, and a frozen encoder or queue not
 * when: what they mention stays `untold`, and only who destroys it on purpose destroys it. An encoder that is never submitted keeps what it mentions until it
 * is collected itself.
 */
const mentions = new WeakMap<GPUCommandEncoder | GPUCommandBuffer, Set<Mentioned>>();
const submits = new WeakMap<GPUQueue, GPUQueue['submit']>();
const finished = new WeakSet<Encoder>();

/** Whether an encoder is known to be finished: one that a call was recorded into. */
export function isFinished(encoder: Encoder): boolean {
  return finished.has(encoder);
}

/** Notes that an encoder of the app's mentions memory of ours. */
export function mention(queue: GPUQueue, encoder: Encoder, allocations: Iterable<Mentioned>): void {
  const mentioned = isComputePass(encoder) ? null : mentionedBy(queue, encoder);
  if (!mentioned) {
    for (const allocation of allocations) allocation.untold = true;
    return;
  }
  for (const allocation of allocations) {
    if (mentioned.has(allocation)) continue;
    mentioned.add(allocation);
    allocation.pending++;
  }
}

/** Allocations that an encoder mentions so far; null where nobody will tell when it is submitted. */
function mentionedBy(queue: GPUQueue, encoder: GPUCommandEncoder): Set<Mentioned> | null {
  let mentioned = mentions.get(encoder);
  if (mentioned) return mentioned;
  if (!noticeFinish(encoder) || !noticeSubmit(queue)) return null;
  mentions.set(encoder, (mentioned = new Set()));
  return mentioned;
}

/** Returns whether it can be noticed. */
function noticeFinish(encoder: GPUCommandEncoder): boolean {
  const { finish } = encoder;
  const noticed: GPUCommandEncoder['finish'] = (descriptor) => {
    const commands = finish.call(encoder, descriptor);
    finished.add(encoder);
    const mentioned = mentions.get(encoder);
    if (mentioned) mentions.set(commands, mentioned);
    mentions.delete(encoder);
    return commands;
  };
  return Reflect.set(encoder, 'finish', noticed);
}

/** Returns whether it can be noticed. */
function noticeSubmit(queue: GPUQueue): boolean {
  if (submits.get(queue) === queue.submit) return true;
  const { submit } = queue;
  const noticed: GPUQueue['submit'] = (given) => {
    const all = [...given];
    submit.call(queue, all);
    for (const commands of all) settle(commands);
  };
  if (!Reflect.set(queue, 'submit', noticed)) return false;
  submits.set(queue, noticed);
  return true;
}

function settle(commands: GPUCommandBuffer): void {
  const mentioned = mentions.get(commands);
  if (!mentioned) return;
  mentions.delete(commands);
  for (const allocation of mentioned) {
    allocation.pending--;
    if (allocation.pending > 0 || !allocation.onSettled) continue;
    const { onSettled } = allocation;
    allocation.onSettled = null;
    onSettled();
  }
}
