import type { Affine, Operand, View } from '../problem/affine.ts';
import type { Problem } from '../problem/problem.ts';

/** A problem of packed sequences as one of plain rows: what knows no statistics knows no sequences. */
export function ofRows(problem: Problem): Problem {
  if (problem.sequences === null) return problem;
  const { weight, bias, modulation, inputBias, gate, multiply, add, kept, groups } = problem;
  return {
    ...problem,
    kept: kept.slice(1),
    groups: groups / problem.sequences,
    axes: problem.axes.slice(1),
    x: viewOfRows(problem.x),
    weight: operandOfRows(weight),
    bias: operandOfRows(bias),
    modulation: modulation && affineOfRows(modulation),
    combined: null,
    inputBias: operandOfRows(inputBias),
    gate: operandOfRows(gate),
    multiply: multiply && { ...multiply, by: { ...multiply.by, view: viewOfRows(multiply.by.view) } },
    add: operandOfRows(add),
    countPerGroup: false,
    sequences: null,
  };
}

function viewOfRows({ kept, reduced }: View): View {
  return { kept: kept.slice(1), reduced };
}

function operandOfRows(operand: Operand | null): Operand | null {
  return operand && { ...operand, view: viewOfRows(operand.view) };
}

function affineOfRows(affine: Affine): Affine {
  return { ...affine, weight: operandOfRows(affine.weight), bias: operandOfRows(affine.bias) };
}
