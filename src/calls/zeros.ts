import { planZeros } from '../plan/zeros.ts';
import type { Plan } from '../plan/plan.ts';
import type { CallNumbers } from '../plan/uniforms.ts';
import { sharesWord, wholeWords } from '../problem/dtype.ts';
import type { Problem } from '../problem/problem.ts';
import { isComputePass } from '../runtime/encoder.ts';
import type { Encoder } from '../runtime/encoder.ts';
import type { Resources } from '../runtime/executor.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { isImaginary } from '../runtime/storage.ts';
import type { BufferRange } from '../runtime/storage.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { Usage } from '../runtime/usage.ts';
import { planAfter } from './plans.ts';
import { record } from './record.ts';
import { elementOffsetsOf, placesSignature, resourcesOf } from './resources.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Records the plan of a call without elements, and what becomes zero with it. An encoder clears buffers; a compute pass of the caller's is in the
 * order of its dispatches only if a dispatch does it, and so it is where a buffer takes no copies or ends in a shared word. `given` has those of
 * the zeroed that the call did not make: what ends in their last word is another's.
 */
export function recordZeroing(
  op: string,
  runtime: Runtime,
  problem: Problem,
  plan: Plan,
  zeroed: Tensors,
  {
    operands = {},
    given = {},
    ...recording
  }: { operands?: Resources; given?: Tensors; encoder: Encoder | undefined; numbers?: CallNumbers },
): void {
  const present = Object.entries(zeroed).filter(([, { size }]) => size > 0);
  const { encoder } = recording;
  const open = encoder !== undefined && isComputePass(encoder);
  const byCommand = present.filter(([name, tensor]) => !open && isCleared(tensor, given[name] === tensor));
  const byPass: Tensors = Object.fromEntries(present.filter((one) => !byCommand.includes(one)));
  record(
    runtime,
    withZeros(op, runtime, problem, plan, byPass),
    { ...resourcesOf(byPass), ...operands },
    {
      ...recording,
      clears: byCommand.map(([, tensor]) => clearedRange(tensor)),
    },
  );
}

function withZeros(op: string, runtime: Runtime, problem: Problem, plan: Plan, tensors: Tensors): Plan {
  const names = Object.keys(tensors);
  if (names.length === 0) return plan;
  const key = `zeros ${names.map((name) => `${name} ${tensors[name]!.dtype} ${tensors[name]!.size}`).join()}`;
  const zeros = planAfter(op, runtime, problem, key + placesSignature(tensors), () =>
    planZeros(problem, runtime.profile, tensors, elementOffsetsOf(tensors)),
  );
  return { ...plan, scratch: { ...plan.scratch, ...zeros.scratch }, passes: [...plan.passes, ...zeros.passes] };
}

/** Whether a command may clear it: it clears whole words, and none that is another's too. */
function isCleared({ storage, byteOffset, byteLength, dtype }: Tensor, isGiven: boolean): boolean {
  const whole = !isGiven || !sharesWord(dtype) || (byteOffset % 4 === 0 && byteLength % 4 === 0);
  const takesCopies =
    storage.allocation !== null || isImaginary(storage) || (storage.buffer.usage & Usage.COPY_DST) !== 0;
  return whole && takesCopies;
}

function clearedRange({ storage, byteOffset, byteLength }: Tensor): BufferRange {
  return { storage, offset: byteOffset, size: wholeWords(byteLength) };
}
