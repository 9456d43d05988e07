import { ACTIVATION_PARAMETERS, activationParameter } from '../options/activation.ts';
import type { ActivationOptions } from '../options/activation.ts';
import type { Definition } from './definition.ts';
import { checkEps, checkMomentum } from '../options/checks.ts';

/** Options that are numbers of a call alone: another value of theirs needs no other plan. */
const CALL_NUMBERS: ReadonlySet<string> = new Set(['eps', 'momentum', ...ACTIVATION_PARAMETERS]);

/** Whether an option is such a number; null, the average over all batches, is none. */
export function isCallNumber(name: string, value: unknown): boolean {
  return value !== null && CALL_NUMBERS.has(name);
}

interface NumberOptions extends ActivationOptions {
  momentum?: number | null | undefined;
}

/** The numbers of a call, by the names of their uniforms. */
export interface Numbers {
  eps: number;
  momentum: number;
  activation_parameter: number;
}

/** @throws NormError `eps` or `option` where one is out of range. */
export function numbersOf<O extends NumberOptions>(definition: Definition<O>, options: O): Numbers {
  const { op } = definition;
  const { momentum = 0.1 } = options;
  const eps = definition.eps(options);
  checkEps(op, eps);
  checkMomentum(op, momentum);
  return { eps, momentum: momentum ?? 0, activation_parameter: activationParameter(op, options) };
}
