import { NormError } from '../errors.ts';
import type { Axis } from './definition.ts';
import type { Layout } from './layout.ts';
import { stridesAlong } from './modulation.ts';
import type { Strided } from './modulation.ts';
import type { TensorSpec } from './parameters.ts';
import { formatShape, isSameShape, stridesOf } from './shape.ts';

/** The mask of positions that padded samples have; `T` is a tensor of numbers, `U` one of counts. */
export interface MaskOptions<T, U = T> {
  /**
   * Of the shape of x without its channels: `[N,T]` for `[N,T,C]` or `[N,C,T]`; LayerNorm and RMSNorm take the last axis for those, and also
   * a mask of as many axes as x, each of size 1 or that of x (`[N,1,H,W]`). Where it is zero, a position is left out of the statistics that
   * it would share with others; any other number keeps it, a NaN too. Of a position that shares them with none (LayerNorm of each token by itself) they are its own, as ever: there a
   * mask is what `maskOutput` goes by. It holds u32, f32 or what x holds.
   */
  mask?: T | U | undefined;
  /**
   * Whether y and residualOut are 0 where the mask is zero, and nothing comes back from there: dx, dresidual and what an
   * array has there get the gradient 0, whatever is stored there in any array. Default: false, these positions are normalized like the others.
   */
  maskOutput?: boolean | undefined;
}

/** A mask, and whether elements that share statistics may differ in it: then it says which of them count. */
export interface Mask extends Strided {
  selects: boolean;
}

interface MaskedOptions {
  mask?: TensorSpec | undefined;
  /** Options that a mask that selects cannot go with. */
  unbiased?: boolean | undefined;
  maskOutput?: boolean | undefined;
  rotary?: object | undefined;
}

/**
 * The mask of a call; null where there is none. `hasLayout`: whether the mode is told where channels are.
 *
 * @throws NormError `shape` or `dtype` where it does not fit x, `option` where it does not go with an unbiased variance, or tells the two of a pair apart.
 */
export function maskOf(
  op: string,
  x: TensorSpec,
  axes: readonly Axis[],
  layout: Layout,
  hasLayout: boolean,
  { mask, unbiased, maskOutput, rotary }: MaskedOptions,
): Mask | null {
  if (!mask) return null;
  const along = alongOf(op, mask, x, layout, hasLayout);
  const selects = axes.some(({ axis, reduced }) => reduced && along.includes(axis));
  const other = unbiased
    ? 'unbiased are both given; the variance of what a mask leaves is biased'
    : rotary && maskOutput && 'rotary are both given; maskOutput then takes a mask of rows';
  if (selects && other) throw new NormError('option', `${op}: mask and ${other}`);
  const { shape, dtype } = mask;
  if (dtype !== 'u32' && dtype !== 'f32' && dtype !== x.dtype) {
    throw new NormError('dtype', `${op}: mask holds ${dtype}; it must hold u32, f32 or what x holds`);
  }
  const varying = (each: readonly number[]): number[] =>
    shape.length < x.shape.length ? [...each] : each.filter((_, axis) => along.includes(axis));
  const own = { shape: varying(shape), strides: varying(mask.strides ?? stridesOf(shape)) };
  return { resource: 'mask', dtype, strides: stridesAlong(own, along, axes), selects };
}

/** The axes of x that a mask lies along. */
function alongOf(op: string, { shape }: TensorSpec, x: TensorSpec, { channel }: Layout, hasLayout: boolean): number[] {
  const all = x.shape.map((_, axis) => axis);
  const broadcasts = !hasLayout && shape.length === x.shape.length;
  if (broadcasts && shape.every((size, axis) => size === 1 || size === x.shape[axis])) {
    return all.filter((axis) => shape[axis] === x.shape[axis]);
  }
  const wanted = x.shape.filter((_, axis) => axis !== channel);
  if (isSameShape(shape, wanted)) return all.filter((axis) => axis !== channel);
  const without = hasLayout
    ? 'that of x without its channels'
    : 'that of x without its last axis, or as many axes as x, each of size 1 or that of x';
  throw new NormError(
    'shape',
    `${op}: mask has shape ${formatShape(shape)}; for x ${formatShape(x.shape)} it must have ${formatShape(wanted)}, ${without}`,
  );
}
