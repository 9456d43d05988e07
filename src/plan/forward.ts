import type { Problem } from '../problem/problem.ts';
import { sizeOf } from '../problem/shape.ts';
import { foldAffine } from './fold.ts';
import { lowerHalves } from './halves.ts';
import { mergePass, partialPass, partsOf } from './measure.ts';
import type { IndexMap } from './maps.ts';
import { planMoments } from './moments.ts';
import { STYLE_STATISTICS } from './operands.ts';
import { renamed } from './passing.ts';
import { planesBytes } from './plan.ts';
import type { Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { countPasses, countsLate, isGroupPerChannel, runningPiece, updateNumbers, updatePasses } from './running.ts';
import type { Schedule } from './schedule.ts';
import { groupsOf, refinedSetting, settingOf } from './setting.ts';
import type { Setting } from './setting.ts';
import { partsMap } from './sums.ts';
import { withStarts } from './starts.ts';
import type { Starts } from './starts.ts';
import { applyPass, sumPass, wholePass } from './write.ts';

/** Statistics on their way from one pass to the next, where the caller does not keep them. */
const KEPT = 'statistics';
const STYLE = { x: 'style', partials: 'stylePartials', saved: STYLE_STATISTICS };

/** y = activation(normalize(x + residual) · weight + bias): which passes, over what. */
export function planForward(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule> = {},
  starts: Starts = {},
): Plan {
  const plan = planTogether(problem, profile, forced);
  const fits = plan.passes.every(({ bindings }) => bindings.length <= profile.maxArrays);
  const fitting = fits || !problem.residual ? plan : planSumFirst(problem, profile, forced);
  return lowerHalves(withStarts(fitting, starts), problem, profile);
}

function planTogether(given: Problem, profile: Profile, forced: Partial<Schedule>): Plan {
  const { problem, passes: folding, scratch: folded } = foldAffine(given, profile);
  const refined = problem.source === 'computed' ? refinedSetting(problem, profile, forced) : null;
  const setting = refined ?? settingOf(problem, profile, forced);
  const style = problem.style ? planMoments(problem.style, profile, forced, STYLE) : null;
  const { scratch, keptBytes, passes } = planStatistics(setting);
  const statistics = { ...(keptBytes > 0 && { [keptIn(problem)]: keptBytes }), ...style?.saved };
  return {
    label: problem.op,
    saved: problem.save ? statistics : {},
    scratch: { ...folded, ...scratch, ...style?.scratch, ...(problem.save ? {} : statistics) },
    passes: [...countPasses(problem, profile), ...(style?.passes ?? []), ...folding, ...passes],
  };
}

/** Where one pass would bind too many arrays: x + residual first, then all else over that. */
function planSumFirst(problem: Problem, profile: Profile, forced: Partial<Schedule>): Plan {
  const plan = planTogether({ ...problem, residual: false, gate: null }, profile, forced);
  const dtype = problem.keepsSum ? problem.dtype : 'f32';
  const rest = plan.passes.map((pass) => ({
    ...pass,
    bindings: pass.bindings.map((one) => (one.resource === 'x' ? { ...one, resource: 'sum', dtype } : one)),
  }));
  const scratch: Record<string, number> = problem.keepsSum ? {} : { sum: sizeOf(problem.shape) * 4 };
  return {
    ...plan,
    scratch: { ...plan.scratch, ...scratch },
    passes: [sumPass(settingOf(problem, profile, forced), dtype), ...rest],
  };
}

interface Composed {
  scratch: Record<string, number>;
  /** Bytes of the statistics that are kept, by the caller or until the last pass. */
  keptBytes: number;
  passes: Pass[];
}

function planStatistics(setting: Setting): Composed {
  if (setting.problem.source !== 'computed') return planKnown(setting);
  return setting.schedule.name === 'whole' && !setting.apart ? planWhole(setting) : planSplit(setting);
}

/** One unit sees its whole group: one dispatch, and one more where running statistics follow. */
function planWhole(setting: Setting): Composed {
  const { problem, profile, loads, schedule } = setting;
  const save = problem.update || savesMoments(problem) ? 'moments' : problem.save ? 'statistics' : 'none';
  const whole = wholePass({ ...setting, schedule: { ...schedule, chunk: loads.length } }, save, keptIn(problem));
  return {
    scratch: {},
    keptBytes: save === 'none' ? 0 : planesBytes(problem.groups, save === 'moments' ? 'count' : 'scale'),
    passes: problem.update ? [whole, ...updatePasses(problem, profile, keptIn(problem))] : [whole],
  };
}

/** Several units a group, or units that see finer groups: their moments, one merge, then the result. */
function planSplit(setting: Setting): Composed {
  const { problem, profile } = setting;
  const { groups, measure, eps, bessel } = problem;
  const saved = keptIn(problem);
  const { parts, stride, map } = partsOfGroups(setting);
  const merges = isGroupPerChannel(problem) && !countsLate(problem);
  const later = problem.update !== null && !merges;
  const save = later || savesMoments(problem) || measure === 'linf' ? 'moments' : 'statistics';
  const running = merges ? runningPiece(problem) : undefined;
  const call = { eps, bessel, ...updateNumbers(problem) };
  const source = { use: 'saved', statistics: saved } as const;
  // What is held in registers is written without being read again.
  const sums = problem.residual && problem.keepsSum && setting.schedule.tile === 'registers';
  return {
    scratch: { partials: planesBytes(stride * parts, 'count') },
    keptBytes: planesBytes(groups, save === 'moments' ? 'count' : 'scale'),
    passes: [
      partialPass(setting, { x: 'x', partials: 'partials' }, sums),
      mergePass(profile, { groups, parts, stride, map, measure, save, partials: 'partials', saved, running, call }),
      ...(later ? updatePasses(problem, profile, saved) : []),
      sums ? renamed(applyPass(summed(setting), source), { x: { resource: 'sum' } }) : applyPass(setting, source),
    ],
  };
}

/** Once the sum of x and residual is there, it is what is normalized. */
function summed(setting: Setting): Setting {
  return { ...setting, problem: { ...setting.problem, residual: false, gate: null } };
}

/** Whether the gradient needs to know how many elements of each group its statistics are of, or the largest of them. */
function savesMoments({ save, mask, measure }: Problem): boolean {
  return save && (mask !== null || measure === 'linf');
}

/** Into how many parts each group of the problem is cut, and where they are. */
function partsOfGroups(setting: Setting): { parts: number; stride: number; map?: IndexMap } {
  const parts = partsOf(setting);
  if (!setting.apart) return { parts, stride: groupsOf(setting) };
  const { groups } = setting.problem;
  const kept = setting.dimensions.filter(({ reduced }) => !reduced);
  const outer = kept.filter(({ group }) => group !== 0);
  return {
    parts: (groupsOf(setting) / groups) * parts,
    stride: groups,
    map: partsMap({ resource: 'partials', dimensions: kept, parts }, outer),
  };
}

/** The statistics are known: running ones, or moments computed elsewhere. */
function planKnown(setting: Setting): Composed {
  const { problem, profile } = setting;
  const source = problem.source === 'running' ? ({ use: 'running' } as const) : MOMENTS;
  return {
    scratch: {},
    keptBytes: problem.save ? planesBytes(problem.groups, 'scale') : 0,
    passes: [...(problem.update ? updatePasses(problem, profile, MOMENTS.statistics) : []), applyPass(setting, source)],
  };
}

const MOMENTS = { use: 'moments', statistics: 'moments' } as const;

function keptIn(problem: Problem): string {
  return problem.save ? 'saved' : KEPT;
}
