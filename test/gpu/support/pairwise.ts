import type { Random } from './random.ts';

/** One choice of each factor. */
export type Design<F extends Record<string, readonly unknown[]>> = { [Name in keyof F]: F[Name][number] };

/**
 * Designs that between them hold every pair of choices of two factors: each time, of some random candidates, the one that adds
 * the most pairs.
 */
export function pairwise<F extends Record<string, readonly unknown[]>>(factors: F, random: Random): Design<F>[] {
  const names = Object.keys(factors);
  const left = new Set<string>();
  const pick = (name: string): number => Math.floor(random.uniform() * factors[name]!.length);
  const pairsOf = (choices: readonly number[]): string[] =>
    choices.flatMap((a, first) => choices.slice(first + 1).map((b, rest) => `${first},${a},${first + 1 + rest},${b}`));
  names.forEach((one, first) =>
    names
      .slice(first + 1)
      .forEach((other, rest) =>
        factors[one]!.forEach((_, a) =>
          factors[other]!.forEach((__, b) => left.add(`${first},${a},${first + 1 + rest},${b}`)),
        ),
      ),
  );
  const designs: Design<F>[] = [];
  while (left.size > 0) {
    // A pair that is missing, so that each design adds one at least.
    const [first, a, second, b] = [...left][0]!.split(',').map(Number) as [number, number, number, number];
    const candidates = Array.from({ length: 30 }, () =>
      names.map((name, at) => (at === first ? a : at === second ? b : pick(name))),
    );
    const gain = (choices: readonly number[]): number => pairsOf(choices).filter((pair) => left.has(pair)).length;
    const best = candidates.reduce((most, one) => (gain(one) > gain(most) ? one : most));
    for (const pair of pairsOf(best)) left.delete(pair);
    designs.push(Object.fromEntries(names.map((name, at) => [name, factors[name]![best[at]!]])) as Design<F>);
  }
  return designs;
}
