import type { OutputName } from '../cases/case.ts';

type Outputs<T> = Partial<Record<OutputName, T>>;

/**
 * The largest difference of an output, relative to its largest element, over all outputs that there are.
 *
 * @throws Error where a result is missing, of another size, or no number.
 */
export function largestError(found: Outputs<Float32Array>, exact: Outputs<Float64Array>): number {
  const errors = Object.entries(found).map(([name, values]) => {
    const expected = exact[name as OutputName];
    if (!expected || expected.length !== values.length) {
      throw new Error(`${name} has ${values.length} elements instead of ${expected?.length ?? 'none'}`);
    }
    return differenceOf(name, values, expected);
  });
  if (errors.length === 0) throw new Error('there is no result');
  return Math.max(...errors);
}

function differenceOf(name: string, values: Float32Array, expected: Float64Array): number {
  let [difference, largest] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const off = Math.abs(values[i]! - expected[i]!);
    if (!(off < Infinity)) throw new Error(`${name} holds ${values[i]} where it should be ${expected[i]}`);
    difference = Math.max(difference, off);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return largest === 0 ? difference : difference / largest;
}
