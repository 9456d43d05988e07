interface StatisticTraits {
  /** What eps is unless told otherwise. */
  eps: number;
  /** The file of shaders/gradient that its dependence on x needs. */
  gradient: string;
  /** Whether it is a mean over the group, rather than a sum. */
  isMean: boolean;
  /** Whether its gradient needs the largest magnitude and how often there is one: then moments are taken by two readings, and kept. */
  countsTies: boolean;
}

export type Statistic = 'mean-variance' | 'rms' | 'l2' | 'l1' | 'linf' | 'sum';

const NORM = { eps: 1e-12, isMean: false, countsTies: false };

/** What the elements that share statistics are divided by; each is a file of shaders/statistic. */
export const STATISTICS: Readonly<Record<Statistic, StatisticTraits>> = {
  'mean-variance': { eps: 1e-5, gradient: 'mean_variance', isMean: true, countsTies: false },
  rms: { eps: 2 ** -23, gradient: 'radial', isMean: true, countsTies: false },
  l2: { ...NORM, gradient: 'radial' },
  l1: { ...NORM, gradient: 'l1' },
  linf: { ...NORM, gradient: 'linf', countsTies: true },
  sum: { ...NORM, gradient: 'sum' },
};

/** What is computed of each group: a normalization's statistic, or with nothing normalized its variance or deviation. */
export type Measure = Statistic | 'variance' | 'deviation';

const SPREAD: StatisticTraits = { eps: 0, gradient: 'constant', isMean: true, countsTies: false };

export function traitsOf(measure: Measure): StatisticTraits {
  return measure === 'variance' || measure === 'deviation' ? SPREAD : STATISTICS[measure];
}
