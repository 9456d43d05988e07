import { traitsOf } from '../../problem/statistics.ts';
import type { Measure, Statistic } from '../../problem/statistics.ts';
import { planeSize } from '../plan.ts';
import type { Choice, Pass } from '../plan.ts';
import { groupsOf, partsOf } from '../tiling/tiling.ts';
import type { Uniforms } from '../uniforms.ts';
import type { Tiling } from '../tiling/tiling.ts';
import { inclusionOperands, inputOperands, joined, residualOutOperands } from './operands.ts';
import { gridOf, loadsAtOnce, makePass } from './pass.ts';

const MOST_SAMPLES = 512;

/** Arrays that are read before anything is measured, and what is written of their sum. */
const MEASURED = ['x', 'residual', 'residual_out', 'gate', 'input_bias', 'mask', 'by'];

/** Measures whose moments are those of a statistic, so that they share its program: what is made of moments comes once they are merged. */
const MOMENTS_OF: Partial<Record<Measure, Statistic>> = {
  variance: 'mean-variance',
  deviation: 'mean-variance',
  response: 'rms',
};

/** Moments of every part of every group, from `x` into `partials`; `writesResidualOut`: and the sum of x and residual into `residualOut`. */
export function partialMoments(
  tiling: Tiling,
  resources: { x: string; partials: string },
  writesResidualOut = false,
): Pass {
  const { problem, profile, vectorization } = tiling;
  const { choose, constants, bindings, uniforms } = joined(
    inputOperands(tiling, resources.x),
    inclusionOperands(tiling, true),
    residualOutOperands(problem.inputDtype, writesResidualOut),
  );
  const measured = problem.partial === null ? MEASURED : [...MEASURED, 'position'];
  return makePass(profile, gridOf(tiling), {
    kernel: 'partial_moments',
    rounding: problem.dtype,
    choose: {
      vector: vectorization.vector,
      tail: vectorization.tail,
      statistic: statisticFile(MOMENTS_OF[problem.measure] ?? problem.measure),
      ...momentsChoice(tiling),
      ...choose,
    },
    constants,
    // Without those of arrays that are only written or multiplied with later: so that programs are shared.
    maps: Object.fromEntries(Object.entries(vectorization.maps).filter(([name]) => measured.includes(name))),
    bindings: [...bindings, { name: 'partials', resource: resources.partials, type: 'Accumulator', access: 'write' }],
    uniforms: {
      partials_plane: planeSize(groupsOf(tiling) * partsOf(tiling)) / vectorization.groupsPerLoad,
      ...sampleUniforms(tiling),
      ...uniforms,
    },
  });
}

/**
 * How moments are taken: in registers by two readings; where loads stay in memory by one, if that is exact enough. Short chunks are read twice, on a GPU by
 * the program of long ones; a software adapter compiles one of two thirds for them, and runs it faster.
 */
export function momentsChoice(tiling: Tiling): Pick<Choice, 'tile' | 'moments'> {
  const { problem, profile, schedule } = tiling;
  const plain = !problem.countPerGroup && problem.partial === null && !traitsOf(problem.measure).countsTies;
  const streams = plain && schedule.tile === 'memory' && (!profile.software || samplesOf(tiling) > 0);
  return { tile: schedule.tile, moments: streams ? 'streamed' : 'corrected' };
}

/**
 * Loads of each lane from which the mean is guessed: few, but the longer the sums about the guess, the better it has to be. None where a lane has
 * so few loads that those are read twice at once.
 */
function samplesOf(tiling: Tiling): number {
  const least = tiling.vectorization.elementsPerLoad > 1 ? 4 : 8;
  const loads = loadsOfLane(tiling);
  const atOnce = loadsAtOnce(tiling.profile);
  const wanted = Math.min(MOST_SAMPLES, Math.max(least, Math.ceil(loads / 64)));
  const samples = Math.ceil(wanted / atOnce) * atOnce;
  return loads >= 4 * samples ? samples : 0;
}

export function sampleUniforms(tiling: Tiling): Partial<Uniforms> {
  const { vectorization, schedule } = tiling;
  const samples = samplesOf(tiling);
  return { samples, inv_sampled: 1 / (Math.max(samples, 1) * schedule.lanes * vectorization.elementsPerLoad) };
}

function loadsOfLane({ vectorization: { length }, schedule: { chunk, lanes } }: Tiling): number {
  return Math.min(length, chunk) / lanes;
}

/** The file of shaders/statistic/ that computes it. */
export function statisticFile(measure: Measure): string {
  return measure.replace('-', '_');
}
