import { caseOf, largestShape, shapesOf, titleOf, WARM_UP } from '../cases/shapes.ts';
import type { Kind, Sitting } from '../cases/shapes.ts';
import type { Case } from '../cases/case.ts';
import { shapesRowsOf } from '../analysis/shapes.ts';
import type { Series, ShapeCall, ShapesMeasured } from '../analysis/shapes.ts';
import { arraysOf, firstOf } from '../data.ts';
import { closeDevice, openDevice } from '../libraries/device.ts';
import type { Listed } from '../libraries/libraries.ts';
import type { Data, Opened } from '../libraries/library.ts';
import { BASELINE, OURS } from '../libraries/names.ts';
import { within } from './clock.ts';
import { countDuring, idle, throwLost, throwRefused, watchGpu } from './counts.ts';
import { closeAll, describe, openAll } from './open.ts';
import type { Participant } from './pass.ts';
import { reasonOf } from './row.ts';
import { shuffled } from './rounds.ts';

/** A call that takes longer is given up. */
const MOST_SECONDS = 60;

type Member = Participant & { calls: ShapeCall[] };

/**
 * Makes the calls of a sitting. Every shape is given to all libraries in turn, each time in another order, and each finds the
 * GPU idle; then further ones to webgpu-norm alone.
 *
 * @throws Error (rejects) where there is no GPU, or a device was lost: not every library would tell.
 */
export async function measureShapes(
  sitting: Sitting,
  libraries: readonly Listed[],
  seed: number,
): Promise<ShapesMeasured> {
  watchGpu();
  const own = await openDevice();
  const participants = await openAll(libraries);
  const warm = arraysOf(WARM_UP);
  const shapes = [];
  try {
    for (const participant of participants) {
      await guarded(participant, async (opened) => firstCall(participant.name, opened, WARM_UP, warm));
    }
    for (const kind of sitting.kinds) {
      shapes.push(...shapesRowsOf(titleOf(sitting, kind), await measureKind(kind, sitting, participants, seed)));
    }
  } finally {
    await closeAll(participants);
    await closeDevice();
  }
  return { ...describe(own), seed, shapes };
}

async function measureKind(
  kind: Kind,
  { calls, more }: Sitting,
  participants: readonly Participant[],
  seed: number,
): Promise<Series[]> {
  const arrays = arraysOf(caseOf(kind, largestShape(kind)));
  const members = participants.map((participant): Member => ({ ...participant, calls: [] }));
  const next = members.filter(({ name }) => name === OURS).map((member): Member => ({ ...member, calls: [] }));
  for (const [index, shape] of shapesOf(kind, calls + more, seed).entries()) {
    const of = caseOf(kind, shape);
    const first = firstOf(arrays, of);
    for (const member of shuffled([...(index < calls ? members : next)])) {
      await guarded(member, async (opened) => {
        member.calls.push(await firstCall(member.name, opened, of, first));
      });
    }
    throwLost();
  }
  const seriesOf = (each: readonly Member[], next: boolean): Series[] =>
    each.map(({ name, calls, error }) => ({
      library: name,
      next,
      calls,
      ...(error !== undefined && { error: reasonOf(error) }),
    }));
  return [...seriesOf(members, false), ...(more > 0 ? seriesOf(next, true) : [])];
}

/** Work with a library, unless it failed before; where it fails now, that is the end of it. */
async function guarded(participant: Participant, work: (opened: Opened) => Promise<unknown>): Promise<void> {
  const { opened, error } = participant;
  if (!opened || error !== undefined) return;
  try {
    await within(MOST_SECONDS, work(opened));
  } catch (cause) {
    participant.error = cause;
  }
}

/** A call on a shape that is new, with its data on the GPU; of a copy, which is what others are held against, one that is warm. */
async function firstCall(library: string, opened: Opened, of: Case, arrays: Data['arrays']): Promise<ShapeCall> {
  const isCopy = library === BASELINE;
  const data: Data = { arrays, copies: 1, ...(!isCopy && { fresh: true }) };
  let [ms, hostMs] = [0, 0];
  const { pipelines } = await countDuring(async () => {
    const subject = await opened.prepare(of, 'forward', data);
    if (!subject) throw new Error('it has no forward pass');
    if (isCopy) await subject.call();
    await idle();
    const begin = performance.now();
    const done = subject.call();
    if (done) await done;
    hostMs = performance.now() - begin;
    await idle();
    ms = performance.now() - begin;
    subject.destroy();
  });
  throwRefused();
  return { shape: of.shape, pipelines, ms, hostMicros: hostMs * 1000 };
}
