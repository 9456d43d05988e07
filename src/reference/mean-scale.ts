import type { Grouping } from './groups.ts';
import type { NdArray } from './ndarray.ts';
import { keepOnly } from './ndarray.ts';
import type { Pullback } from './pullback.ts';
import type { Adder } from './spread.ts';
import { adder, reader, spreadAs } from './spread.ts';
import type { Measure } from './statistics.ts';
import { centre, meanSquare, sumOver } from './statistics.ts';

export interface MeanScaleOption {
  /** The share of the mean that is taken off, one number a channel. Default 1. */
  meanScale?: NdArray | undefined;
}

/** How groups are measured, and what goes back through that, where c = x − meanScale · mean is divided by the root of its mean square + eps. */
export interface MeanScale {
  measure: Measure;
  pullback: Pullback;
  /** Σ of the derivatives by meanScale, once the pullback saw every group. */
  gradient: Adder;
}

/**
 * Cai et al. 2021, GraphNorm, https://arxiv.org/abs/2009.03294
 *
 * @throws NormError `parameter` where there is not one number a channel.
 */
export function meanScaleOf(
  { meanScale }: MeanScaleOption,
  grouping: Grouping,
  channel: number,
  eps: number,
): MeanScale | null {
  if (!meanScale) return null;
  const { shape } = grouping;
  const spread = spreadAs('meanScale', meanScale, keepOnly(shape, [channel]), shape);
  const shareOf = reader(spread, grouping, 1);
  const gradient = adder(spread, grouping);
  return {
    measure: (values, group, counted) => {
      const mean = centre(values, counted);
      const left = (1 - shareOf(group, 0)) * mean;
      for (let e = 0; e < values.length; e++) values[e]! += left;
      return { mean, divisor: Math.sqrt(meanSquare(values, counted) + eps) };
    },
    // Through the divisor to c, as rms has it; then through the mean that c lacks a share of.
    pullback: ({ index, g, normalized, values, factor, counted }) => {
      const dot = g.reduce((sum, value, e) => sum + value * normalized[e]!, 0) / counted.length;
      const byC = g.map((value) => factor * value);
      for (const e of counted) byC[e]! -= factor * normalized[e]! * dot;
      const all = byC.reduce((sum, value) => sum + value, 0);
      const byX = Float64Array.from(byC);
      for (const e of counted) byX[e]! -= (shareOf(index, 0) * all) / counted.length;
      const mean = counted.length === 0 ? 0 : sumOver(counted, (e) => values[e]!) / counted.length;
      gradient.add(index, 0, -mean * all);
      return byX;
    },
    gradient,
  };
}
