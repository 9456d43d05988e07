import { NormError } from '../errors.ts';
import { checkFlags, checkNames } from '../problem/options.ts';
import { formatShape } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';

/** @throws NormError `option` where a name is not one the layer takes, or a flag is neither true nor false. */
export function checkOptions(layer: string, options: object, names: readonly string[], flags: readonly string[]): void {
  checkNames(layer, options, names);
  checkFlags(layer, options, flags);
}

/** @throws NormError `option` unless it is a positive whole number. */
export function checkCount(layer: string, name: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new NormError('option', `${layer}: ${name} is ${String(count)}; it must be a positive whole number`);
  }
}

/** @throws NormError `shape` unless x has one of these numbers of axes. */
export function checkRank(layer: string, x: Shape, ranks: readonly number[]): void {
  if (!ranks.includes(x.length)) {
    throw new NormError(
      'shape',
      `${layer}: x ${formatShape(x)} has ${x.length} axes; it must have ${ranks.join(' or ')}`,
    );
  }
}
