import type { WriteMode } from '../gradient-request.ts';
import type { Binding, Pass } from '../plan.ts';
import type { StridedAxis } from '../tiling/iteration-space.ts';
import { weightVaries } from '../tiling/iteration-space.ts';
import { sizeOf } from '../../problem/shape.ts';
import type { Tiling } from '../tiling/tiling.ts';
import {
  elementBindings,
  gradientOperands,
  gradientUniforms,
  statisticsBinding,
  sumsBinding,
} from './gradient-operands.ts';
import type { GradientPassOutputs } from './gradient-operands.ts';
import { sumsPlane } from './gradient-sums-layout.ts';
import type { SumsLayout } from './gradient-sums-layout.ts';
import { operandBinding } from './operands.ts';
import { gridOf, makePass, workgroupOf } from './pass.ts';

/** Rows that share weight, bias and gate, one set after the other, and how workgroups share out each. */
export interface RowSets {
  /** The kept axes that a set has one index of. */
  axes: StridedAxis[];
  rows: number;
  workgroups: number;
}

/** Outputs of a gate: the gradient that goes on to the residual. */
export interface GateOutputs {
  dresidual: WriteMode | undefined;
}

/** Sets of fewer rows leave more sums than they save readings. */
const LEAST_ROWS = 8;

/** The sets of a problem's rows; null where rows that share weight and bias are not neighbours, or so few that items would idle. */
export function rowSetsOf({ axes, schedule, profile, problem }: Tiling): RowSets | null {
  const kept = axes.filter(({ reduced }) => !reduced).toSorted((a, b) => b.group - a.group);
  const outer = kept.slice(0, kept.findLastIndex((axis) => weightVaries(axis) || axis.gate !== 0) + 1);
  const sets = sizeOf(outer.map(({ size }) => size));
  const rows = problem.groups / sets;
  const items = workgroupOf(profile, schedule) / schedule.lanes;
  if (sets > 1 && rows < Math.max(items, LEAST_ROWS)) return null;
  const wanted = Math.ceil(profile.parallel / 2 / (items * schedule.lanes) / sets);
  return { axes: outer, rows, workgroups: Math.min(wanted, Math.ceil(rows / items)) };
}

/** Items that take one row of a set after the other: dx, and the sums of each element of a row. */
export function rowGradients(
  tiling: Tiling,
  sets: RowSets,
  outputs: GradientPassOutputs & { sums: SumsLayout },
  gate: GateOutputs | null,
): Pass {
  const { problem, profile, vectorization, schedule } = tiling;
  const operands = gradientOperands(tiling);
  const workgroups = (problem.groups / sets.rows) * sets.workgroups;
  return makePass(
    profile,
    {
      ...gridOf(tiling),
      holding: 'pair',
      chunk: vectorization.length,
      items: (workgroups * workgroupOf(profile, schedule)) / schedule.lanes,
    },
    {
      kernel: 'row_gradients',
      choose: { ...operands.choose, tile: 'registers' },
      constants: operands.constants,
      maps: vectorization.maps,
      bindings: [
        ...operands.bindings,
        statisticsBinding(tiling),
        ...elementBindings(problem, outputs, gate !== null),
        ...(gate ? gateBindings(tiling, gate) : []),
        ...sumsBinding(outputs.sums, 'Value'),
      ],
      uniforms: {
        ...gradientUniforms(tiling),
        ...operands.uniforms,
        set_rows: sets.rows,
        set_workgroups: sets.workgroups,
        sums_plane: sumsPlane(outputs.sums) / vectorization.elementsPerLoad,
      },
    },
  );
}

function gateBindings({ problem, vectorization }: Tiling, { dresidual }: GateOutputs): Binding[] {
  const { gate } = problem;
  const dtype = problem.residual!;
  return [
    { name: 'residual', resource: 'residual', type: 'Value', dtype, access: 'read' },
    operandBinding('gate', gate!, vectorization),
    ...(dresidual
      ? [{ name: 'dresidual', resource: 'dresidual', type: 'Value', dtype, access: dresidual } as const]
      : []),
  ];
}
