import type { Pass } from '../plan.ts';
import { loadsHeld } from '../schedule.ts';
import type { Profile } from '../profile.ts';
import type { Tiling } from '../tiling/tiling.ts';
import { dxBindings, gradientOperands, gradientUniforms, statisticsBinding, sumsBinding } from './gradient-operands.ts';
import type { GradientPassOutputs } from './gradient-operands.ts';
import { sumsPlane } from './gradient-sums-layout.ts';
import type { SumsLayout } from './gradient-sums-layout.ts';
import { gridOf, makePass } from './pass.ts';

/** Invocations of a workgroup: its items add up their sums before anybody else does. */
const ROWS_WORKGROUP = 256;

/** Into how many parts the items of rows cut the sums of their elements: one a workgroup. */
export function partsOfRows(items: number, lanes: number, { maxWorkgroup }: Profile): number {
  return Math.ceil(items / (Math.max(lanes, Math.min(ROWS_WORKGROUP, maxWorkgroup)) / lanes));
}

/** Items that take one row after the other: dx, and the sums of each element of a row. */
export function rowGradients(tiling: Tiling, items: number, outputs: GradientPassOutputs & { sums: SumsLayout }): Pass {
  const { problem, profile, vectorization, schedule } = tiling;
  const operands = gradientOperands(tiling);
  return makePass(
    profile,
    { ...gridOf(tiling), chunk: vectorization.length, items, workgroup: ROWS_WORKGROUP },
    {
      kernel: 'row_gradients',
      choose: { ...operands.choose, tile: 'registers' },
      constants: {
        ...operands.constants,
        HELD: loadsHeld(Math.ceil(vectorization.length / schedule.lanes), profile),
      },
      maps: vectorization.maps,
      bindings: [
        ...operands.bindings,
        statisticsBinding(tiling),
        ...dxBindings(problem, outputs),
        ...sumsBinding(outputs.sums, 'Value'),
      ],
      uniforms: {
        ...gradientUniforms(tiling),
        ...operands.uniforms,
        sums_plane: sumsPlane(outputs.sums) / vectorization.elementsPerLoad,
      },
    },
  );
}
