import { NormError } from '../errors.ts';
import { FUSIONS } from '../options/names.ts';
import type { Definition } from '../problem/definition.ts';
import type { FusionOptions } from '../problem/fusion.ts';
import { statePointwise } from '../problem/pointwise.ts';
import type { PointwiseOption } from '../problem/pointwise.ts';
import type { Pointwise } from '../problem/statistics.ts';
import { POINTWISE_SHADERS, STATISTIC_SHADERS } from '../programs/shaders.ts';
import { normalizedAxes } from './layer-norm.ts';
import type { AffineOptions } from './options.ts';

/** As of LayerNorm, whose place it takes. `alpha` is that of the function; of the activation `'elu'` it is 1 here. */
export interface DynamicTanhOptions<T> extends Omit<AffineOptions<T>, 'eps' | 'alpha'> {
  /** The factor of x before the function is taken: one element, which is trained. */
  alpha: T;
  /** The axes that weight and bias vary along. Default: `[-1]`; `[1]` for the channels of [N,C,H,W]. */
  axes?: number | readonly number[] | undefined;
}

/** Alpha and shift of the function are one option in here: `alpha` is that of an activation. */
interface PointwiseOptions extends FusionOptions<unknown> {
  axes?: number | readonly number[] | undefined;
  weight?: unknown;
  bias?: unknown;
  zeroCenteredWeight?: boolean | undefined;
  pointwise?: PointwiseOption<unknown> | undefined;
}

export type PointwiseDefinition = Definition<PointwiseOptions> & {
  /** Names of the options as they are given: what the function takes is one each. */
  given: readonly string[];
};

/** Operands of the function besides x. */
type Taken = 'alpha' | 'inputShift';

/** A function of each element alone, with weight and bias as LayerNorm has them. */
export function pointwiseDefinition(op: string, pointwise: Pointwise, taken: readonly Taken[]): PointwiseDefinition {
  const fusions = FUSIONS.filter((name) => name !== 'alpha');
  const others = ['axes', 'weight', 'bias', 'zeroCenteredWeight', ...fusions] as const;
  return {
    op,
    options: ['pointwise', ...others],
    given: [...taken, ...others],
    axes: (shape, { axes }) => normalizedAxes(op, shape, axes),
    statistic: () => pointwise,
    eps: () => 0,
    trailing: true,
    states: [statePointwise],
    shaders: [POINTWISE_SHADERS, STATISTIC_SHADERS],
  };
}

/**
 * The options of a call as the definition has them.
 *
 * @throws NormError `option` without alpha.
 */
export function pointwiseOptions<O extends Partial<Record<Taken, unknown>>>(
  { op }: PointwiseDefinition,
  { alpha, inputShift, ...others }: O,
): Omit<O, Taken> & { pointwise: { alpha: NonNullable<O['alpha']>; inputShift: O['inputShift'] } } {
  if (alpha === undefined) {
    throw new NormError(
      'option',
      `${op}: alpha is missing; it must be a Tensor of one element, what x is multiplied by`,
    );
  }
  return { ...others, pointwise: { alpha: alpha as NonNullable<O['alpha']>, inputShift } };
}

export const dynamicTanhDefinition: PointwiseDefinition = /* @__PURE__ */ pointwiseDefinition(
  'dynamicTanh',
  'dynamic-tanh',
  ['alpha'],
);
