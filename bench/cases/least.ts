import { arrivingOf, bytesOf, inputShapes, isLarge, outputNames, sizeOf } from './case.ts';
import type { Case, InputName, OutputName, Pass } from './case.ts';

/**
 * What a pass has to move at least, in copies of x: every array of its size that it takes is read once, every one that it gives
 * is written once, and two of these make a copy. Where one of them does not fit on chip, statistics over all of it cost a
 * further reading, which counts as time, not as need.
 *
 * A residual makes this two copies forward: x and the residual are read, y and residualOut are written. All times are still held
 * against a single copy, so that cases can be compared; this number says how much of that a case cannot avoid.
 */
export function leastCopies(of: Case, pass: Pass): number {
  // The gradient reads what was normalized, which with a residual is residualOut, in place of x and the residual.
  const read = (Object.keys(inputShapes(of)) as InputName[]).filter((name) => name !== 'residual');
  // y of 8 bits is a part of an array of x's.
  const saved = of.quantized ? 1 - sizeOf(of.shape) / bytesOf(of) : 0;
  const forward = arraysOf([...Object.keys(inputShapes(of)), ...outputNames(of, 'forward')]) - saved;
  const backward = arraysOf([...read, ...arrivingOf(of), ...outputNames(of, 'backward')]);
  return (pass === 'forward' ? forward : pass === 'backward' ? backward : forward + backward) / 2;
}

function arraysOf(names: readonly string[]): number {
  return names.filter((name) => isLarge(name as InputName | OutputName)).length;
}
