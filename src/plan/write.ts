import { isHalf } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import { cellsOf } from './cells.ts';
import type { Cells } from './cells.ts';
import { measuringPieces, samplesOf, shaderOf } from './measure.ts';
import { activationPart, affinePart, inputPart, joined, memberPart, sumPart } from './operands.ts';
import { gridOf, makePass } from './pass.ts';
import type { Grid } from './pass.ts';
import type { Part } from './operands.ts';
import { planeSize } from './plan.ts';
import type { Binding, Pass } from './plan.ts';
import { shareParameters } from './schedule.ts';
import { planeOf } from './setting.ts';
import type { Setting } from './setting.ts';

/** Where statistics come from that were known before the pass. */
export interface Source {
  use: 'saved' | 'moments' | 'running';
  /** The resource that holds their planes; none for running statistics. */
  statistics?: string;
}

/** The pass that sees whole groups: measures them and writes y. */
export function wholePass(setting: Setting, save: 'none' | 'statistics' | 'moments', saved: string): Pass {
  const bindings: Binding[] =
    save === 'none' ? [] : [{ name: 'saved', resource: saved, type: 'Accumulator', writes: true }];
  return writePass(setting, { source: 'measured', save, ...measuringPieces(setting) }, bindings);
}

/** The pass that writes y with statistics that are known; it saves them where the call asks for it and no pass before did. */
export function applyPass(setting: Setting, source: Source): Pass {
  const { problem, loads, apart } = setting;
  const saves = problem.save && source.use !== 'saved';
  const bindings: Binding[] = [];
  if (source.statistics) {
    bindings.push({
      name: 'statistics',
      resource: source.statistics,
      type: apart ? 'f32' : 'Accumulator',
      writes: false,
    });
  } else {
    const type = loads.each['channel'] ? 'Value' : 'f32';
    const dtype = problem.runningDtype;
    bindings.push({ name: 'running_mean', resource: 'runningMean', type, dtype, writes: false });
    bindings.push({ name: 'running_var', resource: 'runningVar', type, dtype, writes: false });
  }
  if (saves) bindings.push({ name: 'saved', resource: 'saved', type: 'Accumulator', writes: true });
  const from = apart ? 'apart' : source.use;
  return writePass(setting, { source: from, save: saves ? 'statistics' : 'none', tile: 'memory' }, bindings);
}

/** The pass that writes x + residual alone. */
export function sumPass(setting: Setting, dtype: Dtype): Pass {
  const { profile, loads, schedule } = setting;
  const { use, constants, bindings } = joined(inputPart(setting), memberPart(setting, false));
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'add_residual',
    use: { vector: loads.vector, edges: loads.edges, tile: 'memory', ...use, sum: 'set' },
    constants,
    maps: loads.maps,
    bindings: [...bindings, { name: 'sum', resource: 'sum', type: 'Value', dtype, writes: true }],
  });
}

function writePass(setting: Setting, use: Record<string, string>, bindings: readonly Binding[]): Pass {
  const { problem, profile, loads, apart } = setting;
  const { output, grid, cells } = outputOf(setting, use['tile']!);
  const parts = joined(
    inputPart(setting),
    outputPart(setting),
    affinePart(setting),
    activationPart(problem),
    memberPart(setting, use['source'] === 'measured'),
  );
  return makePass(profile, grid, {
    kernel: 'normalize',
    use: {
      vector: loads.vector,
      edges: loads.edges,
      statistic: shaderOf(problem.measure),
      output,
      ...parts.use,
      ...use,
    },
    constants: {
      SAMPLES: samplesOf(setting),
      CELLS: cells.count,
      CELL_START: cells.start,
      CELL_STEP: cells.step,
      ROUND_UNIT: problem.castBeforeWeight && isHalf(problem.dtype) ? 1 : 0,
      ...parts.constants,
    },
    maps: { ...loads.maps, ...(apart && { group: apart }) },
    bindings: [...parts.bindings, ...bindings],
    call: {
      plane: apart ? planeSize(problem.groups) : planeOf(setting, problem.groups),
      total: loads.groups,
      eps: problem.eps,
      bessel: problem.bessel,
      leak: problem.negativeSlope,
    },
  });
}

/** y, and the sum of x and residual where that is kept. */
function outputPart({ problem }: Setting): Part {
  const { dtype, keepsSum, residual } = problem;
  const y: Binding = { name: 'y', resource: 'y', type: 'Value', dtype, writes: true };
  return joined({ use: {}, constants: {}, bindings: [y] }, sumPart(problem, keepsSum && residual));
}

interface Output {
  output: 'elements' | 'cells' | 'four_groups';
  grid: Grid;
  cells: Pick<Cells, 'count' | 'start' | 'step'>;
}

const NO_CELLS = { count: 1, start: 0, step: 1 };

/** How results are written so that weight and bias are loaded as rarely as can be. */
function outputOf({ dimensions, loads, schedule }: Setting, tile: string): Output {
  const grid = gridOf(loads, schedule);
  const alone = schedule.lanes === 1 && tile === 'memory';
  if (schedule.together === 4 && alone && shareParameters(loads)) {
    const groups = Math.ceil(loads.groups / 4);
    // A quarter of the units, unless the chunks are of any length.
    const chunk = schedule.name === 'split' ? Math.ceil(schedule.chunk / 4) : schedule.chunk;
    return { output: 'four_groups', grid: { ...grid, groups, chunk }, cells: NO_CELLS };
  }
  const cells = alone ? cellsOf(dimensions, loads) : null;
  const whole = schedule.chunk === loads.length;
  return cells && (whole || cells.count === 1)
    ? { output: 'cells', grid, cells }
    : { output: 'elements', grid, cells: NO_CELLS };
}
