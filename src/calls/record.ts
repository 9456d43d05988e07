import { isWritten } from '../plan/plan.ts';
import type { Plan } from '../plan/plan.ts';
import { NO_NUMBERS } from '../plan/uniforms.ts';
import type { CallNumbers } from '../plan/uniforms.ts';
import { isComputePass } from '../runtime/encoder.ts';
import type { Encoder } from '../runtime/encoder.ts';
import type { Resources } from '../runtime/executor.ts';
import { failureOf, firstOf } from '../runtime/failure.ts';
import type { Failure } from '../runtime/failure.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { doubtOf, putInDoubt } from '../runtime/doubts.ts';
import type { BufferRange } from '../runtime/storage.ts';

/** Additions of a call to its plan. */
interface Recording {
  encoder?: Encoder | undefined;
  numbers?: CallNumbers;
  /** Commands that come before the passes, and memory besides the resources that they read. */
  before?: (encoder: GPUCommandEncoder, resources: Resources) => void;
  copied?: readonly BufferRange[];
  /** Whole words that commands set to zero before that; none where the encoder is an open pass. */
  clears?: readonly BufferRange[];
}

const NONE: readonly BufferRange[] = [];

/**
 * Records a plan, and submits it where there is no encoder to record it into. What the device finds wrong, or has yet to say of what is read,
 * reaches the results; it is asked only where something is new to it: a pipeline, memory, or a buffer we did not make. To the resources are
 * added those that the plan needs within itself.
 */
export function record(
  runtime: Runtime,
  plan: Plan,
  resources: Record<string, BufferRange>,
  recording: Recording,
): void {
  const { executor } = runtime;
  if (runtime.planned) {
    runtime.planned.push(executor.asRun(plan, resources));
    return;
  }
  const { encoder, before, copied = NONE, clears = NONE } = recording;
  if (plan.passes.length === 0 && clears.length === 0 && !before) return;
  runtime.addScratch(plan, resources);
  const isKnown = executor.isWarm(plan, resources) && areAll(isMade, resources, copied, clears);
  if (isKnown && areAll(isUndoubted, resources, copied, clears)) {
    encode(runtime, plan, resources, recording);
  } else {
    const failures = doubtsOf(plan, resources, copied);
    if (isKnown) encode(runtime, plan, resources, recording);
    else failures.push(...encodeAsking(runtime, plan, resources, recording));
    const failure = failures.length > 1 ? firstOf(failures) : (failures[0] ?? null);
    for (const range of writtenBy(plan, resources, clears)) putInDoubt(range, failure);
  }
  if (encoder) runtime.mention(encoder, [...Object.values(resources), ...copied, ...clears]);
}

function encode(runtime: Runtime, plan: Plan, resources: Resources, recording: Recording): void {
  const { device, executor } = runtime;
  const { encoder, numbers = NO_NUMBERS, before, clears = NONE } = recording;
  if (encoder && isComputePass(encoder)) {
    executor.record(encoder, plan, resources, numbers, encoder);
    return;
  }
  const commands = encoder ?? device.createCommandEncoder();
  for (const { storage, offset, size } of clears) commands.clearBuffer(storage.buffer, offset, size);
  before?.(commands, resources);
  if (plan.passes.length > 0) {
    const pass = commands.beginComputePass();
    executor.record(pass, plan, resources, numbers, encoder);
    pass.end();
  }
  if (!encoder) device.queue.submit([commands.finish()]);
}

/**
 * The same, and asks the device for errors in it; where there is none, the next run of the plan need not ask. A program that the driver did not get
 * compiled fails the end of its encoder: where that is the app's, who made the program alone hears of it.
 */
function encodeAsking(runtime: Runtime, plan: Plan, resources: Resources, recording: Recording): Failure[] {
  const failures: Failure[] = [];
  const ask = (filter: GPUErrorFilter, work: () => void): void =>
    void failures.push(failureOf(runtime.device, filter, plan.label, work));
  const work = (): void => encode(runtime, plan, resources, recording);
  ask('validation', recording.encoder ? () => ask('internal', work) : work);
  void firstOf(failures).then((wrong) => {
    if (!wrong) runtime.executor.trust(plan, resources);
  });
  return failures;
}

function areAll(
  test: (range: BufferRange) => boolean,
  resources: Resources,
  copied: readonly BufferRange[],
  clears: readonly BufferRange[],
): boolean {
  for (const name in resources) if (!test(resources[name]!)) return false;
  return copied.every(test) && clears.every(test);
}

/** Whether a command that binds it cannot fail by it: it is ours, and there was memory for it. */
function isMade({ storage: { allocation } }: BufferRange): boolean {
  return allocation !== null && allocation.shortage === null;
}

function isUndoubted({ storage }: BufferRange): boolean {
  return storage.doubts.length === 0;
}

/** Doubts about all that is read; and whether there was memory for all of it, without which none of the passes runs. */
function doubtsOf({ passes }: Plan, resources: Resources, copied: readonly BufferRange[]): Failure[] {
  const bindings = passes.flatMap((pass) => pass.bindings);
  const doubts = Object.entries(resources).map(([name, range]) => {
    const isRead = bindings.some((binding) => binding.resource === name && binding.access !== 'write');
    return isRead ? doubtOf(range) : (range.storage.allocation?.shortage ?? null);
  });
  // Work of before may be behind several of them.
  return [...new Set([...copied.map(doubtOf), ...doubts].filter((doubt) => doubt !== null))];
}

/** Results that a plan leaves; scratch memory holds nothing from one call to the next. */
function writtenBy({ passes, scratch }: Plan, resources: Resources, clears: readonly BufferRange[]): BufferRange[] {
  const written = passes.flatMap((pass) => pass.bindings.filter(isWritten));
  const left = written.filter(({ resource }) => !(resource in scratch));
  return [...left.map(({ resource }) => resources[resource]!), ...clears];
}
