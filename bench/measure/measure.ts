import { sizeOf } from '../cases/case.ts';
import type { Case, Pass } from '../cases/case.ts';
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
import { settingsOf } from './settings.ts';

export interface Choice {
  cases: readonly Case[];
  passes: readonly Pass[];
  libraries: readonly Listed[];
  quick: boolean;
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

/** Results of more elements are not compared: the reference would take longer than all else. */
const MOST_COMPARED = 2 ** 23;

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
  const settings = settingsOf(choice.quick, choice.gpuTime === true && !profile.software);
  const participants = await openAll(choice.libraries);
  const results: Row[] = [];
  const ratios: number[] = [];
  const total = choice.cases.reduce((sum, of) => sum + passesOf(of, choice.passes).length, 0);
  let done = 0;
  for (const of of choice.cases) {
    const growth = isGrowth(of);
    const passes = passesOf(of, choice.passes);
    const arrays = arraysOf(of);
    const { dy: _dy, dresidualOut: _dresidualOut, ...inputs } = arrays;
    const exact = growth || sizeOf(of.shape) > MOST_COMPARED ? null : allOf(of, passes, arrays);
    for (const pass of passes) {
      const tell = (doing: string, rows: readonly Row[]): void =>
        follow({ share: done / total, doing: `${of.name} ${pass}: ${doing}`, rows });
      const { rows, ratio } = await measurePass({
        of,
        pass,
        arrays: pass === 'forward' ? inputs : arrays,
        participants: growth ? participants.filter(({ name }) => [BASELINE, OURS].includes(name)) : participants,
        exact,
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

/** What the passes give in float64; a step gives what the others do. */
function allOf(of: Case, passes: readonly Pass[], arrays: Data['arrays']): ReturnType<typeof exactOf> {
  const forward = passes.some((pass) => pass !== 'backward') ? exactOf(of, 'forward', arrays) : {};
  const backward = passes.some((pass) => pass !== 'forward') ? exactOf(of, 'backward', arrays) : {};
  return { ...forward, ...backward };
}
