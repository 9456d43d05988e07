import type { Statistic } from '../problem/definition.ts';
import type { Cells } from './cells.ts';
import type { Loads } from './loads.ts';
import { shaderOf } from './measure.ts';
import { blocksOf, gridOf, makePass } from './pass.ts';
import { planeSize } from './plan.ts';
import type { Binding, Pass } from './plan.ts';
import { powerOfTwo } from './schedule.ts';
import { planeOf } from './setting.ts';
import type { Setting } from './setting.ts';
import { depositBinding, NO_PARAMETERS, parameterBindings, sumsPlane } from './sums.ts';
import type { Deposit, ParametersWanted, Sums } from './sums.ts';
import { placeOf, STYLE_STATISTICS } from './write.ts';

/** The file of shaders/gradient/ that a statistic's dependence on x needs. */
const GRADIENT: Record<Statistic, string> = {
  'mean-variance': 'mean_variance',
  rms: 'radial',
  l2: 'radial',
  l1: 'l1',
  sum: 'sum',
};

/** What a pass gives: dx, the sums over dy that it keeps for a later one, and dweight and dbias where its sums are those. */
export interface Yield {
  dx: Deposit;
  kept: Sums | null;
  parameters: ParametersWanted;
}

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
  return makePass(profile, gridOf(loads, { ...schedule, lanes, chunk: loads.length }), {
    kernel: 'backward',
    use: {
      ...gradientPieces(setting),
      ...(cells.apart && { vector: 'cells' }),
      pair,
      sums: 'none',
      ...yieldPieces(given),
    },
    constants: {
      ...blocks,
      ITEMS: items,
      CELLS: cells.count,
      CELL_LENGTH: cells.length,
      CELL_START: cells.start,
      CELL_STEP: cells.step,
      WEIGHED: WEIGHED[cells.weighed],
    },
    maps: loads.maps,
    bindings: [...groupOperands(setting, cells.apart ? 'f32' : 'Accumulator'), ...yieldBindings(given)],
    call: { ...groupNumbers(setting), kept_plane: given.kept ? sumsPlane(given.kept) / width : 0 },
  });
}

/** Units that take one row after the other: dx, and the sums of each element of a row. */
export function rowsGradient(setting: Setting, units: number, { dx, kept }: { dx: Deposit; kept: Sums }): Pass {
  const { profile, loads, schedule } = setting;
  return makePass(
    profile,
    { ...gridOf(loads, { ...schedule, chunk: loads.length }), units },
    {
      kernel: 'backward_rows',
      use: { ...gradientPieces(setting), pair: 'registers', sums: 'none', dx },
      constants: { ITEMS: Math.ceil(loads.length / schedule.lanes) },
      maps: loads.maps,
      bindings: [...groupOperands(setting), ...depositBinding('dx', 'Value', dx), ...keptBinding(kept, 'Value')],
      call: { ...groupNumbers(setting), kept_plane: sumsPlane(kept) / loads.elementsPerLoad },
    },
  );
}

/** The sums over dy of each chunk of each group; over dy as it is, or times the weight. */
export function sumsPass(setting: Setting, kept: Sums, weighed: boolean): Pass {
  const { profile, loads, schedule } = setting;
  const pieces = gradientPieces(setting);
  const operands = groupOperands(setting).filter(({ name }) => weighed || name !== 'weight');
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'gradient_sums',
    use: { ...pieces, weight: weighed ? pieces['weight']! : 'none', keep: 'sums' },
    maps: mapsOf(setting),
    bindings: [...operands, ...keptBinding(kept, 'Accumulator')],
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
  const bindings: Binding[] = [
    ...elementOperands(setting),
    { name: 'statistics', resource: 'saved', type, writes: false },
    ...(sums === null ? [] : [{ name: 'sums', resource: sums, type, writes: false } as const]),
    ...yieldBindings(given),
  ];
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'apply_gradient',
    use: {
      ...gradientPieces(setting),
      group: apart ? 'apart' : 'alike',
      sums: sums === null ? 'none' : 'given',
      ...yieldPieces(given),
    },
    constants: {
      VARYING: maps['group']!.element.length > 0 ? 1 : 0,
      WEIGHT_VARYING: (loads.maps['weight']?.element.length ?? 0) > 0 ? 1 : 0,
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
      ...yieldPieces({ dx: dstyle, kept: null, parameters: NO_PARAMETERS }),
    },
    constants: { VARYING: 0, WEIGHT_VARYING: 0, WEIGHED_LAST: 1, SUMMED: 0 },
    maps: loads.maps,
    bindings: [
      { name: 'x', resource: 'style', type: 'Value', writes: false },
      { name: 'dy', resource: 'style', type: 'Value', writes: false },
      { name: 'statistics', resource: STYLE_STATISTICS, type, writes: false },
      { name: 'sums', resource: sums, type, writes: false },
      ...(dstyle === 'none' ? [] : [{ name: 'dx', resource: 'dstyle', type: 'Value', writes: true } as const]),
    ],
    call: { plane: planeSize(problem.groups) / width, share: 1 / problem.length },
  });
}

function gradientPieces({ problem, loads, apart }: Setting): Record<string, string> {
  return {
    vector: loads.vector,
    edges: loads.edges,
    statistic: shaderOf(problem.measure),
    gradient: problem.source === 'running' ? 'constant' : GRADIENT[problem.measure as Statistic],
    weight: problem.weight ? 'given' : 'none',
    source: apart ? 'apart' : 'saved',
  };
}

/** x, dy, weight and the statistics of whole groups. */
function groupOperands(setting: Setting, type: Binding['type'] = setting.apart ? 'f32' : 'Accumulator'): Binding[] {
  return [...elementOperands(setting), { name: 'statistics', resource: 'saved', type, writes: false }];
}

function mapsOf({ loads, apart }: Setting): Loads['maps'] {
  return apart ? { ...loads.maps, group: apart } : loads.maps;
}

function elementOperands({ problem, loads }: Setting): Binding[] {
  const bindings: Binding[] = [
    { name: 'x', resource: 'x', type: 'Value', writes: false },
    { name: 'dy', resource: 'dy', type: 'Value', writes: false },
  ];
  if (problem.weight) {
    const type = loads.each['weight'] ? 'Value' : 'f32';
    bindings.push({ name: 'weight', ...placeOf(problem, 'weight'), type, writes: false });
  }
  return bindings;
}

function groupNumbers(setting: Setting): { plane: number; share: number } {
  const { problem, apart } = setting;
  const averaged = problem.measure === 'mean-variance' || problem.measure === 'rms';
  const plane = apart ? planeSize(problem.groups) : planeOf(setting, problem.groups);
  return { plane, share: averaged ? 1 / problem.count : 1 };
}

function keptBinding(kept: Sums | null, type: Binding['type']): Binding[] {
  return kept ? [{ name: 'kept', resource: kept.resource, type, writes: true }] : [];
}

function yieldPieces({ dx, kept, parameters: { dweight, dbias } }: Yield): Record<string, string> {
  return { keep: kept ? 'sums' : 'none', dx, dweight, dbias };
}

function yieldBindings({ dx, kept, parameters }: Yield): Binding[] {
  return [...depositBinding('dx', 'Value', dx), ...keptBinding(kept, 'Accumulator'), ...parameterBindings(parameters)];
}
