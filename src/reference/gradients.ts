import type { Affine } from './core.ts';
import { gather } from './core.ts';
import { placesOf } from './groups.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { checkArray, formatShape } from './ndarray.ts';
import type { Measure, Statistic } from './statistics.ts';

/** The derivatives of Σ dy · y with respect to x, weight and bias, each of the shape of what it is with respect to. */
export interface Gradients {
  dx: Float64NdArray;
  /** Where the call has a weight. */
  dweight?: Float64NdArray;
  /** Where the call has a bias. */
  dbias?: Float64NdArray;
}

/** One group on its way back: of each element g = dy · weight, the normalized value and x itself; and the group's factor. */
export interface Group {
  index: number;
  g: Float64Array;
  normalized: Float64Array;
  x: Float64Array;
  factor: number;
}

/** dx of one group, element by element, from how its statistics depend on x. */
export type Pullback = (group: Group) => Float64Array;

/**
 * Which elements share statistics: those that differ only along `axes`. With y = n · weight + bias for the normalized n:
 *
 *     dweight = Σ dy · n and dbias = Σ dy over all that they are broadcast along,   dx by the pullback of g = dy · weight.
 */
export function gradientOver(
  dy: NdArray,
  x: NdArray,
  axes: readonly number[],
  measure: Measure,
  pullback: Pullback,
  { weight, bias }: Affine = {},
): Gradients {
  checkArray('x', x);
  checkArray('dy', dy);
  if (formatShape(dy.shape) !== formatShape(x.shape)) {
    throw new Error(`dy has shape ${formatShape(dy.shape)}, but x has ${formatShape(x.shape)}`);
  }
  const at = placesOf('x', x.shape, x.shape, axes);
  const weightAt = placesOf('weight', weight?.shape ?? [], x.shape, axes);
  const biasAt = placesOf('bias', bias?.shape ?? [], x.shape, axes);
  const length = at.element.length;
  const dx = new Float64Array(x.data.length);
  const dweight = new Float64Array(weight?.data.length ?? 1);
  const dbias = new Float64Array(bias?.data.length ?? 1);

  for (let index = 0; index < at.group.length; index++) {
    const [values, normalized, g] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
    gather(x.data, at.group[index]!, at.element, values);
    normalized.set(values);
    const { divisor } = measure(normalized, index);
    const factor = divisor === 0 ? 0 : 1 / divisor;
    for (let e = 0; e < length; e++) {
      const pulled = dy.data[at.group[index]! + at.element[e]!]!;
      const ofWeight = weightAt.group[index]! + weightAt.element[e]!;
      normalized[e]! *= factor;
      g[e] = pulled * (weight ? weight.data[ofWeight]! : 1);
      dweight[ofWeight]! += pulled * normalized[e]!;
      dbias[biasAt.group[index]! + biasAt.element[e]!]! += pulled;
    }
    const pulled = pullback({ index, g, normalized, x: values, factor });
    for (let e = 0; e < length; e++) dx[at.group[index]! + at.element[e]!] = pulled[e]!;
  }
  return {
    dx: { data: dx, shape: x.shape },
    ...(weight && { dweight: { data: dweight, shape: weight.shape } }),
    ...(bias && { dbias: { data: dbias, shape: bias.shape } }),
  };
}

/** The factor does not depend on x. */
export const constantPullback: Pullback = ({ g, factor }) => g.map((value) => factor * value);

/**
 * By the definitions of the statistics, f being the factor and n the normalized values:
 *
 *     mean-variance   f · (g − mean(g) − n · mean(g · n))
 *     rms             f · (g − n · mean(g · n))
 *     l2              f · (g − n · Σ g · n)          f · g where Σx² < eps²
 *     l1              f · (g − sign(x) · Σ g · n)    f · g where Σ|x| < eps
 *     sum             f · (g − Σ g · n)              f · g where |Σx| < eps
 */
export function pullbackOf(statistic: Statistic, eps: number): Pullback {
  return (group) => {
    const { g, normalized: n, x, factor } = group;
    const dot = sum(g.map((value, e) => value * n[e]!));
    const each = (term: (value: number, e: number) => number): Float64Array =>
      g.map((value, e) => factor * term(value, e));
    switch (statistic) {
      case 'mean-variance': {
        const mean = sum(g) / g.length;
        return each((value, e) => value - mean - (n[e]! * dot) / g.length);
      }
      case 'rms':
        return each((value, e) => value - (n[e]! * dot) / g.length);
      case 'l2':
        return Math.sqrt(sum(x.map((value) => value * value))) < eps
          ? constantPullback(group)
          : each((value, e) => value - n[e]! * dot);
      case 'l1':
        return sum(x.map(Math.abs)) < eps
          ? constantPullback(group)
          : each((value, e) => value - Math.sign(x[e]!) * dot);
      case 'sum':
        return Math.abs(sum(x)) < eps ? constantPullback(group) : each((value) => value - dot);
    }
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The gradients of parameters in the shapes that the caller gave them in. */
export function inGivenShapes(gradients: Gradients, { weight, bias }: Affine): Gradients {
  const { dx, dweight, dbias } = gradients;
  return {
    dx,
    ...(dweight && weight && { dweight: { data: dweight.data, shape: weight.shape } }),
    ...(dbias && bias && { dbias: { data: dbias.data, shape: bias.shape } }),
  };
}
