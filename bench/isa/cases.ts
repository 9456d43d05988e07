import type { FloatDtype } from '../../src/problem/dtype.ts';
import { FLOATS } from '../../src/problem/dtype.ts';
import type { Case } from '../cases/case.ts';
import { Refusal } from './refusal.ts';

/** A call whose passes are compiled: one of the benchmark's, in any dtype. */
export interface IsaCase extends Omit<Case, 'dtype' | 'quick'> {
  /** What x, y, dy and dx are stored as; parameters are f32. */
  dtype: FloatDtype;
  /** The residual is multiplied by a gate, a number for each sample and channel. */
  gated?: true;
}

/** Calls by the shapes of models that people run; each is made in every dtype. */
const CALLS: readonly Omit<IsaCase, 'dtype'>[] = [
  rows('LayerNorm', [4096, 768], { norm: 'layerNorm' }),
  rows('LayerNorm', [512, 4096], { norm: 'layerNorm' }),
  rows('LayerNorm', [64, 32768], { norm: 'layerNorm' }),
  rows('RMSNorm', [8192, 4096], { norm: 'rmsNorm' }),
  rows('RMSNorm', [65536, 64], { norm: 'rmsNorm' }),
  rows('RMSNorm', [65536, 128], { norm: 'rmsNorm' }),
  rows('Add + RMSNorm', [2048, 4096], { norm: 'rmsNorm', residual: true }),
  rows('AdaLN', [8, 256, 1152], { norm: 'layerNorm', modulated: true }),
  rows('Gate + AdaLN', [8, 256, 1152], { norm: 'layerNorm', residual: true, gated: true, modulated: true }),
  image('BatchNorm NCHW', [32, 64, 56, 56], { norm: 'batchNorm', layout: 'NCHW' }),
  image('BatchNorm NHWC', [32, 56, 56, 64], { norm: 'batchNorm', layout: 'NHWC' }),
  image('InstanceNorm', [8, 64, 128, 128], { norm: 'instanceNorm', layout: 'NCHW' }),
  image('GroupNorm + SiLU', [8, 256, 28, 28], { norm: 'groupNorm', layout: 'NCHW', groups: 32, activation: 'silu' }),
  image('GroupNorm + SiLU NHWC', [2, 64, 64, 320], {
    norm: 'groupNorm',
    layout: 'NHWC',
    groups: 32,
    activation: 'silu',
  }),
];

export const CASES: readonly IsaCase[] = CALLS.flatMap((call) =>
  FLOATS.map((dtype) => ({ ...call, name: `${call.name} ${dtype}`, dtype })),
);

/**
 * The cases that the words name, in the dtypes that are told: by a whole name, with its dtype or without, else by a part of it, in
 * capitals or not. No words: all of them.
 *
 * @throws Refusal where a word names none, or none is of such a dtype.
 */
export function casesNamed(words: readonly string[], dtypes: readonly FloatDtype[] = FLOATS): IsaCase[] {
  const named = new Set(words.flatMap(casesOf));
  const found = CASES.filter((of) => (words.length === 0 || named.has(of)) && dtypes.includes(of.dtype));
  if (found.length > 0) return found;
  throw new Refusal(`--dtype ${dtypes.join()}: there is no such case of ${words.join('; ')}`);
}

function casesOf(word: string): IsaCase[] {
  const whole = CASES.filter(({ name, dtype }) => name === word || name === `${word} ${dtype}`);
  if (whole.length > 0) return whole;
  const found = CASES.filter(({ name }) => name.toLowerCase().includes(word.toLowerCase()));
  if (found.length > 0) return found;
  const names = CALLS.map(({ name }) => name).join('; ');
  throw new Refusal(`'${word}' names no case; there are, each as ${FLOATS.join(', ')}: ${names}`);
}

function rows(
  title: string,
  shape: readonly number[],
  rest: Pick<IsaCase, 'norm' | 'residual' | 'modulated' | 'gated'>,
): Omit<IsaCase, 'dtype'> {
  return { name: `${title} [${shape.join()}]`, shape, layout: 'rows', axes: 1, ...rest };
}

function image(
  title: string,
  shape: readonly number[],
  rest: Pick<IsaCase, 'norm' | 'layout' | 'groups' | 'activation'>,
): Omit<IsaCase, 'dtype'> {
  return { name: `${title} [${shape.join()}]`, shape, ...rest };
}
