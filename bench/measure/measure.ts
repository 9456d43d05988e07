import { sizeOf } from '../cases/case.ts';
import type { Case, Pass } from '../cases/case.ts';
import { excerptOf } from '../cases/gpu.ts';
import { isGrowth } from '../cases/growth.ts';
import { arraysOf } from '../data.ts';
import { closeDevice, openDevice } from '../libraries/device.ts';
import { BASELINE, OURS } from '../libraries/names.ts';
import type { Listed } from '../libraries/libraries.ts';
import type { Data } from '../libraries/library.ts';
import { exactOf } from '../reference.ts';
import type { Measured, Row } from '../analysis/results.ts';
import { watchGpu } from './counts.ts';
import { noiseOf, waitOf } from './noise.ts';
import { nameOf, openAll } from './open.ts';
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

export interface Progress {
  /** From 0 to 1. */
  share: number;
  doing: string;
  /** New since the last time. */
  rows: readonly Row[];
}

/** Of more elements than the first an excerpt is compared, of as many as the second: the reference would take longer than all else. */
const [MOST_COMPARED, EXCERPT] = [2 ** 23, 2 ** 19];

/**
 * Measures everything chosen, one case and pass after the other, in each all libraries in turn. What fails on the way becomes
 * the `error` of its row.
 *
 * @throws Error (rejects) where there is no GPU.
 */
export async function measure(choice: Choice, follow: (progress: Progress) => void): Promise<Measured> {
  watchGpu();
  const own = await openDevice();
  const { adapterInfo, profile } = own.context;
  if (choice.pace === 'gpu' && profile.software) {
    throw new Error(`${nameOf(adapterInfo)} is a CPU that pretends to be a GPU: --gpu has nothing to measure on it`);
  }
  const settings = settingsOf(choice.pace, choice.gpuTime === true && !profile.software);
  const participants = await openAll(choice.libraries);
  const results: Row[] = [];
  const ratios: number[] = [];
  const total = choice.cases.reduce((sum, of) => sum + passesOf(of, choice.passes).length, 0);
  let done = 0;
  for (const of of choice.cases) {
    const growth = isGrowth(of);
    const passes = passesOf(of, choice.passes);
    const arrays = arraysOf(of);
    const checked = growth ? null : checkOf(of, passes, arrays);
    for (const pass of passes) {
      const tell = (doing: string, rows: readonly Row[]): void =>
        follow({ share: done / total, doing: `${of.name} ${pass}: ${doing}`, rows });
      const { rows, ratio } = await measurePass({
        of,
        pass,
        arrays: arraysFor(pass, arrays),
        participants: growth ? participants.filter(({ name }) => [BASELINE, OURS].includes(name)) : participants,
        checked: checked && { ...checked, arrays: arraysFor(pass, checked.arrays) },
        settings,
        say: (doing) => tell(doing, []),
      });
      done++;
      tell('done', rows);
      results.push(...rows);
      if (ratio) ratios.push(ratio);
    }
  }
  const noise = noiseOf(ratios, await waitOf(own.device));
  for (const { opened } of participants) opened?.destroy();
  await closeDevice();
  return { adapter: nameOf(adapterInfo), software: profile.software, noise, results };
}

/** A case may be about one pass only. */
function passesOf(of: Case, passes: readonly Pass[]): readonly Pass[] {
  return isGrowth(of) ? passes.filter((pass) => pass !== 'step') : passes;
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
