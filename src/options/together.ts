import { NormError } from '../errors.ts';
import { MULTIPLIERS } from './activation.ts';
import { checkChoice, checkNames } from './checks.ts';
import { formatValue } from './format-value.ts';
import { MODULATION, MULTIPLY, ROTARY } from './names.ts';

/** Rules for the options of a call that need no shape: those of the GPU and of the reference alike. */

/** Options of a call by name. */
type Options = Readonly<Record<string, unknown>>;

/** Options that say what packed rows cannot be. */
const NO_SEGMENTS = ['axes', 'layout', 'channelAxis', 'mask', 'moments', 'rotary', 'runningMean', 'runningVar'];

/** Options that bring other statistics than those of x. */
const OTHER_STATISTICS = ['moments', 'runningMean', 'runningVar'];

/** @throws NormError `option` where a part of an option is unknown, missing or none. */
export function checkParts(op: string, given: object): void {
  const { modulation, multiply, rotary, residual, inputBias } = given as Options;
  if (modulation !== undefined) checkNames(op, modulation as object, MODULATION, 'modulation');
  if (multiply !== undefined) checkMultiply(op, multiply as object, residual ?? inputBias);
  if (rotary !== undefined) checkNames(op, rotary as object, ROTARY, 'rotary');
}

function checkMultiply(op: string, multiply: object, added: unknown): void {
  checkNames(op, multiply, MULTIPLY, 'multiply');
  const { by, activation, where = 'after' } = multiply as Options;
  if (by === undefined) refuse(op, 'multiply has no by; give the factor');
  checkChoice(op, 'where of multiply', where, ['before', 'after']);
  if (activation !== undefined) checkChoice(op, 'activation of multiply', activation, MULTIPLIERS);
  if (where === 'before' && added !== undefined) {
    refuse(
      op,
      `multiply has where ${formatValue(where)}, and something is added to x; which of them comes first is not said: multiply x in a call before`,
    );
  }
}

/** @throws NormError `option` where an option lacks another, or contradicts it. */
export function checkTogether(op: string, given: object): void {
  const options = given as Options;
  const has = (name: string): boolean => options[name] !== undefined;
  const needs = (name: string, other: string, isThere = has(other)): void => {
    if (has(name) && !isThere) refuse(op, `${name} is given without ${other}; give both, or neither`);
  };
  needs('gate', 'residual');
  needs('residualOut', 'residual', has('residual') || has('inputBias'));
  if (options['maskOutput']) needs('maskOutput', 'mask');
  needs('runningMean', 'runningVar');
  needs('runningVar', 'runningMean');
  if (has('numBatchesTracked') && !has('runningMean')) {
    refuse(op, 'numBatchesTracked is given, but no running statistics are; give all three');
  }
  if (options['zeroCenteredWeight'] && !has('weight')) {
    refuse(op, 'zeroCenteredWeight is set, but there is no weight; give one');
  }
  const { modulation, partial } = options;
  if (modulation && MODULATION.every((name) => (modulation as Options)[name] === undefined)) {
    refuse(op, 'modulation has neither scale nor shift; give one of them or both');
  }
  if (has('partial') && !(typeof partial === 'number' && partial > 0 && partial <= 1)) {
    refuse(op, `partial is ${formatValue(partial)}; it must be above 0 and at most 1`);
  }
  if (has('mask') && has('moments')) {
    refuse(op, 'mask and moments are both given; moments have counted their elements already');
  }
  if (has('mask') && has('partial')) {
    refuse(op, 'mask and partial are both given; each says which elements count, give one of them');
  }
  checkSegments(op, options);
  checkMeanScale(op, options);
}

function checkSegments(op: string, options: Options): void {
  if (options['segments'] === undefined) return;
  if (options['useInputStats'] === false) {
    refuse(op, 'segments are given, but running statistics are to be used; give one of them');
  }
  const other = options['unbiased'] ? 'unbiased' : NO_SEGMENTS.find((name) => options[name] !== undefined);
  if (other === undefined) return;
  refuse(
    op,
    `segments and ${other} are both given; with segments, statistics are of whole sequences of x [T,C], leave ${other} out`,
  );
}

function checkMeanScale(op: string, options: Options): void {
  if (options['meanScale'] === undefined) return;
  const other = OTHER_STATISTICS.find((name) => options[name] !== undefined);
  if (other === undefined && options['useInputStats'] !== false) return;
  refuse(
    op,
    `meanScale and ${other ?? 'useInputStats: false'} are both given; meanScale is of the mean of x itself, leave one of them out`,
  );
}

function refuse(op: string, why: string): never {
  throw new NormError('option', `${op}: ${why}`);
}
