import { isEmpty } from '../problem/empty.ts';
import { isSum, withoutSum } from '../problem/problem.ts';
import type { Problem } from '../problem/problem.ts';
import { isSameView, viewOf } from '../problem/strides.ts';
import { traitsOf } from '../problem/statistics.ts';
import { withElementOffsets } from './element-offsets.ts';
import type { ElementOffsets } from './element-offsets.ts';
import { planResponse } from './global-response.ts';
import { NOT_IN_PLACE, scheduleInPlace, writingInPlace } from './in-place.ts';
import type { InPlace } from './in-place.ts';
import { planMoments } from './moments.ts';
import type { MomentsResources } from './moments.ts';
import { combineAffine } from './passes/combine-affine.ts';
import { countBatch, countsLate } from './passes/count-batch.ts';
import { renamed } from './passes/gradient-operands.ts';
import { partsMap } from './passes/gradient-sums-layout.ts';
import { meanScaleOfGroups } from './passes/mean-scale.ts';
import { mergeMoments } from './passes/merge-moments.ts';
import { normalizeComputing, normalizeKnowing } from './passes/normalize.ts';
import type { KnownStatistics } from './passes/normalize.ts';
import { STYLE_STATISTICS } from './passes/operands.ts';
import { packHalves } from './passes/pack.ts';
import { partialMoments } from './passes/partial-moments.ts';
import {
  isGroupPerChannel,
  NO_UPDATE,
  runningOperands,
  trackedUniforms,
  updateRunning,
} from './passes/update-running.ts';
import { planesBytes } from './plan.ts';
import type { Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import { atOnceOrSumFirst } from './sum-first.ts';
import type { IndexMap } from './tiling/index-map.ts';
import { groupsOf, partsOf, tilingOf, twoLevelTiling } from './tiling/tiling.ts';
import type { Tiling } from './tiling/tiling.ts';

/** y = activation(x_hat(x + residual) · weight + bias): which passes, over what. */
export function planForward(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule> = {},
  offsets: ElementOffsets = {},
  inPlace: InPlace = NOT_IN_PLACE,
): Plan {
  if (isEmpty(problem)) return packHalves(withElementOffsets(planEmpty(problem, profile), offsets), problem, profile);
  const plan = planUnpackedForward(problem, profile, scheduleInPlace(inPlace, problem, forced));
  return writingInPlace(packHalves(withElementOffsets(plan, offsets), problem, profile), inPlace);
}

/** The same for tensors that are bound where they begin, as if no two of their elements shared a word. */
export function planUnpackedForward(problem: Problem, profile: Profile, forced: Partial<Schedule>): Plan {
  const plan = problem.measure === 'response' ? planResponse : planInOne;
  return atOnceOrSumFirst(problem, profile, forced, (summed) => plan(summed, profile, forced));
}

/** Without elements there is nothing to write; statistics of other parts of the batch are tracked as for those, where there is a group to have some. */
function planEmpty(problem: Problem, profile: Profile): Plan {
  const tracks = problem.source === 'moments' && problem.groups > 0;
  return {
    label: problem.op,
    saved: problem.save ? { saved: planesBytes(problem.groups, 'rstd') } : {},
    scratch: {},
    passes: tracks ? [...countBatch(problem, profile, null), ...trackBatch(problem, profile, 'moments')] : [],
  };
}

function planInOne(original: Problem, profile: Profile, forced: Partial<Schedule>): Plan {
  const { problem, passes: combining, scratch: combined } = combineAffine(original, profile);
  const twoLevel =
    problem.source === 'computed' && !problem.quantization ? twoLevelTiling(problem, profile, forced) : null;
  const style = problem.style ? planMoments(problem.style, profile, forced, STYLE) : null;
  const { scratch, statisticsBytes, passes } = planStatistics(twoLevel ?? tilingOf(problem, profile, forced));
  const statistics = { ...(statisticsBytes > 0 && { [savedIn(problem)]: statisticsBytes }), ...style?.saved };
  return {
    label: problem.op,
    saved: problem.save ? statistics : {},
    scratch: { ...combined, ...scratch, ...style?.scratch, ...(problem.save ? {} : statistics) },
    passes: [...countBatch(problem, profile, null), ...(style?.passes ?? []), ...combining, ...passes],
  };
}

/** Resources of the passes that measure a style. */
export const STYLE: MomentsResources = { x: 'style', partials: 'stylePartials', saved: STYLE_STATISTICS };

interface StatisticsPlan {
  scratch: Record<string, number>;
  /** Bytes of the statistics that are kept, by the caller or until the last pass. */
  statisticsBytes: number;
  passes: Pass[];
}

function planStatistics(tiling: Tiling): StatisticsPlan {
  if (tiling.problem.source !== 'computed') return planKnown(tiling);
  return tiling.schedule.name === 'whole' && !tiling.groupPerLane ? planWhole(tiling) : planSplit(tiling);
}

/** One item covers its whole group: one dispatch, and one more where running statistics follow that it cannot update on the way. */
function planWhole(tiling: Tiling): StatisticsPlan {
  const { problem, profile, vectorization, schedule } = tiling;
  const whole = { ...tiling, schedule: { ...schedule, chunk: vectorization.length } };
  const plan = (saves: 'nothing' | 'statistics' | 'moments', tracks: boolean): StatisticsPlan => ({
    scratch: {},
    statisticsBytes: saves === 'nothing' ? 0 : planesBytes(problem.groups, saves === 'moments' ? 'count' : 'rstd'),
    passes: [
      normalizeComputing(whole, saves, savedIn(problem), tracks),
      ...(tracks ? [] : trackBatch(problem, profile, savedIn(problem))),
    ],
  });
  const saves = savesMoments(problem) ? 'moments' : problem.save ? 'statistics' : 'nothing';
  if (!problem.update) return plan(saves, false);
  // Four channels a load are tracked alike, which a mask may not leave them.
  const tracksLoads = vectorization.vector !== 'column' || !problem.countPerGroup;
  const fused = tracksWithGroups(problem) && tracksLoads ? plan(saves, true) : null;
  return fused && fused.passes[0]!.bindings.length <= profile.maxArrays ? fused : plan('moments', false);
}

/** Several items a group, or items that see finer groups: their moments, one merge, then the result. */
function planSplit(tiling: Tiling): StatisticsPlan {
  const { problem, profile } = tiling;
  const { groups, measure, bessel } = problem;
  const saved = savedIn(problem);
  const { parts, stride, map } = partsOfGroups(tiling);
  const merges = tracksWithGroups(problem);
  const later = problem.update !== null && !merges;
  const saveMoments = later || savesMoments(problem) || traitsOf(measure).countsTies;
  const known: KnownStatistics = { source: 'saved', resource: saved };
  // What is held in registers is written without being read again; but a tail belongs to two items, and the other may have written it.
  const held = tiling.schedule.tile === 'registers' && tiling.vectorization.tail === 'exact';
  const liesAsX = isSameView(viewOf(problem, 'residual_out'), problem.x);
  const writesResidualOut = isSum(problem) && problem.writesResidualOut && held && liesAsX;
  return {
    scratch: { partials: planesBytes(stride * parts, 'count') },
    statisticsBytes: planesBytes(groups, saveMoments ? 'count' : 'rstd'),
    passes: [
      partialMoments(tiling, { x: 'x', partials: 'partials' }, writesResidualOut),
      mergeMoments(profile, {
        groups,
        parts,
        stride,
        map,
        measure,
        saveMoments,
        partials: 'partials',
        saved,
        meanScale: meanScaleOfGroups(problem),
        running: merges ? runningOperands(problem) : NO_UPDATE,
        uniforms: { bessel_factor: bessel, ...trackedUniforms(problem) },
      }),
      ...(later ? trackBatch(problem, profile, saved) : []),
      writesResidualOut
        ? renamed(normalizeKnowing(overSum(tiling), known), {
            x: { resource: 'residualOut', dtype: problem.inputDtype },
          })
        : normalizeKnowing(tiling, known),
    ],
  };
}

/** The statistics are known: running ones, or moments computed elsewhere; or there are none. */
function planKnown(tiling: Tiling): StatisticsPlan {
  const { problem, profile } = tiling;
  return {
    scratch: {},
    statisticsBytes: problem.save
      ? problem.source === 'none'
        ? NO_STATISTICS
        : planesBytes(problem.groups, 'rstd')
      : 0,
    passes: [...trackBatch(problem, profile, 'moments'), normalizeKnowing(tiling, knownOf(problem))],
  };
}

/** Bytes that a call without statistics keeps: nothing is in them, but somebody has them until its gradient is computed. */
const NO_STATISTICS = 4;

function knownOf({ source }: Problem): KnownStatistics {
  if (source === 'none') return { source: 'pointwise' };
  return source === 'running' ? { source } : { source: 'moments', resource: 'moments' };
}

/** Counts the batch where that had to wait for its moments, and updates the running statistics. */
export function trackBatch(problem: Problem, profile: Profile, moments: string): Pass[] {
  if (!problem.update) return [];
  return [...countBatch(problem, profile, moments), updateRunning(problem, profile, moments)];
}

/** Whether what knows a group's moments may update the running statistics: the group is a channel, and nothing has to be counted in between. */
function tracksWithGroups(problem: Problem): boolean {
  return isGroupPerChannel(problem) && !countsLate(problem);
}

/** Once the sum of x and residual is there, it is what is normalized. */
function overSum(tiling: Tiling): Tiling {
  return { ...tiling, problem: withoutSum(tiling.problem) };
}

/** Whether the gradient needs to know how many elements of each group its statistics are of, or the largest of them. */
export function savesMoments({ save, countPerGroup, measure }: Problem): boolean {
  return save && (countPerGroup || traitsOf(measure).countsTies);
}

/** Into how many parts each group of the problem is cut, and where they are; `parts`: those of what its items see. */
export function partsOfGroups(
  tiling: Tiling,
  parts: number = partsOf(tiling),
): { parts: number; stride: number; map?: IndexMap } {
  if (!tiling.groupPerLane) return { parts, stride: groupsOf(tiling) };
  const { groups } = tiling.problem;
  const kept = tiling.axes.filter(({ reduced }) => !reduced);
  const outer = kept.filter(({ group }) => group !== 0);
  return {
    parts: (groupsOf(tiling) / groups) * parts,
    stride: groups,
    map: partsMap({ resource: 'partials', axes: kept, parts }, outer),
  };
}

/** Statistics go from one pass to the next in scratch memory, where the caller does not keep them. */
export function savedIn(problem: Problem): string {
  return problem.save ? 'saved' : 'statistics';
}
