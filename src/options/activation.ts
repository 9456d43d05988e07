import { NormError } from '../errors.ts';
import { checkChoice, checkFinite } from './checks.ts';

/** An activation at the end, and its parameter. */
export interface ActivationOptions {
  /** The function that follows all that; `'gelu'` is exact, `'gelu-tanh'` its approximation. */
  activation?: Activation | undefined;
  /** The slope of `'leaky-relu'` below zero. Default: 0.01. */
  negativeSlope?: number | undefined;
  /** The limit of `'elu'`, negated: z below zero becomes alpha · (exp(z) - 1). Default: 1. */
  alpha?: number | undefined;
}

/** The options that are a parameter of an activation. */
type ParameterOption = Exclude<keyof ActivationOptions, 'activation'>;

/** Functions that may follow a normalization, element by element. */
export type Activation =
  | 'relu'
  | 'relu6'
  | 'leaky-relu'
  | 'elu'
  | 'silu'
  | 'hard-swish'
  | 'mish'
  | 'gelu'
  | 'gelu-tanh'
  | 'sigmoid'
  | 'hard-sigmoid'
  | 'tanh';

/** Activations, each a file of shaders/activation; of one that has a parameter, its option and what it is left out. */
const ACTIVATIONS: Record<Activation, { option: ParameterOption; default: number } | null> = {
  relu: null,
  relu6: null,
  'leaky-relu': { option: 'negativeSlope', default: 0.01 },
  elu: { option: 'alpha', default: 1 },
  silu: null,
  'hard-swish': null,
  mish: null,
  gelu: null,
  'gelu-tanh': null,
  sigmoid: null,
  'hard-sigmoid': null,
  tanh: null,
};

/** Every activation, by name. */
export const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as readonly Activation[];

const PARAMETERS = Object.entries(ACTIVATIONS).flatMap(([activation, parameter]) =>
  parameter ? [{ activation, ...parameter }] : [],
);

export const ACTIVATION_PARAMETERS: readonly ParameterOption[] = PARAMETERS.map(({ option }) => option);

/** Functions that a factor may go through before it multiplies: those without a parameter. */
export type MultiplierActivation = Exclude<Activation, 'leaky-relu' | 'elu'>;

export const MULTIPLIERS: readonly MultiplierActivation[] = ACTIVATION_NAMES.filter(
  (name): name is MultiplierActivation => ACTIVATIONS[name] === null,
);

/**
 * The parameter of a call's activation; 0 where it has none.
 *
 * @throws NormError `option` where there is no such activation, a parameter is given to another one, or is no finite number.
 */
export function activationParameter(op: string, options: ActivationOptions): number {
  if (options.activation !== undefined) checkChoice(op, 'activation', options.activation, ACTIVATION_NAMES);
  let own = 0;
  for (const { activation, option, default: usual } of PARAMETERS) {
    const { [option]: given = usual } = options;
    if (options.activation === activation) {
      checkFinite(op, option, given);
      own = given;
    } else if (options[option] !== undefined) {
      throw new NormError(
        'option',
        `${op}: ${option} is given without activation '${activation}'; give both, or neither`,
      );
    }
  }
  return own;
}
