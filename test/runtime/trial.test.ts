import { describe, expect, it } from 'vitest';
import { fasterOf } from '../../src/runtime/trial.ts';

/** A sampler of a device that takes so many milliseconds for a repetition of each choice, and what was asked of it. */
function pretended(milliseconds: Record<number, number | ((sample: number) => number)>) {
  const asked: [choice: number, repetitions: number][] = [];
  const sample = async (choice: number, repetitions: number): Promise<number> => {
    asked.push([choice, repetitions]);
    const each = milliseconds[choice]!;
    return repetitions * (typeof each === 'number' ? each : each(asked.length));
  };
  return { asked, sample };
}

const always = (): number => 1;

describe('the faster of two choices', () => {
  it.each([
    ['is the usual one of equals', { 8: 1, 16: 1 }, 8],
    ['is the usual one where the other is a little faster', { 8: 1, 16: 0.95 }, 8],
    ['is the usual one where the other is slower', { 8: 1, 16: 3 }, 8],
    ['is the other where that is clearly faster', { 8: 1, 16: 0.8 }, 16],
    ['is the usual one where the clock does not move', { 8: 0, 16: 0 }, 8],
  ] as const)('%s', async (_, milliseconds, expected) => {
    expect(await fasterOf(8, 16, pretended(milliseconds).sample, always)).toBe(expected);
  });

  it('is not moved by a sample that something came between', async () => {
    const slowOnce = (slow: number) => (sample: number) => (sample === slow ? 50 : 1);
    // The first sample counts repetitions; then they alternate, the usual one first.
    expect(await fasterOf(8, 16, pretended({ 8: slowOnce(4), 16: 1 }).sample, always)).toBe(8);
    expect(await fasterOf(8, 16, pretended({ 8: 2, 16: slowOnce(5) }).sample, always)).toBe(16);
  });

  it('takes samples in turn, as long as a clock needs, and each as often', async () => {
    const { asked, sample } = pretended({ 8: 0.1, 16: 0.1 });
    await fasterOf(8, 16, sample, always);
    expect(asked).toEqual([
      [8, 1],
      ...Array.from(
        { length: 5 },
        () =>
          [
            [8, 15],
            [16, 15],
          ] as const,
      ).flat(),
    ]);
    const quick = pretended({ 8: 0, 16: 0 });
    await fasterOf(8, 16, quick.sample, always);
    expect(Math.max(...quick.asked.map(([, repetitions]) => repetitions))).toBe(32);
  });

  it('is the usual one where there was no time for three of each', async () => {
    for (const [rounds, expected] of [
      [0, 8],
      [2, 8],
      [3, 16],
    ] as const) {
      let left = rounds;
      const { asked, sample } = pretended({ 8: 5, 16: 1 });
      expect(await fasterOf(8, 16, sample, () => left--)).toBe(expected);
      expect(asked).toHaveLength(1 + 2 * rounds);
    }
  });
});
