import type { Statistic } from '../problem/definition.ts';
import type { Problem } from '../problem/problem.ts';
import type { Cells } from './cells.ts';
import type { Loads } from './loads.ts';
import { shaderOf } from './measure.ts';
import { blocksOf, gridOf, makePass } from './pass.ts';
import { planeSize } from './plan.ts';
import type { Binding, Pass } from './plan.ts';
import { powerOfTwo } from './schedule.ts';
import { planeOf } from './setting.ts';
import type { Setting } from './setting.ts';
import { activationPart, affinePart, joined, maskedNumbers, memberPart, STYLE_STATISTICS } from './operands.ts';
import type { Part } from './operands.ts';
import { sumsPlane } from './sums.ts';
import type { Sums } from './sums.ts';
import { NO_PARAMETERS } from './targets.ts';
import type { Deposit } from './targets.ts';
import { dxBindings, dxPieces, keptBinding, yieldBindings, yieldPieces } from './yield.ts';
import type { Yield } from './yield.ts';

/** The file of shaders/gradient/ that a statistic's dependence on x needs. */
const GRADIENT: Record<Statistic, string> = {
  'mean-variance': 'mean_variance',
  rms: 'radial',
  l2: 'radial',
  l1: 'l1',
  sum: 'sum',
  linf: 'linf',
};

/** The cells of a group, and when dy is multiplied by the weight. */
export interface WeighedCells extends Cells {
  weighed: 'by element' | 'by cell' | 'last';
}

const WEIGHED = { 'by element': 0, 'by cell': 1, last: 2 } as const;

/** Loads of x, and of dy, that an invocation holds in registers; more stay in memory. */
const MOST_HELD = 16;

/** One unit a group: dx, and the sums of each cell. */
export function wholeGradient(setting: Setting, cells: WeighedCells, given: Yield): Pass {
  const { profile, loads, schedule } = setting;
  // A workgroup need not be wider than a cell; a subgroup is as wide as it is.
  const lanes = schedule.reduce === 'subgroup' ? schedule.lanes : Math.min(schedule.lanes, powerOfTwo(cells.length));
  const blocks = blocksOf(Math.ceil(cells.length / lanes));
  const items = cells.count * blocks.BLOCK * blocks.BLOCKS;
  const pair = items <= MOST_HELD ? schedule.tile : 'memory';
  const width = cells.apart ? loads.elementsPerLoad : loads.groupsPerLoad;
  const operands = elementOperands(setting);
  return makePass(profile, gridOf(loads, { ...schedule, lanes, chunk: loads.length }), {
    kernel: 'backward',
    use: {
      ...gradientPieces(setting),
      ...operands.use,
      ...(cells.apart && { vector: 'cells' }),
      pair,
      sums: 'none',
      ...yieldPieces(given),
    },
    constants: {
      ...operands.constants,
      ...maskedNumbers(setting.problem),
      ...blocks,
      ITEMS: items,
      CELLS: cells.count,
      CELL_LENGTH: cells.length,
      CELL_START: cells.start,
      CELL_STEP: cells.step,
      WEIGHED: WEIGHED[cells.weighed],
    },
    maps: loads.maps,
    bindings: [
      ...operands.bindings,
      statisticsBinding(setting, cells.apart ? 'f32' : 'Accumulator'),
      ...yieldBindings(setting, given),
    ],
    call: { ...groupNumbers(setting), kept_plane: given.kept ? sumsPlane(given.kept) / width : 0 },
  });
}

/** Units that take one row after the other: dx, and the sums of each element of a row. */
export function rowsGradient(setting: Setting, units: number, given: Yield & { kept: Sums }): Pass {
  const { profile, loads, schedule } = setting;
  const operands = elementOperands(setting);
  const { kept } = given;
  return makePass(
    profile,
    { ...gridOf(loads, { ...schedule, chunk: loads.length }), units },
    {
      kernel: 'backward_rows',
      use: { ...gradientPieces(setting), ...operands.use, pair: 'registers', sums: 'none', ...dxPieces(given) },
      constants: { ...operands.constants, ITEMS: Math.ceil(loads.length / schedule.lanes) },
      maps: loads.maps,
      bindings: [
        ...operands.bindings,
        statisticsBinding(setting),
        ...dxBindings(setting, given),
        ...keptBinding(kept, 'Value'),
      ],
      call: { ...groupNumbers(setting), kept_plane: sumsPlane(kept) / loads.elementsPerLoad },
    },
  );
}

/** The sums over dy of each chunk of each group; over dy as it is, or times the weight. */
export function sumsPass(setting: Setting, kept: Sums, weighed: boolean): Pass {
  const { profile, loads, schedule } = setting;
  const operands = elementOperands(setting, weighed);
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'gradient_sums',
    use: { ...gradientPieces(setting), ...operands.use, keep: 'sums' },
    constants: { ...operands.constants, WEIGHED: weighed ? 1 : 0 },
    maps: mapsOf(setting),
    bindings: [...operands.bindings, statisticsBinding(setting), ...keptBinding(kept, 'Accumulator')],
    call: { ...groupNumbers(setting), kept_plane: sumsPlane(kept) / loads.groupsPerLoad },
  });
}

/** dx with sums that are known, or with none; and the sums of what the units walk over, if they are kept. */
export function applyGradient(setting: Setting, sums: string | null, given: Yield & { weighedLast: boolean }): Pass {
  const { profile, loads, schedule, apart } = setting;
  const numbers = groupNumbers(setting);
  const maps = mapsOf(setting);
  const type = loads.each['group'] ? 'Value' : 'f32';
  const width = loads.each['group'] ? loads.elementsPerLoad * loads.groupsPerLoad : 1;
  const operands = elementOperands(setting);
  const bindings: Binding[] = [
    ...operands.bindings,
    statisticsBinding(setting, type),
    ...(sums === null ? [] : [{ name: 'sums', resource: sums, type, writes: false } as const]),
    ...yieldBindings(setting, given),
  ];
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'apply_gradient',
    use: {
      ...gradientPieces(setting),
      ...operands.use,
      group: apart ? 'apart' : 'alike',
      sums: sums === null ? 'none' : 'given',
      ...yieldPieces(given),
    },
    constants: {
      VARYING: maps['group']!.element.length > 0 ? 1 : 0,
      ...operands.constants,
      WEIGHT_VARYING: ['weight', 'bias'].some((name) => (loads.maps[name]?.element.length ?? 0) > 0) ? 1 : 0,
      WEIGHED_LAST: given.weighedLast ? 1 : 0,
      SUMMED: given.kept !== null || given.parameters !== NO_PARAMETERS ? 1 : 0,
    },
    maps,
    bindings,
    call: {
      ...numbers,
      plane: planeSize(setting.problem.groups) / width,
      kept_plane: given.kept ? sumsPlane(given.kept) / loads.groupsPerLoad : 0,
    },
  });
}

/** The gradient of what was measured of a style, from the sums over dy of the content's groups. */
export function styleGradient(setting: Setting, sums: string, dstyle: Deposit): Pass {
  const { problem, profile, loads, schedule } = setting;
  const { dtype } = problem;
  const type = loads.each['group'] ? 'Value' : 'f32';
  const width = loads.each['group'] ? loads.elementsPerLoad * loads.groupsPerLoad : 1;
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'apply_gradient',
    use: {
      ...gradientPieces(setting),
      statistic: 'mean_variance',
      gradient: 'spread',
      group: 'alike',
      sums: 'given',
      ...yieldPieces({ dx: dstyle, dsum: false, kept: null, parameters: NO_PARAMETERS }),
    },
    constants: { VARYING: 0, WEIGHT_VARYING: 0, WEIGHED_LAST: 1, SUMMED: 0 },
    maps: loads.maps,
    bindings: [
      { name: 'x', resource: 'style', type: 'Value', dtype, writes: false },
      { name: 'dy', resource: 'style', type: 'Value', dtype, writes: false },
      { name: 'statistics', resource: STYLE_STATISTICS, type, writes: false },
      { name: 'sums', resource: sums, type, writes: false },
      ...(dstyle === 'none' ? [] : [{ name: 'dx', resource: 'dstyle', type: 'Value', dtype, writes: true } as const]),
    ],
    call: { plane: planeSize(problem.groups) / width, share: 1 / problem.length, bessel: problem.bessel },
  });
}

function gradientPieces({ problem, loads, apart }: Setting): Record<string, string> {
  return {
    vector: loads.vector,
    edges: loads.edges,
    statistic: shaderOf(problem.measure),
    gradient: problem.source === 'running' ? 'constant' : GRADIENT[problem.measure as Statistic],
    source: apart ? 'apart' : 'saved',
    share: countsApart(problem) ? 'counted' : 'constant',
  };
}

/** Whether each group has a count of its own. */
function countsApart({ mask, source }: Problem): boolean {
  return mask !== null && source === 'computed';
}

/** x, dy, and what dy goes back through: an activation, whose slope depends on weight and bias, then the weight. */
function elementOperands(setting: Setting, weighed = true): Part {
  const { problem } = setting;
  const { dtype, activation, source } = problem;
  const through = activation !== null;
  return joined(
    {
      use: {},
      constants: {},
      bindings: [
        { name: 'x', resource: 'x', type: 'Value', dtype, writes: false },
        { name: 'dy', resource: 'dy', type: 'Value', dtype, writes: false },
      ],
    },
    affinePart(setting, { weight: weighed || through, bias: through }),
    activationPart(problem),
    memberPart(setting, source === 'computed'),
  );
}

/** The statistics of the groups. */
function statisticsBinding(setting: Setting, type: Binding['type'] = setting.apart ? 'f32' : 'Accumulator'): Binding {
  return { name: 'statistics', resource: 'saved', type, writes: false };
}

function mapsOf({ loads, apart }: Setting): Loads['maps'] {
  return apart ? { ...loads.maps, group: apart } : loads.maps;
}

function groupNumbers(setting: Setting): { plane: number; share: number; leak: number; bessel: number } {
  const { problem, apart } = setting;
  const averaged = problem.measure === 'mean-variance' || problem.measure === 'rms';
  const plane = apart ? planeSize(problem.groups) : planeOf(setting, problem.groups);
  return { plane, share: averaged ? 1 / problem.count : 1, leak: problem.negativeSlope, bessel: problem.bessel };
}
