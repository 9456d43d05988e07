import type { Case } from '../../cases/case.ts';
import type { Data } from '../library.ts';
import { MICROSOFT } from './graph.ts';
import type { Graph, Value } from './graph.ts';

/** What follows a normalization in a case, but a rotation: a modulation, a factor, an addend and an activation. */
export function fuse(graph: Graph, normalized: Value, of: Case): Value {
  const added = add(graph, multiply(graph, modulate(graph, normalized, of), of), of);
  return activate(graph, added, of.activation);
}

/** Each sample by a row of its own. */
function modulate(graph: Graph, y: Value, { modulated, shape }: Case): Value {
  if (!modulated) return y;
  const place = graph.integers([shape[0]!, ...shape.slice(1, -1).map(() => 1), shape[shape.length - 1]!]);
  const [scale, shift] = ['scale', 'shift'].map((name) => graph.node('Reshape', [name, place])) as [Value, Value];
  return graph.node('Add', [graph.node('Mul', [y, graph.node('Add', [scale, graph.constant([1])])]), shift]);
}

function multiply(graph: Graph, y: Value, { multiplied }: Case): Value {
  return multiplied ? graph.node('Mul', [y, activate(graph, 'by', 'silu')]) : y;
}

function add(graph: Graph, y: Value, { added }: Case): Value {
  return added ? graph.node('Add', [y, 'add']) : y;
}

function activate(graph: Graph, y: Value, activation: Case['activation']): Value {
  if (activation === 'relu') return graph.node('Relu', [y]);
  return activation === 'silu' ? graph.node('Mul', [y, graph.node('Sigmoid', [y])]) : y;
}

/** With the operator that language models are exported with, which takes a token's heads as one axis. */
export function rotatedByOperator(graph: Graph, y: Value, { shape }: Case, { cos, sin }: Data['arrays']): Value {
  const [n, tokens, heads, size] = shape as [number, number, number, number];
  const table = [tokens, size / 2];
  const { result } = graph.operator({
    opType: 'RotaryEmbedding',
    domain: MICROSOFT,
    input: [
      graph.node('Reshape', [y, graph.integers([n, tokens, heads * size])]),
      // The position of the first token.
      graph.integers([0]),
      graph.constant(cos!, table),
      graph.constant(sin!, table),
    ],
    attributes: { num_heads: heads },
    outputs: ['result'],
  });
  return graph.node('Reshape', [result!, graph.integers(shape)]);
}

/** Of the operators that models are exported with where nobody fuses them. */
export function rotatedByHand(graph: Graph, y: Value, { shape }: Case, { cos, sin }: Data['arrays']): Value {
  const [tokens, half] = [shape[1]!, shape[3]! / 2];
  const [c, s] = [cos!, sin!].map((table) => graph.constant(table, [1, tokens, 1, half])) as [Value, Value];
  const slice = (from: number): Value =>
    graph.node('Slice', [y, graph.integers([from]), graph.integers([from + half]), graph.integers([3])]);
  const [a, b] = [slice(0), slice(half)];
  const mul = (one: Value, other: Value): Value => graph.node('Mul', [one, other]);
  const first = graph.node('Sub', [mul(a, c), mul(b, s)]);
  return graph.node('Concat', [first, graph.node('Add', [mul(b, c), mul(a, s)])], { axis: 3 });
}
