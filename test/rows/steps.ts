import * as norm from '../../src/index.ts';
import type { Context, Tensor } from '../../src/index.ts';
import { planeSize } from '../../src/plan/plan.ts';
import type { Encoder } from '../../src/runtime/encoder.ts';
import { backwardOf, GRADIENT_OF } from '../gpu/support/gradients.ts';
import { optionsWith, sizeOf } from '../gpu/support/run.ts';
import type { Call } from './call.ts';
import { RESULTS } from './neighbours.ts';

/** Tensors by name, as far as they are there. */
export type Tensors = Record<string, Tensor | undefined>;

/** What a call is made of: functions that give results, one after the other, and what the forward one has saved by then. */
export interface Steps {
  steps: Record<string, () => Tensors>;
  saved: () => norm.Saved | undefined;
}

/** A call forward and backward, and what else there is of its tensors. */
export function stepsOf(
  { op, options, tensors, accumulated, omitted }: Call,
  placed: Readonly<Record<string, Tensor>>,
  context: Context,
  encoder: Encoder | undefined,
): Steps {
  const { x, dy, style, dresidualOut, out, residualOut, ...others } = placed as Record<'x' | 'dy', Tensor> & Tensors;
  const named = (isResult: boolean): [string, Tensor | undefined][] =>
    Object.entries(others).filter(([name]) => name in RESULTS === isResult);
  const { groupSize, ...plain } = optionsOf(options, x, context);
  const places = { ...(out && { out }), ...(residualOut && { residualOut }), ...(encoder && { encoder }) };
  const given = { ...optionsWith(plain, Object.fromEntries(named(false))), ...places };
  const forward = (name: string, more: object = {}): unknown => {
    const of = norm[name as 'layerNorm'] as unknown as (...all: unknown[]) => unknown;
    return of(x, ...(style ? [style] : []), { ...given, ...more });
  };
  const gradients = Object.entries(GRADIENT_OF).flatMap(([name, of]) =>
    of in tensors && name !== omitted ? [name] : [],
  );
  const into = (list: 'out' | 'accumulate'): object =>
    Object.fromEntries(named(true).filter(([name]) => (name === accumulated) === (list === 'accumulate')));
  const asked = {
    ...(omitted && { gradients }),
    out: into('out'),
    accumulate: into('accumulate'),
    dresidualOut,
    encoder,
  };
  let saved: norm.Saved | undefined;
  let [sums, moments]: [norm.GradientSums | undefined, norm.Moments | undefined] = [undefined, undefined];
  const steps: Record<string, () => Tensors> = {
    [op]: () => ({ y: forward(op) as Tensor }),
    forward: () => {
      const { saved: kept, ...results } = forward(`${op}Forward`) as norm.ForwardResult;
      saved = kept;
      return { ...results, mean: kept.mean, rstd: kept.rstd };
    },
    backward: () => (saved ? backwardOf(op)(dy, saved, asked as never) : {}),
    gradientSums: () => ({ sums: (sums = saved && norm.gradientSums(dy, saved as never, { encoder }))?.packed }),
    mergeGradientSums: () => ({ merged: sums && norm.mergeGradientSums([sums, sums], { encoder }).packed }),
    'backward of sums': () => (saved && sums ? backwardOf(op)(dy, saved, { sums, encoder } as never) : {}),
    moments: () => ({ moments: (moments = norm.moments(x as never, { axes: x.shape.length - 1, encoder })).packed }),
    'moments of others': () => ({ moments: norm.moments(x as never, { axes: 0, encoder }).packed }),
    mergeMoments: () => ({ merged: moments && norm.mergeMoments([moments, moments], { encoder }).packed }),
    'mergeMoments of more': () => ({
      merged: moments && norm.mergeMoments([moments, moments, moments], { encoder }).packed,
    }),
    quantized: () => {
      if (op !== 'layerNorm' && op !== 'rmsNorm') return {};
      const { y, scales } = forward(`${op}Quantized`, { groupSize, out: undefined }) as norm.QuantizedResult;
      return { y, scales };
    },
  };
  return { steps, saved: () => saved };
}

/** The options of a call, of which some are told as plain data. */
function optionsOf({ segments, moments, ...options }: Call['options'], x: Tensor, context: Context): Call['options'] {
  const rows = x.shape[0]!;
  const within = (segments as number[] | undefined)?.filter((start) => start < rows);
  return {
    ...options,
    ...(within && { segments: [0, ...within, rows] }),
    ...(moments !== undefined && { moments: momentsOf(moments as { of: string; count: number }, x, context) }),
  };
}

function momentsOf({ of, count }: { of: string; count: number }, { shape }: Tensor, context: Context): norm.Moments {
  const groups = of === 'channels' ? [shape[1]!] : shape.slice(0, 2);
  return norm.loadMoments(context, { data: new Float32Array(5 * planeSize(sizeOf(groups))), shape: groups, count });
}
