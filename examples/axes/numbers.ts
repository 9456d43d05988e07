import { createContext, moments, normalize, NormError } from 'webgpu-norm';
import type { Context } from 'webgpu-norm';
import * as reference from 'webgpu-norm/reference';
import { adapterInWords } from '../adapter.ts';
import { reshaped } from './sharing.ts';
import type { Reshaped } from './sharing.ts';
import { sharingIn } from './state.ts';
import type { State } from './state.ts';
import { inMemory, offsetOf } from './tensor.ts';
import type { Place } from './tensor.ts';

/** What the normalization of a setting gives for an element. */
export interface Numbers {
  mean(place: Place): number;
  variance(place: Place): number;
  y(place: Place): number;
}

/** What normalizes: the library on a GPU, or its reference in float64. */
export interface Engine {
  kind: 'gpu' | 'cpu';
  /** For the visitor: what it runs on, or why not on a GPU. */
  description: string;
  compute(state: State): Promise<Numbers>;
}

export async function openEngine(): Promise<Engine> {
  try {
    if (new URLSearchParams(location.search).has('cpu')) throw new NormError('unsupported', 'asked for by ?cpu');
    const context = await createContext();
    return {
      kind: 'gpu',
      description: adapterInWords(context),
      compute: remembering((state) => onGpu(context, state)),
    };
  } catch (problem) {
    return referenceEngine(problem instanceof Error ? problem.message : String(problem));
  }
}

export function referenceEngine(description: string): Engine {
  return { kind: 'cpu', description, compute: remembering(async (state) => byReference(state)) };
}

async function onGpu(context: Context, state: State): Promise<Numbers> {
  const { form, data } = callOf(state);
  using x = context.tensor(data, form.shape);
  using statistics = moments(x, { axes: form.axes, keepDims: true });
  using y = normalize(x, { axes: form.axes, statistic: state.statistic });
  const [mean, variance, result] = await Promise.all([statistics.mean.read(), statistics.variance.read(), y.read()]);
  return numbersOf(state, form, mean, variance, result);
}

function byReference(state: State): Numbers {
  const { form, data } = callOf(state);
  const x = { data, shape: form.shape };
  const { mean, variance } = reference.moments(x, { axes: form.axes, keepDims: true });
  const { y } = reference.normalize(x, { axes: form.axes, statistic: state.statistic });
  return numbersOf(state, form, mean.data, variance.data, y.data);
}

function callOf(state: State): { form: Reshaped; data: Float32Array<ArrayBuffer> } {
  const { layout, batch } = state;
  return { form: reshaped(sharingIn(state), layout, batch), data: inMemory(layout, batch) };
}

function numbersOf(
  { layout }: State,
  { shape, axes, at }: Reshaped,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  y: ArrayLike<number>,
): Numbers {
  const group = (place: Place): number =>
    at(place).reduce((g, index, axis) => (axes.includes(axis) ? g : g * shape[axis]! + index), 0);
  return {
    mean: (place) => mean[group(place)]!,
    variance: (place) => variance[group(place)]!,
    y: (place) => y[offsetOf(place, layout)]!,
  };
}

/** What the numbers of a state depend on. */
export const keyOf = (state: State): string =>
  JSON.stringify([sharingIn(state), state.batch, state.layout, state.statistic]);

/** Computes what it was asked before only once. */
function remembering(compute: (state: State) => Promise<Numbers>): (state: State) => Promise<Numbers> {
  const known = new Map<string, Promise<Numbers>>();
  return (state) => {
    const key = keyOf(state);
    const numbers = known.get(key) ?? compute(state);
    known.set(key, numbers);
    return numbers;
  };
}
