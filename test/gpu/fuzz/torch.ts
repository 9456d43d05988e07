import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as reference from '../../../src/reference/index.ts';
import { gradientsByReference } from '../support/gradients.ts';
import { scalesShape } from '../support/quantized.ts';
import { exactOptionsWith, normalizedByReference } from '../support/run.ts';
import { largest } from '../support/units.ts';
import type { Filled } from './fill-case.ts';
import { groupsOf } from './in-parts.ts';
import { rstdOf, unaskedOf } from './unasked.ts';

/** What float64 may differ by, relative to the largest number of an array: sums are taken in another order. */
const BOUND = 1e-8;
/** What is lost of sums that cancel, as a share of their terms. */
const CANCELLED = 1e-3;

type Arrays = Readonly<Record<string, { data: ArrayLike<number> }>>;

/** Compares the reference with PyTorch, in a Python that has it; `faultsOf` gives null for what it is not asked. */
export function openTorch(python: string): {
  faultsOf: (filled: Filled) => Promise<string[] | null>;
  close: () => void;
} {
  const script = fileURLToPath(new URL('./pytorch/oracle.py', import.meta.url));
  const child = spawn(python, ['-B', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answerTo = async (call: object): Promise<Arrays> => {
    // JSON has no NaN.
    const text = JSON.stringify(call, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
    child.stdin.write(`${text}\n`);
    const { value } = await lines.next();
    if (value === undefined) throw new Error('PyTorch ended: see above');
    const found = JSON.parse(value as string) as Record<string, (number | string)[]> | { error: string };
    if ('error' in found) throw new Error(`PyTorch: ${String(found.error)}`);
    return Object.fromEntries(Object.entries(found).map(([name, data]) => [name, { data: data.map(Number) }]));
  };
  return {
    close: () => void child.kill(),
    faultsOf: async (filled) => {
      if (unaskedOf(filled) === 'anything') return null;
      return differences(filled, byReference(filled), await answerTo(questionOf(filled)));
    },
  };
}

/** A call as PyTorch is told it. */
function questionOf({ fused, dy, dresidualOut, gradients, way }: Filled): object {
  const { op, options, x, arrays } = fused;
  const given = Object.entries({ x, ...arrays }).map(([name, { shape, data }]) => [name, [shape, [...data]]]);
  return {
    op,
    options,
    arrays: Object.fromEntries(given) as object,
    quantized: way === 'quantized',
    gradients: gradients && way !== 'quantized',
    ...(way === 'in parts' && { moments: groupsOf(fused) }),
    dy: [...dy.data],
    ...(dresidualOut && { dresidualOut: [...dresidualOut.data] }),
  };
}

/** The same by the reference. */
function byReference({ fused, dy, dresidualOut, gradients, way }: Filled): Arrays {
  const { op, options, x, arrays } = fused;
  if (way === 'quantized') {
    const { y, scales, residualOut } = reference[`${op as 'layerNorm'}Quantized`](x, exactOptionsWith(options, arrays));
    return { y, scales, ...(residualOut && { residualOut }) };
  }
  const { mean: _, rstd: __, ...values } = normalizedByReference(fused);
  const parts = way === 'in parts' ? groupsOf(fused) : null;
  const ofParts = parts && reference.moments({ data: x.data, shape: parts.shape }, { axes: parts.axes });
  const summed = { ...fused, arrays: { ...arrays, ...(dresidualOut && { dresidualOut }) } };
  return {
    ...values,
    ...(ofParts && { mean: ofParts.mean, variance: ofParts.variance }),
    ...(gradients && gradientsByReference(summed, dy)),
  };
}

function differences(filled: Filled, ours: Arrays, { quotients, ...theirs }: Arrays): string[] {
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  const missing = names.filter((name) => !ours[name] || !theirs[name]);
  if (missing.length > 0) return [`${missing.join()} of the reference or of PyTorch is missing`];
  const [mine, exact] = quotients
    ? ([ours, theirs].map((of) => dequantized(filled, of)) as [Arrays, Arrays])
    : [ours, theirs];
  // Of two whole numbers as near PyTorch may take the other.
  const isNearTie = (at: number): boolean => Math.abs(Math.abs(quotients!.data[at]! % 1) - 0.5) < 1e-6;
  return names.flatMap((name) => {
    const tied = quotients && name === 'y' ? isNearTie : () => false;
    const most = Array.from(exact[name]!.data).reduce((worst, value, at) => {
      const found = mine[name]!.data[at]!;
      if (Object.is(found, value) || found === value || tied(at)) return worst;
      const off = Math.abs(found - value);
      return Number.isNaN(off) ? Infinity : Math.max(worst, off);
    }, 0);
    const off = most / magnitudeOf(name, filled, exact);
    return off <= BOUND ? [] : [`${name} of the reference is ${off} of the largest off that of PyTorch`];
  });
}

/** y · scale in the place of y. */
function dequantized({ fused: { x, options, arrays } }: Filled, of: Arrays): Arrays {
  const { axes, groupSize } = options as { axes?: number[]; groupSize?: number };
  const shape = arrays['scales']?.shape ?? scalesShape(x.shape, options);
  const { data } = reference.dequantize(
    { data: of['y']!.data, shape: x.shape },
    { data: of['scales']!.data, shape },
    { axes, groupSize },
  );
  return { ...of, y: { data } };
}

/** What a gradient that has passed the statistics is as large as. */
const THROUGH_STATISTICS = new Set(['dx', 'dresidual', 'dgate', 'dinputBias', 'dby', 'dmeanScale', 'dstyle', 'dalpha']);

/** How large what an array is a sum of may be. */
function magnitudeOf(name: string, { fused }: Filled, exact: Arrays): number {
  const own = largest(exact[name], Number.MIN_VALUE);
  const ofX = largest(fused.x) + largest(fused.arrays['residual']);
  if (name === 'mean' || name === 'runningMean') return own + ofX;
  if (name === 'variance' || name === 'runningVar') return own + CANCELLED * ofX ** 2;
  if (!name.startsWith('d')) return name === 'y' ? Math.max(own, 1) : own;
  // Of what does not spread, the digits that are left are rounding alone.
  if (fused.x.data.every((value) => value === fused.x.data[0])) return Math.max(own, 1e6);
  const kin = Object.keys(exact).filter(
    (one) => one.startsWith('d') && THROUGH_STATISTICS.has(one) === THROUGH_STATISTICS.has(name),
  );
  const rstd = THROUGH_STATISTICS.has(name) ? largest(fused.arrays['alpha'] ?? rstdOf(fused)) : 1;
  return Math.max(own, CANCELLED * kin.reduce((most, one) => largest(exact[one], most), rstd));
}
