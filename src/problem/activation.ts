import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';
import { checkChoice } from '../options/checks.ts';

/** An activation at the end, and its parameter. */
export interface ActivationOptions {
  /** What follows all that; `'gelu'` is exact, `'gelu-tanh'` its approximation. */
  activation?: Activation | undefined;
  /** The slope of `'leaky-relu'` below zero. Default: 0.01. */
  negativeSlope?: number | undefined;
  /** What `'elu'` tends to, negated: z below zero becomes alpha · (exp(z) - 1). Default: 1. */
  alpha?: number | undefined;
}

/** The options that are a parameter of an activation. */
type ParameterOption = Exclude<keyof ActivationOptions, 'activation'>;

/** What may follow a normalization, element by element. */
export type Activation = 'relu' | 'leaky-relu' | 'silu' | 'gelu' | 'gelu-tanh' | 'sigmoid' | 'tanh' | 'elu';

/** Activations, each a file of shaders/activation; of one that has a parameter, its option and what it is left out. */
const ACTIVATIONS: Record<Activation, { option: ParameterOption; default: number } | null> = {
  relu: null,
  'leaky-relu': { option: 'negativeSlope', default: 0.01 },
  silu: null,
  gelu: null,
  'gelu-tanh': null,
  sigmoid: null,
  tanh: null,
  elu: { option: 'alpha', default: 1 },
};

const PARAMETERS = Object.entries(ACTIVATIONS).flatMap(([activation, parameter]) =>
  parameter ? [{ activation, ...parameter }] : [],
);

export const ACTIVATION_PARAMETERS: readonly ParameterOption[] = PARAMETERS.map(({ option }) => option);

/** @throws NormError `option` where there is no such activation, or a parameter is given to another one. */
export function checkActivation(op: string, options: ActivationOptions): void {
  if (options.activation !== undefined) checkChoice(op, 'activation', options.activation, Object.keys(ACTIVATIONS));
  for (const { activation, option } of PARAMETERS) {
    if (options[option] === undefined || options.activation === activation) continue;
    const message = `${option} is given without activation '${activation}'; give both, or neither`;
    throw new NormError('option', `${op}: ${message}`);
  }
}

/**
 * The parameter of a call's activation; 0 where it has none.
 *
 * @throws NormError `option` where it is no finite number.
 */
export function activationParameter(op: string, options: ActivationOptions): number {
  const parameter = PARAMETERS.find(({ activation }) => activation === options.activation);
  if (!parameter) return 0;
  const value = options[parameter.option] ?? parameter.default;
  if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
    throw new NormError('option', `${op}: ${parameter.option} is ${formatValue(value)}; it must be a finite number`);
  }
  return value;
}
