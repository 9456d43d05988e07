import type { NdArray } from './ndarray.ts';
import { formatShape, keepOnly } from './ndarray.ts';
import type { Spread } from './spread.ts';
import { spreadAs, spreadByNumPy } from './spread.ts';

export interface Affine {
  weight?: NdArray | undefined;
  bias?: NdArray | undefined;
  /** Whether weight + 1 takes the place of weight, as in Gemma (https://arxiv.org/abs/2403.08295). Default false. */
  zeroCenteredWeight?: boolean | undefined;
}

/** Weight and bias of {@link Affine} along x. */
export interface AffineSpread {
  weight?: Spread | undefined;
  bias?: Spread | undefined;
  zeroCenteredWeight?: boolean | undefined;
}

/** Each broadcasts to x by NumPy's rules. */
export function affineByNumPy(x: readonly number[], affine: Affine): AffineSpread {
  return spreadBoth(affine, (name, array) => spreadByNumPy(name, array, x));
}

/** Each varies along some axes of x only, and has their shape. */
export function affineAlong(axes: readonly number[], x: readonly number[], affine: Affine): AffineSpread {
  return spreadBoth(affine, (name, array) => spreadAs(name, array, keepOnly(x, axes), x));
}

/** As {@link affineAlong}; or each has the shape of trailing axes of x, all of `axes` among them. */
export function affineAlongOrTrailing(axes: readonly number[], x: readonly number[], affine: Affine): AffineSpread {
  return spreadBoth(affine, (name, array) => {
    const first = x.length - array.shape.length;
    const trailing = first >= 0 && formatShape(x.slice(first)) === formatShape(array.shape);
    return trailing && axes.every((axis) => axis >= first)
      ? spreadByNumPy(name, array, x)
      : spreadAs(name, array, keepOnly(x, axes), x);
  });
}

function spreadBoth(
  { weight, bias, zeroCenteredWeight }: Affine,
  spread: (name: string, array: NdArray) => Spread,
): AffineSpread {
  return { weight: weight && spread('weight', weight), bias: bias && spread('bias', bias), zeroCenteredWeight };
}
