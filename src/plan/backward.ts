import type { Problem } from '../problem/problem.ts';
import { foldAffine } from './fold.ts';
import { applyGradient, rowsGradient, styleGradient, sumsPass, wholeGradient } from './gradient.ts';
import type { Yield } from './yield.ts';
import { lowerHalves } from './halves.ts';
import { partsOf } from './measure.ts';
import { planPassing, readingOnce, renamed, withoutGroups } from './passing.ts';
import type { Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { rowUnits } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { groupsOf, refinedSetting, settingOn } from './setting.ts';
import type { Setting } from './setting.ts';
import { mergeParameters, scaledBy, weightedBy } from './merge.ts';
import { withStarts } from './starts.ts';
import type { Starts } from './starts.ts';
import { mergeParts, scratchOf, sumsBytes } from './sums.ts';
import type { Sums } from './sums.ts';
import { areParameters, NO_PARAMETERS, NOTHING, parametersOf } from './targets.ts';
import type { ParametersWanted, Wanted } from './targets.ts';
import { needsSums, taskOf, trains } from './task.ts';
import type { Given, Task } from './task.ts';
import { dimensionsOf, groupWalk, parameterWalk, variesAlong } from './walk.ts';
import { cellDimensions, cellsFor, HELD_EACH, rowDimensions } from './weighing.ts';

/** Passes in order, and the sums that they leave on the way. */
interface Composed {
  passes: Pass[];
  sums: Sums[];
}

const NOTHING_MORE: Composed = { passes: [], sums: [] };

/** Sums over dy: of parts, and of whole groups. */
const [PARTIAL, WHOLE, SCALED] = ['gradientPartials', 'gradientSums', 'scaledGradientSums'];

/** The gradients of a call as far as they are wanted; `problem` as it was forward, its x the sum of x and residual. */
export function planBackward(
  problem: Problem,
  wanted: Wanted,
  profile: Profile,
  forced: Partial<Schedule> = {},
  given: Given = OWN_SUMS,
  starts: Starts = {},
): Plan {
  const together = planTogether(problem, wanted, profile, forced, given, true);
  const fits = together.passes.every(({ bindings }) => bindings.length <= profile.maxArrays);
  const plan = fits ? together : planTogether(problem, wanted, profile, forced, given, false);
  return lowerHalves(withStarts(plan, starts), problem, profile);
}

/** `direct`: with as few passes as can be, however many arrays those bind. */
function planTogether(
  problem: Problem,
  wanted: Wanted,
  profile: Profile,
  forced: Partial<Schedule>,
  given: Given,
  direct: boolean,
): Plan {
  const {
    problem: folded,
    passes: folding,
    scratch,
  } = foldAffine({ ...problem, residual: false, gate: null }, profile);
  const passing = planPassing(problem, wanted, { ...given, direct });
  const task = taskOf(folded, passing.wanted, profile, forced, { ...given, dsum: passing.dsum });
  const own = compose({ ...task, direct: direct && task.direct });
  const steps = passing.steps.map((step) => {
    const { passes, sums } = compose(taskOf(step.problem, step.wanted, profile, forced, OWN_SUMS));
    return { passes: passes.map((pass) => renamed(withoutGroups(pass), step.names)), sums };
  });
  const sums = [...own.sums, ...steps.flatMap((step) => step.sums)];
  return {
    label: `${problem.op} backward`,
    saved: {},
    scratch: { ...scratch, ...passing.scratch, ...scratchOf(sums) },
    passes: [
      ...folding,
      ...own.passes.map((pass) => renamed(pass, passing.names)),
      ...steps.flatMap((step) => step.passes),
    ],
  };
}

const OWN_SUMS: Given = { sums: 'own', dsum: false };

/** The sums over dy of every group, in `sums`: what the parts of a split batch exchange. */
export function planSums(problem: Problem, profile: Profile, forced: Partial<Schedule>): Plan {
  const { problem: folded, passes: folding, scratch: ofFold } = foldAffine(problem, profile);
  const task = taskOf(folded, NOTHING, profile, forced, OWN_SUMS);
  const { passes, sums } = measureSums(task, onGroups(task), 'sums');
  const [result, ...scratch] = sums;
  return {
    label: `${problem.op} gradient sums`,
    saved: { sums: sumsBytes(result!) },
    scratch: { ...ofFold, ...scratchOf(scratch) },
    passes: [...folding, ...passes],
  };
}

function compose(task: Task): Composed {
  const { problem, wanted, sums } = task;
  const coupled = problem.source !== 'running';
  if (sums === 'given') return applyOnParameters(task, 'sums');
  if (!coupled || !needsSums(wanted)) return applyOnParameters(task, null);
  const refined = refinedSetting(problem, task.profile, task.forced);
  const constant = !refined?.dimensions.some((dimension) => dimension.reduced && variesAlong(dimension));
  return refined && constant ? twiceRefined(task, refined) : (oncePerGroup(task) ?? twice(task));
}

/** x and dy are read once: by units that see whole groups. */
function oncePerGroup(task: Task): Composed | null {
  const { problem, wanted, profile, dsum } = task;
  const setting = onGroups(task);
  if (setting.schedule.name !== 'whole') return null;
  const cells = cellsFor(task, setting);
  if (cells) {
    const sums: Sums = { resource: WHOLE, dimensions: cellDimensions(task, cells), parts: 1 };
    const { kept, parameters } = kindOf(task, sums);
    const whole = wholeGradient(setting, cells, { dx: wanted.dx, dsum, kept, parameters });
    const after = kept ? afterSums(task, kept) : NOTHING_MORE;
    return { passes: [whole, ...after.passes], sums: [...(kept ? [kept] : []), ...after.sums] };
  }
  const rows = rowDimensions(task, setting);
  if (!rows) return null;
  const units = rowUnits(problem.groups, setting.schedule.lanes, profile);
  const kept = { resource: PARTIAL, dimensions: rows, parts: units };
  return {
    passes: [
      rowsGradient(setting, units, { dx: wanted.dx, dsum, kept, parameters: NO_PARAMETERS }),
      ...mergeParameters(profile, kept, problem, wanted),
    ],
    sums: [kept],
  };
}

/** x and dy are read twice: for the sums over dy of the groups, then for dx with them. */
function twice(task: Task): Composed {
  const setting = onGroups(task);
  const groups = task.dimensions.filter(({ reduced }) => !reduced);
  const parameters = parametersOf(task.problem, task.wanted);
  const merged = task.factored && task.direct && partsOf(setting) > 1 && areParameters(groups, parameters);
  const measured = measureSums(task, setting, WHOLE, merged ? parameters : NO_PARAMETERS);
  const [sums] = measured.sums;
  const { dx, dstyle } = task.wanted;
  const rest = merged ? { ...task, wanted: { ...NOTHING, dx, dstyle } } : task;
  const after = task.factored ? afterFactored(rest, setting, sums!) : applyOnParameters(task, sums!.resource);
  return { passes: [...measured.passes, ...after.passes], sums: [...measured.sums, ...after.sums] };
}

/** Weight and bias waited for the sums: now all that is made of those. */
function afterFactored(task: Task, setting: Setting, measured: Sums): Composed {
  const { passes, sums } = afterSums(task, measured);
  return { passes: [...passes, ...applyOnGroups(task, setting, measured.resource)], sums };
}

/** x and dy are read twice, by units that see finer groups: theirs are what dweight and dbias are made of. */
function twiceRefined({ problem, wanted, profile, dsum }: Task, setting: Setting): Composed {
  const kept = setting.dimensions.filter(({ reduced }) => !reduced);
  const fine: Sums = { resource: PARTIAL, dimensions: kept, parts: partsOf(setting) };
  const whole: Sums = { resource: WHOLE, dimensions: kept.filter(({ group }) => group !== 0), parts: 1 };
  const { dx } = wanted;
  return {
    passes: [
      sumsPass(setting, fine, false),
      mergeParts(profile, fine, whole, NO_PARAMETERS, weightedBy(problem)),
      ...mergeParameters(profile, fine, problem, wanted),
      applyGradient(setting, WHOLE, { dx, dsum, kept: null, parameters: NO_PARAMETERS, weighedLast: false }),
    ],
    sums: [whole, fine],
  };
}

/** What the sums of a pass are: dweight and dbias already, or something to keep for a later pass, or nothing that is wanted. */
function kindOf({ problem, wanted, direct }: Task, sums: Sums): Pick<Yield, 'kept' | 'parameters'> {
  const parameters = parametersOf(problem, wanted);
  const final = direct && sums.parts === 1 && trains(wanted) && areParameters(sums.dimensions, parameters);
  const needed = wanted.dstyle !== 'none' || (trains(wanted) && !final);
  return { kept: needed ? sums : null, parameters: final ? parameters : NO_PARAMETERS };
}

/** The sums of the groups, first of what is returned. Weight and bias wait where they can. */
function measureSums(
  task: Task,
  setting: Setting,
  resource: string,
  parameters: ParametersWanted = NO_PARAMETERS,
): Composed {
  const parts = partsOf(setting);
  const dimensions = task.dimensions.filter(({ reduced }) => !reduced);
  const sums: Sums = { resource, dimensions, parts: 1 };
  if (parts === 1) return { passes: [sumsPass(setting, sums, !task.factored)], sums: [sums] };
  const partial: Sums = { resource: `${PARTIAL}OfGroups`, dimensions, parts, stride: groupsOf(setting) };
  return {
    passes: [sumsPass(setting, partial, !task.factored), mergeParts(task.profile, partial, sums, parameters)],
    sums: [sums, partial],
  };
}

/** dx with sums that are known or not needed, and on the way those that dweight and dbias are made of. */
function applyOnParameters(task: Task, sums: string | null): Composed {
  const { problem, wanted, profile, forced, dimensions, factored, dsum } = task;
  // What a style is pulled by is made of the sums of its groups' elements, each times its scale.
  const dstyle = factored ? 'none' : wanted.dstyle;
  if (!trains(wanted) && dstyle === 'none') {
    return { passes: applyOnGroups(task, onGroups(task), sums), sums: [] };
  }
  const setting = settingOn(parameterWalk(problem, dimensions), dimensions, problem, profile, forced);
  const own: Sums = {
    resource: PARTIAL,
    dimensions: dimensions.filter(variesAlong),
    parts: partsOf(setting),
    stride: groupsOf(setting),
  };
  const rest = { ...task, wanted: { ...wanted, dstyle } };
  const { kept, parameters } = kindOf(rest, own);
  const apply = applyGradient(setting, sums, { dx: wanted.dx, dsum, kept, parameters, weighedLast: factored });
  const after = kept ? afterSums(rest, kept) : NOTHING_MORE;
  return { passes: [apply, ...after.passes], sums: [...(kept ? [kept] : []), ...after.sums] };
}

function applyOnGroups(task: Task, setting: Setting, sums: string | null): Pass[] {
  const { wanted, factored, dsum } = task;
  const given = { dx: wanted.dx, dsum, kept: null, parameters: NO_PARAMETERS, weighedLast: factored };
  return wanted.dx === 'none' ? [] : [applyGradient(setting, sums, given)];
}

/** What follows once the sums of all cells are there, as they are. */
function afterSums({ problem, wanted, profile, forced }: Task, sums: Sums): Composed {
  const parameters = mergeParameters(profile, sums, problem, wanted);
  if (!problem.style || wanted.dstyle === 'none') return { passes: parameters, sums: [] };
  const style = settingOnStyle(problem.style, profile, forced);
  if (!problem.folded)
    return { passes: [...parameters, readingOnce(styleGradient(style, sums.resource, wanted.dstyle))], sums: [] };
  const groups = sums.dimensions.filter(({ group }) => group !== 0);
  const scaled: Sums = { resource: SCALED, dimensions: groups, parts: 1 };
  const merged = mergeParts(profile, sums, scaled, NO_PARAMETERS, scaledBy(problem));
  return { passes: [...parameters, merged, readingOnce(styleGradient(style, SCALED, wanted.dstyle))], sums: [scaled] };
}

function settingOnStyle(style: Problem, profile: Profile, forced: Partial<Schedule>): Setting {
  const dimensions = dimensionsOf(style);
  return settingOn(groupWalk(style, dimensions), dimensions, style, profile, forced);
}

function onGroups({ problem, profile, forced, dimensions }: Task): Setting {
  return settingOn(groupWalk(problem, dimensions), dimensions, problem, profile, forced, HELD_EACH);
}
