import type { Views } from '../problem/affine.ts';
import type { ElementwiseName } from '../problem/arrays.ts';
import type { Problem } from '../problem/problem.ts';
import { sizeOf } from '../problem/shape.ts';
import type { GradientName, GradientRequest } from './gradient-request.ts';
import { ofRows } from './sequences.ts';
import type { Renaming } from './passes/gradient-operands.ts';
import { scratchArray, sumOver } from './gradient-steps.ts';
import type { GradientStep } from './gradient-steps.ts';

/**
 * Gradients of factors and addends that broadcast to x, or have its axes in another order ([N,C] where x has the channels first): made for each
 * element, then summed along what each is repeated for.
 */
export interface BroadcastGradients {
  request: GradientRequest;
  names: Renaming;
  /** Where those lie that are made for each element. */
  views: Views;
  steps: GradientStep[];
  scratch: Record<string, number>;
}

export function planBroadcastGradients(original: Problem, request: GradientRequest): BroadcastGradients {
  const problem = ofRows(original);
  const { multiply, add } = problem;
  const outputs = { ...request.outputs };
  const all: BroadcastGradients = { request: { ...request, outputs }, names: {}, views: {}, steps: [], scratch: {} };
  for (const operand of [multiply?.by, add]) {
    const name = `d${operand?.resource}` as GradientName;
    const mode = outputs[name];
    if (!operand || !mode || operand.isLikeX) continue;
    const elements = scratchArray(problem, `${name}OfElements`);
    outputs[name] = 'write';
    all.names[name] = elements.array;
    all.views[name as ElementwiseName] = elements.view;
    all.scratch[elements.array.resource] = sizeOf(problem.shape) * 4;
    all.steps.push(sumOver(problem, operand, elements, name, mode));
  }
  return all;
}
