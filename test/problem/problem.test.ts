import { describe, expect, it } from 'vitest';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { normalizeDefinition } from '../../src/norms/normalize.ts';
import { runsOf } from '../../src/plan/tiling/index-map.ts';
import { parameterShape } from '../../src/problem/definition.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { channelsOf } from '../../src/problem/running.ts';
import { sizeOf } from '../../src/problem/shape.ts';
import { state } from '../plan/every-problem.ts';

/** Sizes of the runs that x falls into, kept and reduced. */
function collapsed({ kept, reduced, x }: Problem): { kept: number[]; reduced: number[] } {
  const sizes = (axes: number[], strides: number[]): number[] => runsOf(axes, strides).map((run) => run.size);
  return { kept: sizes(kept, x.kept), reduced: sizes(reduced, x.reduced) };
}

describe('the problem of a call', () => {
  const [N, C, H, W] = [2, 6, 4, 5];
  const nchw = [N, C, H, W];
  const nhwc = [N, H, W, C];
  const statistic = 'mean-variance';

  it.each([
    ['BatchNorm NCHW', state(batchNormDefinition, nchw, { training: true }), [C], [N, H * W]],
    ['BatchNorm NHWC', state(batchNormDefinition, nhwc, { training: true, layout: 'NHWC' }), [C], [N * H * W]],
    ['BatchNorm tabular', state(batchNormDefinition, [9, C], { training: true }), [C], [9]],
    ['BatchNorm features first', state(batchNormDefinition, [C, 9], { training: true, layout: 'CN' }), [C], [9]],
    ['LayerNorm over C,H,W', state(layerNormDefinition, nchw, { axes: [1, 2, 3] }), [N], [C * H * W]],
    ['InstanceNorm NCHW', state(instanceNormDefinition, nchw, {}), [N * C], [H * W]],
    ['InstanceNorm NHWC', state(instanceNormDefinition, nhwc, { layout: 'NHWC' }), [N, C], [H * W]],
    ['GroupNorm NCHW', state(groupNormDefinition, nchw, { numGroups: 3 }), [N * 3], [(C / 3) * H * W]],
    ['GroupNorm NHWC', state(groupNormDefinition, nhwc, { numGroups: 3, layout: 'NHWC' }), [N, 3], [H * W, C / 3]],
    ['per pixel over N,C', state(normalizeDefinition, nchw, { axes: [0, 1], statistic }), [H * W], [N * C]],
    ['per activation over N', state(normalizeDefinition, nchw, { axes: [0], statistic }), [C * H * W], [N]],
    [
      'axes that alternate',
      state(normalizeDefinition, [2, 3, 2, 3, 2], { axes: [0, 2, 4], statistic }),
      [3, 3],
      [2, 2, 2],
    ],
  ])('%s collapses', (_, problem, kept, reduced) => {
    expect(collapsed(problem)).toEqual({ kept, reduced });
  });

  it('holds four numbers a channel of BatchNorm, two of them trained', () => {
    for (const [shape, trained, all] of [
      [[32, 50], 100, 200],
      [[8, 30, 5, 5], 60, 120],
    ] as const) {
      const axes = batchNormDefinition.axes(shape, { training: true });
      const weightAndBias = 2 * sizeOf(parameterShape(axes));
      const runningMeanAndVar = 2 * channelsOf(axes);
      expect(weightAndBias).toBe(trained);
      expect(weightAndBias + runningMeanAndVar).toBe(all);
    }
  });

  it('knows the shapes of other parameters', () => {
    expect(parameterShape(layerNormDefinition.axes(nchw, { axes: [1, 2, 3] }))).toEqual([C, H, W]);
    expect(parameterShape(groupNormDefinition.axes(nchw, { numGroups: 3 }))).toEqual([C]);
  });
});
