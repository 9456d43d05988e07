import { sizeOf } from '../cases/case.ts';
import type { Case, Pass } from '../cases/case.ts';
import { excerptOf } from '../cases/gpu.ts';
import { isGrowth, passesOf } from '../cases/growth.ts';
import { arraysOf } from '../data.ts';
import { closeDevice, openDevice } from '../libraries/device.ts';
import { BASELINE, OURS } from '../libraries/names.ts';
import type { Listed } from '../libraries/libraries.ts';
import type { Data } from '../libraries/library.ts';
import { exactOf } from '../reference.ts';
import { noiseOf } from '../analysis/noise.ts';
import type { Finished, Measured, Row } from '../analysis/results.ts';
import { throwLost, watchGpu } from './counts.ts';
import { disturbanceOf } from './noise.ts';
import { closeAll, describeFor, openAll } from './open.ts';
import { measurePass } from './pass.ts';
import type { Check } from './pass.ts';
import { settingsOf } from './settings.ts';
import type { Pace } from './settings.ts';

export interface Choice {
  cases: readonly Case[];
  passes: readonly Pass[];
  libraries: readonly Listed[];
  pace: Pace;
  /** Let the GPU's own clock count, unless the GPU is a CPU: where all libraries can read it. */
  gpuTime?: boolean;
}

/** What comes next, or what was just finished. */
export interface Progress {
  /** From 0 to 1. */
  share: number;
  doing: string;
  /** New since the last time. */
  rows: readonly Row[];
  /** The pass that they are of. */
  finished?: Finished;
}

/** Of more elements than the first an excerpt is compared, of as many as the second: the reference would take longer than all else. */
const [MOST_COMPARED, EXCERPT] = [2 ** 23, 2 ** 19];

/** Those that take part in cases of growth, and of results that others do not quantize in a call. */
const GROWING: readonly string[] = [BASELINE, OURS];

/**
 * Measures everything chosen, one case and pass after the other, in each all libraries in turn. What fails on the way becomes
 * the `error` of its row.
 *
 * @throws Error (rejects) where there is no GPU, or a device was lost: the passes told as finished are worth something still.
 */
export async function measure(choice: Choice, follow: (progress: Progress) => void): Promise<Measured> {
  watchGpu();
  const own = await openDevice();
  const found = describeFor(choice.pace, own);
  const settings = settingsOf(choice.pace, choice.gpuTime === true && !found.software);
  const growing = choice.cases.every(isGrowth);
  const participants = await openAll(choice.libraries.filter(({ name }) => !growing || GROWING.includes(name)));
  const results: Row[] = [];
  const finished: Finished[] = [];
  const total = choice.cases.reduce((sum, of) => sum + passesOf(of, choice.passes).length, 0);
  try {
    for (const of of choice.cases) {
      const growth = isGrowth(of);
      const alone = growth || of.quantized;
      const passes = passesOf(of, choice.passes);
      const arrays = arraysOf(of);
      const checked = growth ? null : checkOf(of, passes, arrays);
      for (const pass of passes) {
        const tell = (doing: string, rest: Pick<Progress, 'rows' | 'finished'>): void =>
          follow({ share: finished.length / total, doing: `${of.name} ${pass}: ${doing}`, ...rest });
        const { rows, ratio } = await measurePass({
          of,
          pass,
          arrays: arraysFor(pass, arrays),
          participants: alone ? participants.filter(({ name }) => GROWING.includes(name)) : participants,
          checked: checked && { ...checked, arrays: arraysFor(pass, checked.arrays) },
          settings,
          say: (doing) => tell(doing, { rows: [] }),
        });
        const disturbance = await disturbanceOf(own.device).finally(throwLost);
        const end: Finished = { case: of.name, pass, ratio, ...disturbance };
        finished.push(end);
        results.push(...rows);
        tell('done', { rows, finished: end });
      }
    }
  } finally {
    await closeAll(participants);
    await closeDevice();
  }
  return { ...found, noise: noiseOf(finished), results, finished };
}

/** What a case's results are compared with: its own, or where those are too many those of an excerpt. */
function checkOf(of: Case, passes: readonly Pass[], arrays: Data['arrays']): Check {
  if (sizeOf(of.shape) <= MOST_COMPARED) return { of, arrays, exact: allOf(of, passes, arrays) };
  const excerpt = excerptOf(of, EXCERPT);
  const own = arraysOf(excerpt);
  return { of: excerpt, arrays: own, exact: allOf(excerpt, passes, own) };
}

/** A forward call is given nothing that arrives later. */
function arraysFor(pass: Pass, arrays: Data['arrays']): Data['arrays'] {
  const { dy: _dy, dresidualOut: _dresidualOut, ...inputs } = arrays;
  return pass === 'forward' ? inputs : arrays;
}

/** What the passes give in float64; a step gives what the others do. */
function allOf(of: Case, passes: readonly Pass[], arrays: Data['arrays']): ReturnType<typeof exactOf> {
  const forward = passes.some((pass) => pass !== 'backward') ? exactOf(of, 'forward', arrays) : {};
  const backward = passes.some((pass) => pass !== 'forward') ? exactOf(of, 'backward', arrays) : {};
  return { ...forward, ...backward };
}
