import type { Problem } from '../problem/problem.ts';
import { cellsOf } from './cells.ts';
import { applyGradient, rowsGradient, styleGradient, sumsPass, wholeGradient } from './gradient.ts';
import type { WeighedCells, Yield } from './gradient.ts';
import { partsOf } from './measure.ts';
import type { Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { rowUnits } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { groupsOf, refinedSetting, settingOn } from './setting.ts';
import type { Setting } from './setting.ts';
import { areParameters, mergeParameters, mergeParts, NO_PARAMETERS, sumsBytes } from './sums.ts';
import type { ParametersWanted, Sums } from './sums.ts';
import { needsSums, parametersOf, taskOf, trains } from './task.ts';
import type { Task, Wanted } from './task.ts';
import { dimensionsOf, groupWalk, parameterWalk, variesAlong } from './walk.ts';
import type { Dimension } from './walk.ts';

/** Passes in order, and the sums that they leave on the way. */
interface Composed {
  passes: Pass[];
  sums: Sums[];
}

/** Sums over dy: of parts, and of whole groups. */
const [PARTIAL, WHOLE] = ['gradientPartials', 'gradientSums'];
/** Loads of x, and of dy, that an invocation may hold in registers. */
const HELD_EACH = 8;
/** More cells than this are too many reductions for one workgroup. */
const MOST_CELLS = 32;

/**
 * dx, dweight, dbias and dstyle, as far as they are wanted. `sums`: of the groups, computed elsewhere over more data than x.
 */
export function planBackward(
  problem: Problem,
  wanted: Wanted,
  profile: Profile,
  forced: Partial<Schedule>,
  sums: 'own' | 'given',
): Plan {
  const task = taskOf(problem, wanted, profile, forced);
  const { passes, sums: left } = compose(task, sums);
  return {
    label: `${problem.op} backward`,
    saved: {},
    scratch: Object.fromEntries(left.map((one) => [one.resource, sumsBytes(one)])),
    passes,
  };
}

/** The sums over dy of every group, in `sums`: what the parts of a split batch exchange. */
export function planSums(problem: Problem, profile: Profile, forced: Partial<Schedule>): Plan {
  const task = taskOf(problem, { dx: 'none', dweight: 'none', dbias: 'none', dstyle: 'none' }, profile, forced);
  const { passes, sums } = measureSums(task, onGroups(task), 'sums');
  const [result, ...scratch] = sums;
  return {
    label: `${problem.op} gradient sums`,
    saved: { sums: sumsBytes(result!) },
    scratch: Object.fromEntries(scratch.map((one) => [one.resource, sumsBytes(one)])),
    passes,
  };
}

function compose(task: Task, sums: 'own' | 'given'): Composed {
  const { problem, wanted } = task;
  const coupled = problem.source !== 'running';
  if (sums === 'given') return applyOnParameters(task, 'sums');
  if (!coupled || !needsSums(wanted)) return applyOnParameters(task, null);
  const refined = refinedSetting(problem, task.profile, task.forced);
  const constant = !refined?.dimensions.some((dimension) => dimension.reduced && variesAlong(dimension));
  return refined && constant ? twiceRefined(task, refined) : (oncePerGroup(task) ?? twice(task));
}

/** x and dy are read once: by units that see whole groups. */
function oncePerGroup(task: Task): Composed | null {
  const { problem, wanted, profile } = task;
  const setting = onGroups(task);
  if (setting.schedule.name !== 'whole') return null;
  const cells = cellsFor(task, setting);
  if (cells) {
    const sums: Sums = { resource: WHOLE, dimensions: cellDimensions(task, cells), parts: 1 };
    const { kept, parameters } = kindOf(sums, wanted);
    return {
      passes: [
        wholeGradient(setting, cells, { dx: wanted.dx, kept, parameters }),
        ...(kept ? afterSums(task, kept) : []),
      ],
      sums: kept ? [kept] : [],
    };
  }
  const rows = rowDimensions(task, setting);
  if (!rows) return null;
  const units = rowUnits(problem.groups, setting.schedule.lanes, profile);
  const kept = { resource: PARTIAL, dimensions: rows, parts: units };
  return {
    passes: [rowsGradient(setting, units, { dx: wanted.dx, kept }), ...mergeParameters(profile, kept, wanted)],
    sums: [kept],
  };
}

/** x and dy are read twice: for the sums over dy of the groups, then for dx with them. */
function twice(task: Task): Composed {
  const setting = onGroups(task);
  const groups = task.dimensions.filter(({ reduced }) => !reduced);
  const merged = task.factored && partsOf(setting) > 1 && areParameters(groups, task.wanted);
  const measured = measureSums(task, setting, WHOLE, merged ? parametersOf(task.wanted) : NO_PARAMETERS);
  const [sums] = measured.sums;
  const rest = merged ? { ...task, wanted: { ...task.wanted, ...NO_PARAMETERS } } : task;
  const after = task.factored
    ? { passes: [...afterSums(rest, sums!), ...applyOnGroups(task, setting, sums!.resource)], sums: [] }
    : applyOnParameters(task, sums!.resource);
  return { passes: [...measured.passes, ...after.passes], sums: [...measured.sums, ...after.sums] };
}

/** x and dy are read twice, by units that see finer groups: theirs are what dweight and dbias are made of. */
function twiceRefined({ problem, wanted, profile }: Task, setting: Setting): Composed {
  const kept = setting.dimensions.filter(({ reduced }) => !reduced);
  const fine: Sums = { resource: PARTIAL, dimensions: kept, parts: partsOf(setting) };
  const whole: Sums = { resource: WHOLE, dimensions: kept.filter(({ group }) => group !== 0), parts: 1 };
  const weight = problem.weight && { name: 'weight', resource: 'weight', type: 'f32' as const, writes: false };
  const { dx } = wanted;
  return {
    passes: [
      sumsPass(setting, fine, false),
      mergeParts(profile, fine, whole, NO_PARAMETERS, weight ?? undefined),
      ...mergeParameters(profile, fine, wanted),
      applyGradient(setting, WHOLE, { dx, kept: null, parameters: NO_PARAMETERS, weighedLast: false }),
    ],
    sums: [whole, fine],
  };
}

/** What the sums of a pass are: dweight and dbias already, or something to keep for a later pass, or nothing that is wanted. */
function kindOf(sums: Sums, wanted: Wanted): Pick<Yield, 'kept' | 'parameters'> {
  const final = sums.parts === 1 && trains(wanted) && areParameters(sums.dimensions, wanted);
  const needed = wanted.dstyle !== 'none' || (trains(wanted) && !final);
  return { kept: needed ? sums : null, parameters: final ? parametersOf(wanted) : NO_PARAMETERS };
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
  const { problem, wanted, profile, forced, dimensions, factored } = task;
  if (!trains(wanted)) return { passes: applyOnGroups(task, onGroups(task), sums), sums: [] };
  const setting = settingOn(parameterWalk(dimensions), dimensions, problem, profile, forced);
  const own: Sums = {
    resource: PARTIAL,
    dimensions: dimensions.filter(variesAlong),
    parts: partsOf(setting),
    stride: groupsOf(setting),
  };
  const { kept, parameters } = kindOf(own, { ...wanted, dstyle: 'none' });
  return {
    passes: [
      applyGradient(setting, sums, { dx: wanted.dx, kept, parameters, weighedLast: factored }),
      ...(kept ? mergeParameters(profile, kept, wanted) : []),
    ],
    sums: kept ? [kept] : [],
  };
}

function applyOnGroups(task: Task, setting: Setting, sums: string | null): Pass[] {
  const { wanted, factored } = task;
  return wanted.dx === 'none'
    ? []
    : [applyGradient(setting, sums, { dx: wanted.dx, kept: null, parameters: NO_PARAMETERS, weighedLast: factored })];
}

/** What follows once the sums of all cells are there. */
function afterSums({ problem, wanted, profile, forced }: Task, sums: Sums): Pass[] {
  const style = problem.style && wanted.dstyle !== 'none' ? settingOnStyle(problem.style, profile, forced) : null;
  return [
    ...mergeParameters(profile, sums, wanted),
    ...(style ? [styleGradient(style, sums.resource, wanted.dstyle)] : []),
  ];
}

function settingOnStyle(style: Problem, profile: Profile, forced: Partial<Schedule>): Setting {
  const dimensions = dimensionsOf(style);
  return settingOn(groupWalk(dimensions), dimensions, style, profile, forced);
}

function onGroups({ problem, profile, forced, dimensions }: Task): Setting {
  return settingOn(groupWalk(dimensions), dimensions, problem, profile, forced, HELD_EACH);
}

/** The cells of a group; null where a unit cannot go through them one after the other. */
function cellsFor({ dimensions, factored, wanted }: Task, { loads, schedule }: Setting): WeighedCells | null {
  const whole = { count: 1, length: loads.length, start: 0, step: 1, apart: false };
  if (factored) return { ...whole, weighed: 'last' };
  if (!trains(wanted)) return { ...whole, weighed: 'by element' };
  const cells = cellsOf(dimensions, loads);
  if (!cells || (schedule.reduce !== 'invocation' && cells.count > MOST_CELLS)) return null;
  return { ...cells, weighed: 'by cell' };
}

function cellDimensions({ dimensions }: Task, { weighed }: WeighedCells): Dimension[] {
  const kept = dimensions.filter(({ reduced }) => !reduced);
  const cells = weighed === 'by cell' ? dimensions.filter((one) => one.reduced && variesAlong(one)) : [];
  return [...kept, ...cells];
}

/** The axes of a row, where weight and bias vary along no others and its elements fit the registers; else null. */
function rowDimensions({ dimensions }: Task, { loads, schedule }: Setting): Dimension[] | null {
  const fits = schedule.tile === 'registers' && Math.ceil(loads.length / schedule.lanes) <= HELD_EACH;
  const shared = !dimensions.some((dimension) => !dimension.reduced && variesAlong(dimension));
  const inRows = loads.vector !== 'column' && loads.edges === 'aligned';
  return fits && shared && inRows ? dimensions.filter(({ reduced }) => reduced) : null;
}
