import { NormError } from '../errors.ts';
import { checkNames, checkText } from '../options/checks.ts';
import { builtInType, formatValue } from '../options/format-value.ts';
import type { Group, ReduceOptions } from './group.ts';

/** @throws NormError `option` unless it is a group. */
export function checkGroup(op: string, group: unknown): asserts group is Group {
  if (typeof (group as Partial<Group> | null)?.allReduce === 'function') return;
  throw new NormError('option', `${op}: group is ${formatValue(group)}; give what joinGroup() resolves to`);
}

/** @throws NormError `option` unless it is what a function that merges must return. */
export function checkMerged(result: unknown): void {
  if (builtInType(result) === 'Float32Array') return;
  throw new NormError('option', `merge returned ${formatValue(result)}; it must return a Float32Array`);
}

/** @throws NormError `dtype`, `option` unless a group can reduce it. */
export function checkReduction(data: unknown, options: ReduceOptions): void {
  if (builtInType(data) !== 'Float32Array') {
    throw new NormError('dtype', `allReduce: the data is ${formatValue(data)}; it must be a Float32Array`);
  }
  checkNames('allReduce', options, ['merge', 'label']);
  const { merge, label } = options;
  if (label !== undefined) checkText('allReduce', 'label', label);
  if (merge !== undefined && typeof merge !== 'function') {
    throw new NormError('option', `allReduce: merge is ${formatValue(merge)}; it must be a function of all parts`);
  }
}
