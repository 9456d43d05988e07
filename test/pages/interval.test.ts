import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differsFromZero, estimateOf, STUDENT_T } from '../../examples/train/interval.ts';
import {
  batchVerdict,
  differencesAtEnd,
  finalError,
  formatDifference,
  formatInterval,
  formatPercent,
  sigmoidVerdict,
} from '../../examples/train/summary.ts';
import type { Row } from '../../examples/train/settings.ts';
import { root } from './serve.ts';

/** Recorded by `npm run train`. */
const { rows, seeds } = JSON.parse(readFileSync(`${root}examples/train/results.json`, 'utf8')) as {
  rows: Row[];
  seeds: number[];
};

/** The area under the density of Student's t between -t and t: Simpson's rule, and the gamma function by its recurrence. */
function confidence(t: number, degrees: number): number {
  const halfGamma = (twice: number): number =>
    twice === 1 ? Math.sqrt(Math.PI) : twice === 2 ? 1 : (twice / 2 - 1) * halfGamma(twice - 2);
  const scale = halfGamma(degrees + 1) / (Math.sqrt(degrees * Math.PI) * halfGamma(degrees));
  const density = (x: number): number => scale * (1 + (x * x) / degrees) ** (-(degrees + 1) / 2);
  const [pieces, width] = [4000, t / 4000];
  const sum = Array.from({ length: pieces + 1 }, (_, index) => {
    const weight = index === 0 || index === pieces ? 1 : index % 2 === 1 ? 4 : 2;
    return weight * density(index * width);
  }).reduce((total, one) => total + one, 0);
  return (2 * sum * width) / 3;
}

describe('the interval of a mean', () => {
  it('is that of Student’s own data: the sleep of ten patients with two drugs', () => {
    // Student 1908, The probable error of a mean; the interval is what R prints for t.test(extra ~ group, sleep, paired = TRUE).
    const { mean, low, high } = estimateOf([1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4])!;
    expect(mean).toBeCloseTo(1.58, 10);
    expect(low / 0.7001142).toBeCloseTo(1, 3);
    expect(high / 2.4598858).toBeCloseTo(1, 3);
  });

  it('has 95 % of the distribution in it, with every number of seeds', () => {
    for (const [index, t] of STUDENT_T.entries()) expect(confidence(t, index + 1), `${index + 1}`).toBeCloseTo(0.95, 4);
    expect(confidence(STUDENT_T.at(-1)!, 100)).toBeGreaterThan(0.95);
    expect(STUDENT_T.at(-1)! / 1.959964, 'of endlessly many').toBeLessThan(1.05);
  });

  it('is not there of one value, and says whether 0 is in it', () => {
    expect(estimateOf([3])).toBeUndefined();
    expect(differsFromZero(estimateOf([1, 1.1, 0.9])!)).toBe(true);
    expect(differsFromZero(estimateOf([-1, -1.1, -0.9])!)).toBe(true);
    expect(differsFromZero(estimateOf([1, -1, 0.5])!)).toBe(false);
    expect(formatDifference({ mean: 0.033, low: -0.0004, high: 0.0664 })).toBe(
      '+3.3 points (95\u00a0% interval 0.0 to +6.6)',
    );
    expect(formatDifference({ mean: -0.05, low: -0.06, high: -0.04 })).toContain('\u22125.0');
  });
});

/** The mean of the last four test errors, each seed's. */
const endsOf = (norm: string, batchSize: number): number[] =>
  seeds.map((seed) => {
    const all = rows.filter(
      (row) => row.experiment === 'batch size' && row.norm === norm && row.batchSize === batchSize && row.seed === seed,
    );
    expect(all, `${norm} ${batchSize} ${seed}`).toHaveLength(16);
    return (all[12]!.testError + all[13]!.testError + all[14]!.testError + all[15]!.testError) / 4;
  });

describe('the summary of what is recorded', () => {
  it('states BatchNorm less GroupNorm at each batch size, paired by seed', () => {
    const differences = differencesAtEnd(rows);
    expect(differences.map(([size]) => size)).toEqual([32, 16, 8, 4, 2]);
    for (const [size, { mean, low, high }] of differences) {
      const [batch, group] = [endsOf('batch', size), endsOf('group', size)];
      const pairs = batch.map((end, index) => end - group[index]!);
      const n = pairs.length;
      const sum = pairs.reduce((total, one) => total + one, 0);
      const squares = pairs.reduce((total, one) => total + one * one, 0);
      const error = Math.sqrt((squares - (sum * sum) / n) / (n - 1) / n);
      expect(mean).toBeCloseTo(sum / n, 10);
      // How often a mean of so many seeds is farther off than this, by the density itself.
      expect(confidence((high - mean) / error, n - 1)).toBeCloseTo(0.95, 4);
      expect(mean - low).toBeCloseTo(high - mean, 10);
    }
  });

  it('is cited in the documentation as it is', () => {
    const cited = readFileSync(`${root}docs/training.md`, 'utf8').replaceAll('\n', ' ');
    const said = `${sigmoidVerdict(rows)} ${batchVerdict(rows)}`.replaceAll('\u00a0', ' ');
    expect(cited).toContain(`The recorded run has ${seeds.length} seeds.`);
    for (const [steps] of said.matchAll(/\d+ to \d+(?= steps)|[+\u2212][\d.]+ points \([^)]*\)/g))
      expect(cited).toContain(steps);
    for (const [size, difference] of differencesAtEnd(rows)) {
      const [batch, group] = (['batch', 'group'] as const).map((norm) =>
        formatPercent(finalError(rows, norm, size)!.mean),
      );
      const line = `| ${size} | ${batch} | ${group} | ${formatInterval(difference)} |`;
      expect(cited).toContain(line.replaceAll('\u00a0', ' '));
    }
  });

  it('pairs seeds that both have, and needs two of them', () => {
    const some = rows.filter(({ norm, seed }) => norm !== 'group' || seed < 3);
    const all = rows.filter(({ seed }) => seed < 3);
    expect(differencesAtEnd(some)).toEqual(differencesAtEnd(all));
    expect(differencesAtEnd(rows.filter(({ seed }) => seed === 1))).toEqual([]);
    expect(batchVerdict(rows.filter(({ seed }) => seed === 1))).toContain('one seed does not say');
  });

  it('says in words what the numbers show, and not more', () => {
    expect(batchVerdict(rows)).toMatch(/BatchNorm [\d.]+.% at a batch of 32, [\d.]+.% at 2: it grows, \+/);
    expect(sigmoidVerdict(rows)).toContain('BatchNorm is faster with every seed');
    const level = rows.map((row) => ({ ...row, testError: 0.1 + 0.001 * ((row.seed * row.batchSize) % 7) }));
    expect(batchVerdict(level)).toMatch(/GroupNorm .*: no change that the seeds show/);
    const turned = rows.map((row): Row => ({ ...row, batchSize: 64 / row.batchSize }));
    expect(batchVerdict(turned)).toMatch(/BatchNorm .*: it shrinks, \u2212/);
  });
});
