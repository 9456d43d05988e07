import type { Activation } from '../../src/options/activation.ts';
import published from './pytorch-activations.json';

/** What PyTorch gives for activations, and sends back, of numbers that need not be finite (pytorch-activations.py). */

const numbers = (values: readonly (string | number)[]): number[] => values.map(Number);

export const AT: readonly number[] = numbers(published.at);

/** Of one activation: its values at all of AT, and of each dy what goes back there. */
export const PYTORCH_ACTIVATIONS = Object.entries(published.activations).map(([activation, { y, dx }]) => ({
  activation: activation as Activation,
  y: numbers(y),
  dx: dx.map((values, index) => ({ dy: Number(published.dy[index]), values: numbers(values) })),
}));

/** Where two lists of numbers differ by more than `bound`, relatively; a NaN is like another, and a zero whatever its sign. */
export function differing(actual: ArrayLike<number>, expected: readonly number[], bound: number): string[] {
  return expected.flatMap((wanted, index) => {
    const found = actual[index]!;
    const close = Math.abs(found - wanted) <= bound * Math.abs(wanted);
    return Object.is(found + 0, wanted + 0) || close ? [] : [`at ${AT[index]}: ${found}, not ${wanted}`];
  });
}
