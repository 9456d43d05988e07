import type { Case, Pass } from '../cases/case.ts';
import { copiesOf } from '../data.ts';
import type { exactOf } from '../reference.ts';
import { BASELINE } from '../libraries/names.ts';
import type { Data, Opened, Subject } from '../libraries/library.ts';
import type { Row } from '../analysis/results.ts';
import { within } from './clock.ts';
import { throwRefused } from './counts.ts';
import { costOf } from './cost.ts';
import { largestError } from './error.ts';
import { runRounds } from './rounds.ts';
import type { Entry, Times } from './rounds.ts';
import { emptyRow, reasonOf } from './row.ts';
import type { Settings } from './settings.ts';

/** A library that takes part, or why it cannot. */
export interface Participant {
  name: string;
  opened?: Opened;
  error?: unknown;
}

/** A call and what it gives in float64: that of the case, or of an excerpt of it. */
export interface Check {
  of: Case;
  arrays: Data['arrays'];
  exact: ReturnType<typeof exactOf>;
}

/** What one pass of one case is measured with. */
export interface Task {
  of: Case;
  pass: Pass;
  arrays: Data['arrays'];
  participants: readonly Participant[];
  /** What results are compared with; null where nothing is. */
  checked: Check | null;
  settings: Settings;
  /** Told what comes next. */
  say(doing: string): void;
}

/** Opening, checking or counting that takes longer is given up. */
const MOST_SECONDS = 120;

/** Measures one pass of one case on all libraries; `ratio` is that of a copy to the same copy once more. */
export async function measurePass(task: Task): Promise<{ rows: Row[]; ratio: number | null }> {
  const { of, pass, arrays, participants, settings, say } = task;
  const data: Data = { arrays, copies: copiesOf(of, settings.quick) };
  const rows: Row[] = [];
  const contenders: (Entry & { row: Row })[] = [];
  const marks: Entry[] = [];
  try {
    for (const participant of participants) {
      const row = emptyRow(of, pass, participant.name);
      say(participant.name);
      try {
        const subject = await prepare(participant, of, pass, data);
        if (!subject) continue;
        row.dtype = subject.dtype ?? row.dtype;
        contenders.push({ row, subject });
        row.maxError = await within(MOST_SECONDS, errorOf(subject, participant, task));
        Object.assign(row, await within(MOST_SECONDS, costOf(subject, settings.cost)));
        throwRefused();
      } catch (cause) {
        row.error = reasonOf(cause);
      }
      rows.push(row);
    }
    // The copy is a forward pass: beside another pass it is timed too, and always twice, for the noise.
    const copy = participants.find(({ name }) => name === BASELINE);
    for (let again = pass === 'forward' ? 1 : 0; copy?.opened && again < 2; again++) {
      const mark = await prepare(copy, of, 'forward', data).catch(() => null);
      if (mark) marks.push({ subject: mark });
    }
    say('rounds');
    await runRounds([...contenders.filter(({ row }) => !row.error), ...marks], settings.rounds);
  } finally {
    for (const { subject } of [...contenders, ...marks]) destroy(subject);
  }

  const own = contenders.filter(({ row }) => row.library === BASELINE);
  const [first, second] = [...own, ...marks].map(({ times }) => times);
  const copyTimes = first && second ? meanOf(first, second) : first;
  for (const { row, times, error } of contenders) {
    if (error) row.error = reasonOf(error);
    if (!times || !copyTimes) Object.assign(row, times);
    else if (row.library === BASELINE) Object.assign(row, copyTimes, { copyMultiple: 1 });
    else Object.assign(row, times, { copyMultiple: times.ms / copyTimes.ms });
  }
  return { rows, ratio: first && second ? first.ms / second.ms : null };
}

/** What was measured twice. */
function meanOf(one: Times, other: Times): Times {
  const mean = (name: 'ms' | 'q1' | 'q3'): number => (one[name] + other[name]) / 2;
  const gpuMs = one.gpuMs === null || other.gpuMs === null ? null : (one.gpuMs + other.gpuMs) / 2;
  return { ms: mean('ms'), q1: mean('q1'), q3: mean('q3'), gpuMs };
}

async function prepare({ opened, error }: Participant, of: Case, pass: Pass, data: Data): Promise<Subject | null> {
  if (!opened) throw error;
  return within(MOST_SECONDS, opened.prepare(of, pass, data));
}

/** How far the results are off; null where there are none, or nothing to compare them with. */
async function errorOf(
  subject: Subject,
  participant: Participant,
  { of, pass, checked }: Task,
): Promise<number | null> {
  if (!checked) return null;
  if (checked.of === of) return compare(subject, checked);
  const excerpt = await prepare(participant, checked.of, pass, { arrays: checked.arrays, copies: 1 });
  try {
    return await compare(excerpt!, checked);
  } finally {
    excerpt!.destroy();
  }
}

async function compare(subject: Subject, { exact }: Check): Promise<number | null> {
  const found = await subject.read();
  throwRefused();
  return Object.keys(found).length > 0 ? largestError(found, exact) : null;
}

function destroy(subject: Subject): void {
  try {
    subject.destroy();
  } catch {
    // What failed before may fail here again.
  }
}
