import { NormError } from '../errors.ts';
import { formatShape } from './shape.ts';
import type { Shape } from './shape.ts';
import { formatValue } from '../options/format-value.ts';

/**
 * Axes counted from the front and in order.
 *
 * @throws NormError `axes` where one is out of range, repeated or not an integer, or where there is none.
 */
export function resolveAxes(op: string, axes: number | readonly number[], shape: Shape): number[] {
  const given = typeof axes === 'number' ? [axes] : axes;
  const rank = shape.length;
  if (!Array.isArray(given)) {
    throw new NormError('axes', `${op}: axes is ${formatValue(axes)}; it must be an axis or an Array of axes`);
  }
  if (given.length === 0) {
    throw new NormError(
      'axes',
      `${op}: axes is empty; name at least one of the ${rank} axes of x ${formatShape(shape)}`,
    );
  }
  const resolved = Array.from(given as readonly unknown[], (axis) => {
    if (typeof axis !== 'number') {
      throw new NormError('axes', `${op}: axes has ${formatValue(axis)} as an axis; every axis must be a whole number`);
    }
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
      const range = rank === 0 ? 'x has no axes' : `x ${formatShape(shape)} has axes ${-rank} to ${rank - 1}`;
      throw new NormError('axes', `${op}: axis ${axis} is out of range; ${range}`);
    }
    return axis < 0 ? axis + rank : axis;
  });
  if (new Set(resolved).size < resolved.length) {
    throw new NormError('axes', `${op}: axes [${given.join(',')}] name an axis of x ${formatShape(shape)} twice`);
  }
  return resolved.toSorted((a, b) => a - b);
}
