import type { Definition } from '../problem/definition.ts';
import { FUSIONS } from '../problem/fusion.ts';
import type { FusionOptions } from '../problem/fusion.ts';
import type { PointwiseOption } from '../problem/pointwise.ts';
import type { Pointwise } from '../problem/statistics.ts';
import { normalizedAxes } from './layer-norm.ts';
import type { AffineOptions } from './options.ts';

/** As of LayerNorm, whose place it takes. `alpha` is that of the function; of the activation `'elu'` it is 1 here. */
export interface DynamicTanhOptions<T> extends Omit<AffineOptions<T>, 'eps' | 'alpha'> {
  /** What x is multiplied by before the function is taken: one element, which is trained. */
  alpha: T;
  /** The axes that weight and bias vary along. Default: `[-1]`; `[1]` for the channels of [N,C,H,W]. */
  axes?: number | readonly number[] | undefined;
}

/** What the function takes is one option in here: `alpha` is that of an activation. */
interface PointwiseOptions extends FusionOptions<unknown> {
  axes?: number | readonly number[] | undefined;
  weight?: unknown;
  bias?: unknown;
  zeroCenteredWeight?: boolean | undefined;
  pointwise?: PointwiseOption<unknown> | undefined;
}

export type PointwiseDefinition = Definition<PointwiseOptions>;

/** A function of each element alone, with weight and bias as LayerNorm has them. */
export function pointwiseDefinition(op: string, pointwise: Pointwise): PointwiseDefinition {
  const fusions = FUSIONS.filter((name) => name !== 'alpha');
  return {
    op,
    options: ['axes', 'pointwise', 'weight', 'bias', 'zeroCenteredWeight', ...fusions],
    axes: (shape, { axes }) => normalizedAxes(op, shape, axes),
    statistic: () => pointwise,
    eps: () => 0,
    trailing: true,
  };
}

export const dynamicTanhDefinition: PointwiseDefinition = /* @__PURE__ */ pointwiseDefinition(
  'dynamicTanh',
  'dynamic-tanh',
);
