import type { Problem } from '../problem/problem.ts';
import { planLoads } from './loads.ts';
import type { Loads } from './loads.ts';
import { mergePass, partialPass, partsOf, shaderOf } from './measure.ts';
import { gridOf, makePass } from './pass.ts';
import { planesBytes, planeSize, PLANES } from './plan.ts';
import type { Binding, Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { countPasses, isGroupPerChannel, runningPiece, updateNumbers, updatePass } from './running.ts';
import { chooseSchedule } from './schedule.ts';
import type { Schedule } from './schedule.ts';

/** y = normalize(x) · weight + bias: which passes, over what. */
export function planForward(problem: Problem, profile: Profile, forced: Partial<Schedule> = {}): Plan {
  const loads = planLoads(problem);
  const schedule = { ...chooseSchedule(loads, profile), ...forced };
  const style = problem.style ? planMoments(problem.style, profile, forced, STYLE) : null;
  const plan =
    problem.source !== 'computed'
      ? planKnown(problem, profile, loads, schedule)
      : schedule.name === 'whole'
        ? planWhole(problem, profile, loads, { ...schedule, chunk: loads.length })
        : planSplit(problem, profile, loads, schedule);
  return {
    label: problem.op,
    savedBytes: problem.save ? plan.keptBytes : 0,
    scratch: { ...style?.scratch, ...plan.scratch, ...(problem.save ? {} : { [KEPT]: plan.keptBytes }) },
    passes: [...countPasses(problem, profile), ...(style?.passes ?? []), ...plan.passes],
  };
}

/** Statistics on their way from one pass to the next, where the caller does not keep them. */
const KEPT = 'statistics';
interface Named {
  x: string;
  partials: string;
  saved: string;
}
const STYLE: Named = { x: 'style', partials: 'stylePartials', saved: 'styleStatistics' };
const MOMENTS: Named = { x: 'x', partials: 'partials', saved: 'saved' };

interface Composed {
  scratch: Record<string, number>;
  /** Bytes of the statistics that are kept, by the caller or until the last pass. */
  keptBytes: number;
  passes: Pass[];
}

/** One unit sees its whole group: one dispatch, and one more where running statistics follow. */
function planWhole(problem: Problem, profile: Profile, loads: Loads, schedule: Schedule): Composed {
  const save = problem.update ? 'moments' : problem.save ? 'statistics' : 'none';
  const kept: Binding[] =
    save === 'none' ? [] : [{ name: 'saved', resource: keptIn(problem), type: 'Accumulator', writes: true }];
  const forward = makePass(profile, gridOf(loads, schedule), {
    kernel: 'forward',
    use: { ...pieces(problem, loads), tile: schedule.tile, statistic: shaderOf(problem.measure), save },
    maps: loads.maps,
    bindings: [...operands(problem, loads), ...kept],
    call: { plane: planeOf(problem, loads), eps: problem.eps },
  });
  return {
    scratch: {},
    keptBytes: save === 'none' ? 0 : planesBytes(problem.groups, save === 'moments' ? 'count' : 'scale'),
    passes: problem.update ? [forward, updatePass(problem, profile, keptIn(problem))] : [forward],
  };
}

/** Several units a group: their moments, one merge, then the result. */
function planSplit(problem: Problem, profile: Profile, loads: Loads, schedule: Schedule): Composed {
  const resources = { x: 'x', partials: 'partials', saved: keptIn(problem) };
  const parts = partsOf(problem, loads, schedule);
  const updates = problem.update !== null && isGroupPerChannel(problem);
  const running = updates ? runningPiece(problem) : { use: 'none', bindings: [] };
  const save = problem.update && !updates ? 'moments' : 'statistics';
  const size = { groups: problem.groups, parts: parts / problem.groups };
  const numbers = { eps: problem.eps, ...updateNumbers(problem) };
  return {
    scratch: { partials: planesBytes(parts, 'count') },
    keptBytes: planesBytes(problem.groups, save === 'moments' ? 'count' : 'scale'),
    passes: [
      partialPass(problem, profile, loads, schedule, resources),
      mergePass(profile, problem.measure, size, save, running, resources, numbers),
      ...(problem.update && !updates ? [updatePass(problem, profile, keptIn(problem))] : []),
      applyPass(problem, profile, loads, schedule, 'saved', keptIn(problem)),
    ],
  };
}

/** The statistics are known: running ones, or moments computed elsewhere. */
function planKnown(problem: Problem, profile: Profile, loads: Loads, schedule: Schedule): Composed {
  const moments = problem.source === 'moments' ? 'moments' : null;
  return {
    scratch: {},
    keptBytes: problem.save ? planesBytes(problem.groups, 'scale') : 0,
    passes: [
      ...(problem.update && moments ? [updatePass(problem, profile, moments)] : []),
      applyPass(problem, profile, loads, schedule, problem.source === 'running' ? 'running' : 'moments', moments),
    ],
  };
}

function applyPass(
  problem: Problem,
  profile: Profile,
  loads: Loads,
  schedule: Schedule,
  source: 'saved' | 'moments' | 'running',
  statistics: string | null,
): Pass {
  const saves = problem.save && source !== 'saved';
  const bindings = operands(problem, loads);
  if (statistics) bindings.push({ name: 'statistics', resource: statistics, type: 'Accumulator', writes: false });
  if (source === 'running') {
    const type = loads.each['channel'] ? 'Value' : 'f32';
    bindings.push({ name: 'running_mean', resource: 'runningMean', type, writes: false });
    bindings.push({ name: 'running_var', resource: 'runningVar', type, writes: false });
  }
  if (saves) bindings.push({ name: 'saved', resource: 'saved', type: 'Accumulator', writes: true });
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'apply',
    use: {
      ...pieces(problem, loads),
      source,
      statistic: shaderOf(problem.measure),
      save: saves ? 'statistics' : 'none',
    },
    maps: loads.maps,
    bindings,
    call: { plane: planeOf(problem, loads), eps: problem.eps },
  });
}

/** The moments of every group, five planes in `saved`. */
export function planMoments(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule> = {},
  resources: Named = MOMENTS,
): Plan {
  const loads = planLoads(problem);
  const schedule = { ...chooseSchedule(loads, profile), ...forced };
  const parts = partsOf(problem, loads, schedule);
  const size = { groups: problem.groups, parts: parts / problem.groups };
  const running = { use: 'none', bindings: [] };
  const numbers = { eps: problem.eps, momentum: 0, unbiasing: 1 };
  const bytes = planesBytes(problem.groups, 'count');
  return {
    label: problem.op,
    savedBytes: bytes,
    scratch: {
      [resources.partials]: planesBytes(parts, 'count'),
      ...(resources.saved === 'saved' ? {} : { [resources.saved]: bytes }),
    },
    passes: [
      partialPass(problem, profile, loads, schedule, resources),
      mergePass(profile, problem.measure, size, 'moments', running, resources, numbers),
    ],
  };
}

/** Merges moments computed elsewhere: `parts` of them, already in `partials`. */
export function planMerge(profile: Profile, size: { groups: number; parts: number }): Plan {
  const running = { use: 'none', bindings: [] };
  const numbers = { eps: 0, momentum: 0, unbiasing: 1 };
  return {
    label: 'mergeMoments',
    savedBytes: planesBytes(size.groups, 'count'),
    scratch: { partials: planesBytes(size.groups * size.parts, 'count') },
    passes: [mergePass(profile, 'variance', size, 'moments', running, MOMENTS, numbers)],
  };
}

function keptIn(problem: Problem): string {
  return problem.save ? 'saved' : KEPT;
}

function planeOf(problem: Problem, loads: Loads): number {
  return planeSize(problem.groups) / (problem.groups / loads.groups);
}

/** The pieces of shader that both kernels of a normalization are made of. */
function pieces(problem: Problem, loads: Loads): Record<string, string> {
  return {
    vector: loads.vector,
    weight: problem.weight ? 'given' : 'none',
    bias: problem.bias ? 'given' : 'none',
  };
}

/** x, y, and the parameters: of AdaIN, planes of the style's statistics. */
function operands(problem: Problem, loads: Loads): Binding[] {
  const bindings: Binding[] = [
    { name: 'x', resource: 'x', type: 'Value', writes: false },
    { name: 'y', resource: 'y', type: 'Value', writes: true },
  ];
  for (const name of ['weight', 'bias'] as const) {
    if (!problem[name]) continue;
    const type = loads.each[name] ? 'Value' : 'f32';
    const plane = planeSize(problem.groups) * 4 * PLANES[name === 'weight' ? 'scale' : 'mean'];
    const place = problem.style ? { resource: STYLE.saved, offset: plane } : { resource: name };
    bindings.push({ name, ...place, type, writes: false });
  }
  return bindings;
}
