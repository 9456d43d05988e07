import { gather } from './core.ts';
import { countingOf } from './counting.ts';
import type { Fusion } from './fusion.ts';
import { checkSameShape, normalizedSum, readersOf } from './fusion.ts';
import type { Grouping } from './groups.ts';
import { placesIn } from './groups.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { checkArray } from './ndarray.ts';
import type { Pullback } from './pullback.ts';
import { adder, reader } from './spread.ts';
import type { Measure } from './statistics.ts';

/** The derivatives of Σ dy · y + Σ dresidualOut · s, each of the shape of what it is with respect to, where the call has that. */
export interface Gradients {
  dx: Float64NdArray;
  dresidual?: Float64NdArray;
  dgate?: Float64NdArray;
  dweight?: Float64NdArray;
  dbias?: Float64NdArray;
  dscale?: Float64NdArray;
  dshift?: Float64NdArray;
}

export interface BackwardOptions {
  /** The gradient that arrives at the sum s itself, of the shape of x. */
  dresidualOut?: NdArray | undefined;
}

/** Their names. */
export const BACKWARD = ['dresidualOut'] as const;

/** What arrives at the results. */
export interface Arriving extends BackwardOptions {
  dy: NdArray;
}

/**
 * Which elements share statistics: those that differ only along the axes of the grouping. With the normalized n and
 *
 *     a = n · weight + bias        z = a · (1 + scale) + shift        y = activation(z)
 *
 * the derivatives are these, each sum over all that the parameter is repeated for:
 *
 *     dz = dy · activation′(z)     dshift = Σ dz             dscale = Σ dz · a
 *     da = dz · (1 + scale)        dbias = Σ da              dweight = Σ da · n
 *     g  = da · weight             ds = pullback(g) + dresidualOut
 *     dx = ds                      dresidual = gate · ds     dgate = Σ ds · residual
 *
 * Where the output is masked, y and s are constants, and nothing goes back from them.
 */
export function gradientOver(
  { dy, dresidualOut }: Arriving,
  x: NdArray,
  grouping: Grouping,
  measure: Measure,
  pullback: Pullback,
  fusion: Fusion,
): Gradients {
  checkArray('x', x);
  checkSameShape('dy', dy, x.shape);
  if (dresidualOut) checkSameShape('dresidualOut', dresidualOut, x.shape);
  const { curve, residual } = fusion;
  const at = placesIn(grouping);
  const length = at.element.length;
  const sum = normalizedSum(x, fusion, grouping);
  const countedOf = countingOf(fusion, grouping);
  const { weight, bias, scale, shift, silent } = readersOf(fusion, grouping);
  const gate = reader(fusion.gate, grouping, 1);
  const dx = new Float64Array(x.data.length);
  const dresidual = new Float64Array(residual ? x.data.length : 0);
  const [dgate, dweight, dbias] = [fusion.gate, fusion.weight, fusion.bias].map((one) => adder(one, grouping));
  const [dscale, dshift] = [fusion.scale, fusion.shift].map((one) => adder(one, grouping));

  for (let index = 0; length > 0 && index < at.group.length; index++) {
    const [values, normalized, g] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
    const counted = countedOf(index);
    gather(sum, at.group[index]!, at.element, values);
    normalized.set(values);
    const { divisor } = measure(normalized, index, counted);
    const factor = divisor === 0 ? 0 : 1 / divisor;
    for (let e = 0; e < length; e++) {
      if (silent(index, e)) {
        // Not 0 · normalized, which may be NaN.
        normalized[e] = 0;
        continue;
      }
      normalized[e]! *= factor;
      const a = normalized[e]! * weight(index, e) + bias(index, e);
      const z = a * (1 + scale(index, e)) + shift(index, e);
      const dz = dy.data[at.group[index]! + at.element[e]!]! * curve.slope(z);
      const da = dz * (1 + scale(index, e));
      dshift!.add(index, e, dz);
      dscale!.add(index, e, dz * a);
      dbias!.add(index, e, da);
      dweight!.add(index, e, da * normalized[e]!);
      g[e] = da * weight(index, e);
    }
    const pulled = pullback({ index, g, normalized, values, factor, counted });
    for (let e = 0; e < length; e++) {
      const place = at.group[index]! + at.element[e]!;
      if (silent(index, e)) continue;
      const ds = pulled[e]! + (dresidualOut ? dresidualOut.data[place]! : 0);
      dx[place] = ds;
      if (!residual) continue;
      dresidual[place] = gate(index, e) * ds;
      dgate!.add(index, e, ds * residual.data[place]!);
    }
  }
  return {
    dx: { data: dx, shape: x.shape },
    ...(residual && { dresidual: { data: dresidual, shape: x.shape } }),
    ...(dgate!.sums && { dgate: dgate!.sums }),
    ...(dweight!.sums && { dweight: dweight!.sums }),
    ...(dbias!.sums && { dbias: dbias!.sums }),
    ...(dscale!.sums && { dscale: dscale!.sums }),
    ...(dshift!.sums && { dshift: dshift!.sums }),
  };
}
