import { gather } from './core.ts';
import { countingOf } from './counting.ts';
import type { Fusion } from './fusion.ts';
import { checkSameShape, inputReaders, normalizedSum, readersOf } from './fusion.ts';
import type { Grouping } from './groups.ts';
import { placesIn } from './groups.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { checkArray } from './ndarray.ts';
import type { Pullback } from './pullback.ts';
import { adder } from './spread.ts';
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
  dinputBias?: Float64NdArray;
  dby?: Float64NdArray;
  dadd?: Float64NdArray;
  dmeanScale?: Float64NdArray;
}

export interface BackwardOptions {
  /** The gradient that arrives at the sum s itself, of the shape of x. */
  dresidualOut?: NdArray | undefined;
}

/** Their names. */
export const BACKWARD = ['dresidualOut'] as const;

/** Gradients that arrive at the results. */
export interface Arriving extends BackwardOptions {
  dy: NdArray;
}

/**
 * Which elements share statistics: those that differ only along the axes of the grouping. With the normalized n and
 *
 *     a = n · weight + bias        z = a · (1 + scale) + shift        u = z · m(by) + add        y = activation(u)
 *
 * the derivatives are these, each sum over all that the parameter is repeated for:
 *
 *     du = dy · activation′(u)     dadd = Σ du               dby = Σ du · z · m′(by)
 *     dz = du · m(by)              dshift = Σ dz             dscale = Σ dz · a
 *     da = dz · (1 + scale)        dbias = Σ da              dweight = Σ da · n
 *     g  = da · weight             ds = pullback(g) + dresidualOut
 *     dx = ds                      dresidual = Σ gate · ds   dgate = Σ ds · residual     dinputBias = Σ ds
 *     where x was multiplied:      dx = ds · m(by)           dby = Σ ds · x · m′(by)
 *
 * A dy that arrives behind a rotation is rotated back first. Where the output is masked, y and s are constants, and nothing goes back from them.
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
  const { curve } = fusion;
  const at = placesIn(grouping);
  const length = at.element.length;
  const sum = normalizedSum(x, fusion, grouping);
  const countedOf = countingOf(fusion, grouping);
  const { weight, bias, scale, shift, after, add, silent } = readersOf(fusion, grouping);
  const { before, gate, residual } = inputReaders(fusion, grouping);
  const dx = new Float64Array(x.data.length);
  const [dgate, dweight, dbias] = [fusion.gate, fusion.weight, fusion.bias].map((one) => adder(one, grouping));
  const [dscale, dshift, dadd] = [fusion.scale, fusion.shift, fusion.add].map((one) => adder(one, grouping));
  const [dresidual, dinputBias] = [fusion.residual, fusion.inputBias].map((one) => adder(one, grouping));
  const dby = adder(fusion.factor?.by, grouping);

  for (let index = 0; length > 0 && index < at.group.length; index++) {
    const [values, normalized, g] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
    const counted = countedOf(index);
    gather(sum, at.group[index]!, at.element, values);
    const arriving = values.map((_, e) => (silent(index, e) ? 0 : dy.data[at.group[index]! + at.element[e]!]!));
    const own = fusion.rotation?.(arriving, index, -1) ?? arriving;
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
      const u = z * after.value(index, e) + add(index, e);
      const du = curve.gradient(u, own[e]!);
      const dz = du * after.value(index, e);
      dadd!.add(index, e, du);
      dby.add(index, e, after.gradient(index, e, du * z));
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
      dx[place] = ds * before.value(index, e);
      dby.add(index, e, before.gradient(index, e, ds * x.data[place]!));
      dinputBias!.add(index, e, ds);
      dresidual!.add(index, e, gate(index, e) * ds);
      dgate!.add(index, e, ds * residual(index, e));
    }
  }
  return {
    dx: { data: dx, shape: x.shape },
    ...(dresidual!.sums && { dresidual: dresidual!.sums }),
    ...(dinputBias!.sums && { dinputBias: dinputBias!.sums }),
    ...(dgate!.sums && { dgate: dgate!.sums }),
    ...(dweight!.sums && { dweight: dweight!.sums }),
    ...(dbias!.sums && { dbias: dbias!.sums }),
    ...(dscale!.sums && { dscale: dscale!.sums }),
    ...(dshift!.sums && { dshift: dshift!.sums }),
    ...(dby.sums && { dby: dby.sums }),
    ...(dadd!.sums && { dadd: dadd!.sums }),
  };
}
