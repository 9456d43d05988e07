import { readFileSync } from 'node:fs';
import type { Asked, Results } from '../analysis/results.ts';

/**
 * The results of an earlier run, to go on with.
 *
 * @throws Error with one line, where the file has none, or they are of a run of other options.
 */
export function readEarlier(file: string, asked: Asked): Results {
  const results = parse(file);
  if (wordsOf(results.asked) !== wordsOf(asked)) {
    throw new Error(`--resume ${file}: it was measured with other options, by ${results.command}`);
  }
  return results;
}

/** @throws Error with one line, where the earlier run measured on something else. */
export function checkSame(file: string, earlier: Machine, now: Machine): void {
  const [before, after] = [earlier, now].map(({ adapter, runtime }) => `${adapter} in ${runtime}`);
  if (before !== after) throw new Error(`--resume ${file}: it was measured on ${before}, and this is ${after}`);
}

/** What a run has to have in common with the one that it goes on with. */
type Machine = Pick<Results, 'adapter' | 'runtime'>;

/** The commits of what stands in one file. */
export function commitsOf(earlier: Pick<Results, 'commit'> | null, commit: string | null): string | null {
  const commits = new Set([...(earlier?.commit?.split(', ') ?? []), ...(commit === null ? [] : [commit])]);
  return commits.size > 0 ? [...commits].join(', ') : null;
}

function parse(file: string): Results {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`--resume ${file}: it cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  let found: Partial<Results> | null = null;
  try {
    found = JSON.parse(text) as Partial<Results> | null;
  } catch {
    // Said below.
  }
  const { asked, results, finished } = found ?? {};
  if (!Array.isArray(asked?.only) || !Array.isArray(results) || !Array.isArray(finished)) {
    throw new Error(`--resume ${file}: it is no file of results that a run can go on with`);
  }
  return found as Results;
}

/** Words in another order name the same. */
function wordsOf({ only, passes, quick, growth, gpu }: Asked): string {
  return JSON.stringify({ only: only.toSorted(), passes, quick, growth, gpu });
}
