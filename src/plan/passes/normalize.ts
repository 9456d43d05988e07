import { isHalf } from '../../problem/dtype.ts';
import { isSum } from '../../problem/problem.ts';
import type { Binding, Choice, Pass } from '../plan.ts';
import { shareParameters } from '../schedule.ts';
import { segmentsOf } from '../tiling/segments.ts';
import type { Segments } from '../tiling/segments.ts';
import { mapsOf, savedSource, statisticsPlane } from '../tiling/tiling.ts';
import type { Tiling } from '../tiling/tiling.ts';
import {
  activationOperands,
  affineOperands,
  inclusionOperands,
  inputOperands,
  joined,
  meanScaleBindings,
  multiplyAddAfter,
  pointwiseOperands,
  residualOutOperands,
} from './operands.ts';
import { rotaryOperands } from './rotary-operands.ts';
import { gridOf, makePass } from './pass.ts';
import type { Grid } from './pass.ts';
import { NO_UPDATE, runningOperands, trackedUniforms } from './update-running.ts';
import { quantizationOperands } from './quantization.ts';
import { momentsChoice, sampleUniforms, statisticFile } from './partial-moments.ts';

/** Where statistics come from that were known before the pass. */
export interface KnownStatistics {
  source: 'saved' | 'moments' | 'running' | 'pointwise';
  /** The resource that holds their planes; none for running statistics, and where there are none. */
  resource?: string;
}

/**
 * Covers whole groups: computes their statistics and writes y. `saves`: what it keeps of them in `saved`; `tracks`: whether it updates the
 * running statistics, each group being a channel.
 */
export function normalizeComputing(
  tiling: Tiling,
  saves: 'nothing' | 'statistics' | 'moments',
  saved: string,
  tracks = false,
): Pass {
  const type = tiling.vectorization.vector === 'column' ? 'Value' : 'f32';
  const running = tracks ? runningOperands(tiling.problem, type) : NO_UPDATE;
  const bindings: Binding[] =
    saves === 'nothing' ? [] : [{ name: 'saved', resource: saved, type: 'Accumulator', access: 'write' }];
  const choose = { source: tracks ? 'tracked' : 'computed', ...momentsChoice(tiling) } as const;
  const constants = { SAVE_MOMENTS: saves === 'moments', ...running.constants };
  return normalize(tiling, choose, constants, [...bindings, ...running.bindings, ...meanScaleBindings(tiling)]);
}

/** Writes y with statistics that are known; it saves them where the call asks for it and no pass before did. */
export function normalizeKnowing(tiling: Tiling, { source, resource }: KnownStatistics): Pass {
  const { problem, vectorization, groupPerLane } = tiling;
  const bindings: Binding[] = [];
  if (resource) {
    bindings.push({ name: 'statistics', resource, type: groupPerLane ? 'f32' : 'Accumulator', access: 'read' });
  } else if (source === 'running') {
    const running = {
      type: vectorization.each['channel'] ? 'Value' : 'f32',
      dtype: problem.runningDtype,
      access: 'read',
    } as const;
    bindings.push({ name: 'running_mean', resource: 'runningMean', ...running });
    bindings.push({ name: 'running_var', resource: 'runningVar', ...running });
  }
  if (problem.save && source !== 'saved' && source !== 'pointwise') {
    bindings.push({ name: 'saved', resource: 'saved', type: 'Accumulator', access: 'write' });
  }
  return normalize(
    tiling,
    { source: groupPerLane ? savedSource(tiling) : source, tile: tiling.schedule.tile },
    {},
    bindings,
  );
}

function normalize(tiling: Tiling, choose: Choice, constants: Pass['constants'], bindings: readonly Binding[]): Pass {
  const { problem, profile, vectorization } = tiling;
  const { output, grid, segments } = outputOf(tiling, choose.tile!);
  const operands = joined(
    inputOperands(tiling),
    {
      choose: {},
      constants: {},
      bindings: [{ name: 'y', resource: 'y', type: 'Value', dtype: problem.outputDtype, access: 'write' }],
    },
    residualOutOperands(problem.inputDtype, problem.writesResidualOut && isSum(problem)),
    quantizationOperands(tiling),
    affineOperands(tiling),
    multiplyAddAfter(tiling),
    activationOperands(problem),
    rotaryOperands(tiling),
    pointwiseOperands(tiling),
    inclusionOperands(tiling, choose.source === 'computed' || choose.source === 'tracked'),
  );
  return makePass(profile, grid, {
    kernel: 'normalize',
    rounding: problem.dtype,
    choose: {
      vector: vectorization.vector,
      tail: vectorization.tail,
      statistic: statisticFile(problem.measure),
      output,
      ...operands.choose,
      ...choose,
    },
    constants: {
      ROUND_X_HAT: problem.castBeforeWeight && isHalf(problem.dtype),
      ...operands.constants,
      ...constants,
    },
    maps: mapsOf(tiling),
    bindings: [...operands.bindings, ...bindings],
    uniforms: {
      statistics_plane: statisticsPlane(tiling),
      group_count: vectorization.groups,
      bessel_factor: problem.bessel,
      ...sampleUniforms(tiling),
      ...trackedUniforms(problem),
      segments: segments.count,
      segment_start: segments.start,
      segment_step: segments.step,
      ...operands.uniforms,
    },
  });
}

interface Output {
  output: NonNullable<Choice['output']>;
  grid: Grid;
  segments: Pick<Segments, 'count' | 'start' | 'step'>;
}

const NO_SEGMENTS = { count: 1, start: 0, step: 1 };

/** How results are written so that weight and bias are loaded as rarely as can be: on a GPU by several loads under way at once, elsewhere one by one. */
function outputOf(tiling: Tiling, tile: NonNullable<Choice['tile']>): Output {
  const { problem, profile, axes, vectorization, schedule } = tiling;
  const grid = gridOf(tiling);
  if (problem.quantization) {
    return { output: 'quantized', grid: { ...grid, inOneBlock: true }, segments: NO_SEGMENTS };
  }
  const oneByOne = profile.software && schedule.lanes === 1 && tile === 'memory';
  if (schedule.groupsPerInvocation === 4 && oneByOne && shareParameters(vectorization)) {
    const groups = Math.ceil(vectorization.groups / 4);
    // A quarter of the items, unless the chunks are of any length.
    const chunk = schedule.name === 'split' ? Math.ceil(schedule.chunk / 4) : schedule.chunk;
    return { output: 'four_groups', grid: { ...grid, groups, chunk }, segments: NO_SEGMENTS };
  }
  const segments = oneByOne ? segmentsOf(axes, vectorization) : null;
  const whole = schedule.chunk === vectorization.length;
  return segments && (whole || segments.count === 1)
    ? { output: 'per_segment', grid, segments }
    : { output: 'per_element', grid, segments: NO_SEGMENTS };
}
