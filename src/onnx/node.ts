import { NormError } from '../errors.ts';
import { checkNames, checkPlain } from '../options/checks.ts';
import { formatName, formatValue } from '../options/format-value.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { valuesOf } from './attributes.ts';
import { OPERATORS } from './operators.ts';
import type { Operator } from './operators.ts';
import type { FirstOutput, OutputName } from './outputs.ts';

/** A node of a model that normalizes, in ONNX's words. */
export interface OnnxNode<Op extends string = string, Outputs extends readonly string[] = readonly string[]> {
  opType: Op;
  /** Default: the operator's own; `''` and `'ai.onnx'` are the standard's, `'com.microsoft'` is that of ONNX Runtime. */
  domain?: string | undefined;
  /** By ONNX's names, `{ axis: -1, epsilon: 1e-5 }`; those left out are as ONNX has them. */
  attributes?: Readonly<Record<string, number | bigint | readonly (number | bigint)[] | undefined>> | undefined;
  /** The outputs wanted, by ONNX's names. Default: the first. */
  outputs?: (Outputs & readonly OutputName<Op>[]) | readonly FirstOutput<Op>[] | undefined;
}

const NODE = ['opType', 'domain', 'attributes', 'outputs'];
const OP = 'runNode';

/** A node whose operator is known, and all that it says. */
export interface KnownNode {
  op: string;
  operator: Operator;
  values: Record<string, unknown>;
  /** The outputs wanted. */
  wanted: readonly string[];
}

/** @throws NormError `option` or `unsupported` where a node is not one that can be run. */
export function knownNode(node: OnnxNode): KnownNode {
  checkNames(OP, node, NODE);
  const { opType: op, domain, attributes = {} } = node;
  const operator =
    typeof op === 'string' && Object.hasOwn(OPERATORS, op) ? (OPERATORS as Record<string, Operator>)[op]! : null;
  if (!operator) {
    const names = Object.keys(OPERATORS).join(', ');
    throw new NormError(
      'unsupported',
      `${OP}: opType is ${formatName(op)}, which is no normalization; there are ${names}`,
    );
  }
  if (domain !== undefined && domain !== operator.domain && !(domain === 'ai.onnx' && operator.domain === '')) {
    throw new NormError(
      'unsupported',
      `${OP}: ${op} of the domain ${formatName(domain)} is not known; that of '${operator.domain || 'ai.onnx'}' is`,
    );
  }
  const names = Object.keys(operator.outputs);
  const { outputs: wanted = names.slice(0, 1) } = node;
  if (!Array.isArray(wanted)) {
    throw new NormError(
      'option',
      `${op}: outputs is ${formatValue(wanted)}; it must be an Array of names, ${names.join(', ')}`,
    );
  }
  const unknown = (wanted as string[]).findIndex((name) => !names.includes(name));
  if (unknown >= 0) {
    throw new NormError(
      'option',
      `${op}: there is no output ${formatName(wanted[unknown])}; outputs may name ${names.join(', ')}`,
    );
  }
  checkPlain(op, attributes, ['epsilon'], 'attributes');
  const values = valuesOf(op, operator.attributes, attributes);
  const untrained = wanted.find((name) => operator.outputs[name]!.startsWith('running'));
  if (untrained !== undefined && values['training_mode'] !== 1) {
    throw new NormError(
      'option',
      `${op}: the output ${untrained} is given where training_mode is 1; leave it out, or train`,
    );
  }
  return { op, operator, values, wanted };
}

/** @throws NormError `parameter` where a node has too many inputs, or too few. */
export function namedInputs<T>(
  op: string,
  { inputs: names }: Operator,
  inputs: readonly (T | null | undefined)[],
  show: (name: string, input: T) => Tensor,
): Record<string, Tensor> {
  const takes = (): string => `it takes ${names.join(', ').replaceAll('?', ' (optional)')}`;
  if (!Array.isArray(inputs)) {
    throw new NormError('parameter', `${op}: inputs are ${formatValue(inputs)}; give an Array, ${takes()}`);
  }
  if (inputs.length > names.length) {
    throw new NormError('parameter', `${op}: ${inputs.length} inputs are given; ${takes()}`);
  }
  const named: Record<string, Tensor> = {};
  for (const [index, name] of names.entries()) {
    const input = inputs[index] as T | null | undefined;
    const own = name.replace('?', '');
    if (input !== undefined && input !== null) named[own] = show(own, input);
    else if (own === name) throw new NormError('parameter', `${op}: the input ${name} is missing; ${takes()}`);
  }
  return named;
}
