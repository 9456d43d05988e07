interface StatisticTraits {
  /** The eps unless told otherwise. */
  eps: number;
  /** The file of shaders/gradient that its dependence on x needs. */
  gradient: string;
  /** Whether it is a mean over the group, rather than a sum. */
  isMean: boolean;
  /** Whether its gradient needs the largest magnitude and how often there is one: then moments are taken by two readings, and kept. */
  countsTies: boolean;
}

/** The statistic that elements are normalized by: mean and deviation, a root mean square, a norm, or the sum. */
export type Statistic = 'mean-variance' | 'rms' | 'l2' | 'l1' | 'linf' | 'sum';

const NORM = { eps: 1e-12, isMean: false, countsTies: false };

/** Statistics that elements are divided by; each is a file of shaders/statistic. */
export const STATISTICS: Readonly<Record<Statistic, StatisticTraits>> = {
  'mean-variance': { eps: 1e-5, gradient: 'mean_variance', isMean: true, countsTies: false },
  rms: { eps: 2 ** -23, gradient: 'radial', isMean: true, countsTies: false },
  l2: { ...NORM, gradient: 'radial' },
  l1: { ...NORM, gradient: 'l1' },
  linf: { ...NORM, gradient: 'linf', countsTies: true },
  sum: { ...NORM, gradient: 'sum' },
};

/** A function of each element alone, f(alpha · x + shift), where others have a statistic; each is a file of shaders/activation. */
export type Pointwise = 'dynamic-tanh' | 'dynamic-erf';

/** A statistic of statistics: the norm of each channel, divided by the mean of those of all channels of its sample. */
export type Response = 'response';

/** The measure of each group: a normalization's statistic, or with nothing normalized its variance or deviation; of a function of each element nothing. */
export type Measure = Statistic | 'variance' | 'deviation' | Pointwise | Response;

export function isPointwise(measure: Measure): measure is Pointwise {
  return measure === 'dynamic-tanh' || measure === 'dynamic-erf';
}

const SPREAD: StatisticTraits = { eps: 0, gradient: 'constant', isMean: true, countsTies: false };
const RESPONSE: StatisticTraits = { eps: 0, gradient: 'response', isMean: false, countsTies: false };
const POINTWISE: StatisticTraits = { eps: 0, gradient: 'pointwise', isMean: false, countsTies: false };

export function traitsOf(measure: Measure): StatisticTraits {
  if (isPointwise(measure)) return POINTWISE;
  if (measure === 'response') return RESPONSE;
  return measure === 'variance' || measure === 'deviation' ? SPREAD : STATISTICS[measure];
}
