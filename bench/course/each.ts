import type { Row } from '../analysis/results.ts';
import type { Progress } from '../measure/measure.ts';
import { reasonOf } from '../measure/row.ts';
import type { Gathered } from './gathered.ts';
import type { Part } from './parts.ts';

/** Measures a part in a place of its own; rejects where that place is lost, and what was told as finished before still counts. */
export type Attempt = (part: Part, follow: (progress: Progress) => void) => Promise<unknown>;

export interface Listener {
  /** A pass was measured, or a case given up: these rows are new. */
  found(rows: readonly Row[]): void;
  /** A place was lost, and the case gets another. */
  lost(sentence: string): void;
}

/** Measures what is left, case by case; a case whose place is lost is tried once more, and then one row says so. */
export async function measureEach(
  gathered: Gathered,
  attempt: Attempt,
  listener: Listener,
  signal?: AbortSignal,
): Promise<void> {
  for (const { of } of gathered.left()) {
    const left = (): Part | undefined => gathered.left().find((part) => part.of === of);
    for (const last of [false, true]) {
      const part = left();
      if (!part || signal?.aborted) break;
      const loss = await lossIn(part, gathered, attempt, listener);
      const missing = left();
      if (!loss || !missing || signal?.aborted) break;
      if (last) listener.found([gathered.addFailure(missing, loss.reason)]);
      else listener.lost(`${loss.doing}: ${loss.reason}; this case is tried once more`);
    }
  }
}

/** Makes the attempt; null where nothing was lost. */
async function lossIn(
  part: Part,
  gathered: Gathered,
  attempt: Attempt,
  { found }: Listener,
): Promise<{ doing: string; reason: string } | null> {
  let doing = part.of.name;
  let over = false;
  const follow = ({ finished, rows, ...rest }: Progress): void => {
    // What a lost place tells late would be there twice.
    if (over) return;
    doing = rest.doing;
    if (!finished) return;
    gathered.add(finished, rows);
    found(rows);
  };
  try {
    await attempt(part, follow);
    return null;
  } catch (cause) {
    return { doing, reason: reasonOf(cause) };
  } finally {
    over = true;
  }
}
