import { geometricMean } from 'simple-statistics';
import { isGrowth } from '../cases/growth.ts';
import type { Pass } from '../cases/case.ts';
import { OURS, OWN_NAMES } from '../libraries/names.ts';
import { formatNumber, formatPercent } from './format.ts';
import type { Measured, Noise, Row } from './results.ts';

/** A geometric mean over cases, and the case that does worst by it. */
export interface Standing {
  cases: number;
  mean: number;
  worst: { case: string; library: string; ratio: number };
}

/** A result that is further off is wrong, and no match however fast, ours or another's: two places of f16 are allowed a library that computes in it. */
const MOST_ERROR: Record<Row['dtype'], number> = { f32: 1e-3, f16: 2 ** -9 };

/** Whether a result is right, as far as it was looked at. */
function isRight({ dtype, maxError }: Row): boolean {
  return (maxError ?? 0) < MOST_ERROR[dtype];
}

/** How many times as fast as the fastest other library webgpu-norm is, in each case that both can do and did right. */
export function againstPeers(rows: readonly Row[], pass: Pass): Standing | null {
  const ratios = oursOf(rows, pass)
    .filter(isRight)
    .flatMap((ours) => {
      const peers = rows.filter(
        (row) => row.case === ours.case && row.pass === pass && row.ms !== null && isRight(row) && !isOwn(row.library),
      );
      const fastest = peers.sort((a, b) => a.ms! - b.ms!)[0];
      return fastest ? [{ case: ours.case, library: fastest.library, ratio: fastest.ms! / ours.ms! }] : [];
    });
  return standingOf(ratios.sort((a, b) => a.ratio - b.ratio));
}

/** Whether it is no peer: a mark to measure by, or ours in one way or another. */
function isOwn(library: string): boolean {
  return (OWN_NAMES as readonly string[]).includes(library) || library.startsWith(`${OURS}, `);
}

/** How many copies webgpu-norm takes. */
export function againstCopy(rows: readonly Row[], pass: Pass): Standing | null {
  const ratios = oursOf(rows, pass).flatMap((row) =>
    row.copyMultiple === null ? [] : [{ case: row.case, library: OURS, ratio: row.copyMultiple }],
  );
  return standingOf(ratios.sort((a, b) => b.ratio - a.ratio));
}

function oursOf(rows: readonly Row[], pass: Pass): Row[] {
  return rows.filter(
    (row) => row.library === OURS && row.pass === pass && row.ms !== null && !isGrowth({ name: row.case }),
  );
}

/** Of the worst first. */
function standingOf(ratios: readonly Standing['worst'][]): Standing | null {
  const worst = ratios[0];
  return worst ? { cases: ratios.length, mean: geometricMean(ratios.map(({ ratio }) => ratio)), worst } : null;
}

/** The outcome in sentences, without times where a CPU pretends to be a GPU. */
export function conclusionsOf({
  results,
  noise,
  software,
}: Pick<Measured, 'results' | 'noise' | 'software'>): string[] {
  const peers = (['forward', 'step'] as const).flatMap((pass) => {
    const standing = againstPeers(results, pass);
    if (!standing) return [];
    const { cases, mean, worst } = standing;
    const least = `${formatNumber(worst.ratio)} in ${worst.case} (${worst.library})`;
    return `${OURS}, ${pass}: ${formatNumber(mean)} times as fast as the fastest peer (geometric mean, ${casesOf(cases)}); least: ${least}.`;
  });
  const copies = (['forward', 'backward', 'step'] as const).flatMap((pass) => {
    const standing = againstCopy(results, pass);
    if (!standing) return [];
    const { cases, mean, worst } = standing;
    const most = `${formatNumber(worst.ratio)} in ${worst.case}`;
    return `${OURS}, ${pass}: ${formatNumber(mean)} copies (geometric mean, ${casesOf(cases)}); most: ${most}.`;
  });
  return [...peers, ...copies, noiseLine(noise, software)];
}

function casesOf(count: number): string {
  return count === 1 ? '1 case' : `${count} cases`;
}

function noiseLine({ median, largest, waitMs, clockMicros }: Noise, software: boolean): string {
  const differs = `the same copy measured twice differs by ${formatPercent(median)} (median; at most ${formatPercent(largest)})`;
  if (software) return `Noise: ${differs}.`;
  return `Noise: ${differs}; an empty submit and wait takes ${formatNumber(waitMs)} ms; the clock steps by ${formatNumber(clockMicros)} µs.`;
}

/** What failed, each reason once. */
export function failuresOf(rows: readonly Row[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { library, error, case: name, pass } of rows) {
    if (error === undefined) continue;
    const reason = `${library}: ${error}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), `${name} ${pass}`]);
  }
  return [...reasons].map(([reason, where]) =>
    where.length > 1 ? `${reason} (${where.length} times, first in ${where[0]})` : `${reason} (${where[0]})`,
  );
}
