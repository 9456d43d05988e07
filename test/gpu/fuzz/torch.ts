import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gradientsByReference } from '../support/gradients.ts';
import { normalizedByReference } from '../support/run.ts';
import type { Filled } from './fill-case.ts';

/** What float64 may differ by, relative to the largest number of an array: sums are taken in another order. */
const BOUND = 1e-8;

/** Compares the reference with PyTorch, in a Python that has it; `faultsOf` gives null for what PyTorch has no words for. */
export function openTorch(python: string): {
  faultsOf: (filled: Filled) => Promise<string[] | null>;
  close: () => void;
} {
  const script = fileURLToPath(new URL('./pytorch-oracle.py', import.meta.url));
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    close: () => void child.kill(),
    faultsOf: async ({ fused, dy, dresidualOut, gradients, way }) => {
      const { op, options, x, arrays } = fused;
      // JSON has no NaN, and PyTorch no scales.
      if (!gradients || way === 'quantized') return null;
      const given = Object.entries({ x, ...arrays }).map(([name, { shape, data }]) => [name, [shape, [...data]]]);
      const call = {
        op,
        options,
        arrays: Object.fromEntries(given) as object,
        dy: [...dy.data],
        ...(dresidualOut && { dresidualOut: [...dresidualOut.data] }),
      };
      child.stdin.write(`${JSON.stringify(call)}\n`);
      const { value } = await lines.next();
      if (value === undefined) throw new Error('PyTorch ended: see above');
      const theirs = JSON.parse(value as string) as Record<string, number[]> | { error: string } | null;
      if (!theirs) return null;
      if ('error' in theirs) throw new Error(`PyTorch: ${String(theirs.error)}`);
      const summed = { ...fused, arrays: { ...arrays, ...(dresidualOut && { dresidualOut }) } };
      const ours: Record<string, { data: ArrayLike<number> }> = {
        y: normalizedByReference(fused).y,
        ...gradientsByReference(summed, dy),
      };
      const largestOf = (numbers: readonly number[], least: number): number =>
        numbers.reduce((most, value) => Math.max(most, Math.abs(value)), least);
      // Of sums that cancel, and of what does not spread, the digits that are left are rounding alone.
      const least = 1e-3 * Object.values(theirs).reduce((most, numbers) => largestOf(numbers, most), 1);
      const isSpread = x.data.some((value) => value !== x.data[0]);
      return Object.entries(theirs).flatMap(([name, exact]) => {
        const found = ours[name]?.data;
        if (!found) return [];
        const largest = largestOf(exact, isSpread ? least : 1e6);
        const off = exact.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at]!)), 0) / largest;
        return off <= BOUND ? [] : [`${name} of the reference is ${off} of the largest off that of PyTorch`];
      });
    },
  };
}
