import * as norm from '../../../../src/index.ts';
import type { RotaryOptions, Tensor } from '../../../../src/index.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';
import { context, of, x } from './stage.ts';

const heads = of(2, 3, 4, 8);
const [cos, sin] = [of(3, 4), of(3, 4)];
const counts = (...shape: number[]): Tensor => context.empty(shape, { dtype: 'u32' });
const rotary = { cos, sin, tokenAxis: 1 };
const [wide, few, halves] = [of(3, 8), of(2, 4), context.empty([3, 4], { dtype: 'f16' })];
const [perSample, samples] = [of(2, 3, 4), of(4, 3, 4)];
const [floats, positions, three, four] = [of(3), counts(3), counts(3, 3), counts(4)];
const none = of(0, 4);
const pairs = of(4, 8, 2);
const [row, tokensFirst] = [of(8), of(2, 4, 4)];

const call =
  (more: object, op: 'rmsNorm' | 'layerNorm' = 'rmsNorm') =>
  () =>
    norm[op](heads, { rotary: { ...rotary, ...more } as RotaryOptions<Tensor> });

/** Rotations that do not fit x, or are none. */
export const ROTARY: WrongCall[] = [
  [
    'a table alone',
    () => norm.rmsNorm(heads, { rotary: untyped(cos) }),
    'option',
    'rmsNorm: rotary is a Tensor; give a plain object, { cos } for example',
  ],
  ['no cos', call({ cos: undefined }), 'option', 'rmsNorm: rotary has no cos; give both tables, rotary: { cos, sin }'],
  [
    'no sin',
    call({ sin: undefined }, 'layerNorm'),
    'option',
    'layerNorm: rotary has no sin; give both tables, rotary: { cos, sin }',
  ],
  [
    'a table of numbers',
    call({ cos: [1, 0, 0, 1] }),
    'option',
    'rmsNorm: cos is no Tensor but [1,0,0,1]; make one with ctx.tensor() or ctx.wrap()',
  ],
  [
    'no axis of tokens',
    call({ tokenAxis: undefined }),
    'option',
    'rmsNorm: rotary has no tokenAxis, the axis of x [2,3,4,8] that counts tokens; give it, 1 for [N,tokens,heads,size] or 2 for [N,heads,tokens,size]',
  ],
  [
    'the last axis for tokens',
    call({ tokenAxis: -1 }),
    'option',
    'rmsNorm: tokenAxis of rotary is -1, the axis that is normalized; it must be a whole number from 0 to 2',
  ],
  [
    'no axis of x',
    call({ tokenAxis: 4 }),
    'option',
    'rmsNorm: tokenAxis of rotary is 4, no axis of x [2,3,4,8]; it must be a whole number from 0 to 2',
  ],
  [
    'the name of an axis',
    call({ tokenAxis: 'tokens' }),
    'option',
    'rmsNorm: tokenAxis of rotary is the text "tokens", no axis of x [2,3,4,8]; it must be a whole number from 0 to 2',
  ],
  [
    'an odd number of elements',
    call({ dims: 5 }),
    'option',
    'rmsNorm: dims of rotary is 5; of the last axis of x [2,3,4,8] it must be an even number from 2 to 8',
  ],
  [
    'more elements than there are',
    call({ dims: 16 }),
    'option',
    'rmsNorm: dims of rotary is 16; of the last axis of x [2,3,4,8] it must be an even number from 2 to 8',
  ],
  [
    'a share of the elements',
    call({ dims: 0.5 }),
    'option',
    'rmsNorm: dims of rotary is 0.5; of the last axis of x [2,3,4,8] it must be an even number from 2 to 8',
  ],
  [
    'a flag that is none',
    call({ interleaved: 1 }),
    'option',
    'rmsNorm: interleaved of rotary is 1; it must be true or false',
  ],
  [
    'an odd last axis',
    () => norm.rmsNorm(x, { rotary }),
    'shape',
    'rmsNorm: rotary turns pairs of the last axis, but x [4,6,5] has 5 elements there; it must have an even number',
  ],
  [
    'one axis',
    () => norm.rmsNorm(row, { rotary }),
    'shape',
    'rmsNorm: x [8] has no axis of tokens; rotary takes two axes or more',
  ],
  [
    'several normalized axes',
    () => norm.layerNorm(heads, { axes: [2, 3], rotary }),
    'axes',
    'layerNorm: rotary turns pairs of the last axis, but axes [2,3] of x [2,3,4,8] are normalized; normalize the last alone',
  ],
  [
    'numbers twice in each row',
    call({ cos: wide, sin: wide }),
    'parameter',
    'rmsNorm: cos [3,8] has rows of 8; for 8 elements that are rotated it must have 4, one a pair; where each number is there twice, as in ' +
      'Hugging Face’s tables, give the first half',
  ],
  [
    'rows of another length',
    call({ dims: 6 }),
    'parameter',
    'rmsNorm: cos [3,4] has rows of 4; for 6 elements that are rotated it must have 3, one a pair',
  ],
  [
    'fewer rows than tokens',
    call({ cos: few, sin: few }),
    'parameter',
    'rmsNorm: cos has shape [2,4]; for x [2,3,4,8], whose axis 1 has 3 tokens, it must have [rows,4] with 3 rows or more, or [2,rows,4]',
  ],
  [
    'rows of more samples',
    call({ cos: samples, sin: samples }),
    'parameter',
    'rmsNorm: cos has shape [4,3,4]; for x [2,3,4,8], whose axis 1 has 3 tokens, it must have [rows,4] with 3 rows or more, or [2,rows,4]',
  ],
  [
    'rows of samples, where tokens come first',
    () => norm.rmsNorm(tokensFirst, { rotary: { cos: pairs, sin: pairs, tokenAxis: 0 } }),
    'parameter',
    'rmsNorm: cos has shape [4,8,2]; for x [2,4,4], whose axis 0 has 2 tokens, it must have [rows,2] with 2 rows or more',
  ],
  [
    'rows of samples, and positions',
    call({ cos: perSample, sin: perSample, positions }),
    'parameter',
    'rmsNorm: cos has shape [2,3,4]; for x [2,3,4,8], whose axis 1 has 3 tokens, it must have [rows,4], of which positions name the rows',
  ],
  [
    'no rows, and positions',
    call({ cos: none, sin: none, positions }),
    'parameter',
    'rmsNorm: cos has shape [0,4]; for x [2,3,4,8], whose axis 1 has 3 tokens, it must have [rows,4], of which positions name the rows',
  ],
  [
    'tables that differ',
    call({ sin: few }),
    'parameter',
    'rmsNorm: cos has shape [3,4], but sin has [2,4]; they must be alike',
  ],
  ['tables of another dtype', call({ cos: halves }), 'dtype', 'rmsNorm: cos holds f16; it must hold f32'],
  ['positions that are floats', call({ positions: floats }), 'dtype', 'rmsNorm: positions holds f32; it must hold u32'],
  [
    'positions of more tokens',
    call({ positions: four }),
    'parameter',
    'rmsNorm: positions has shape [4]; for x [2,3,4,8] with its tokens on axis 1 it must have [3] or [2,3]',
  ],
  [
    'positions of more samples',
    call({ positions: three }),
    'parameter',
    'rmsNorm: positions has shape [3,3]; for x [2,3,4,8] with its tokens on axis 1 it must have [3] or [2,3]',
  ],
  ['cos_cache', call({ cos_cache: cos }), 'option', "rmsNorm: rotary has no 'cos_cache'; here it is called cos"],
  [
    'position_ids',
    call({ position_ids: cos }),
    'option',
    "rmsNorm: rotary has no 'position_ids'; here it is called positions",
  ],
  [
    'rotary_embedding_dim',
    call({ rotary_embedding_dim: 4 }),
    'option',
    "rmsNorm: rotary has no 'rotary_embedding_dim'; here it is called dims",
  ],
  [
    'is_neox_style',
    call({ is_neox_style: true }),
    'option',
    "rmsNorm: rotary has no 'is_neox_style'; here it is called interleaved, which is its opposite",
  ],
  [
    'rope',
    () => norm.rmsNorm(heads, untyped({ rope: rotary })),
    'option',
    "rmsNorm: there is no option 'rope'; here it is called rotary",
  ],
  [
    'another function',
    () => norm.groupNorm(heads, untyped({ numGroups: 1, rotary })),
    'option',
    /^groupNorm: there is no option 'rotary'; rotary is an option of layerNorm, rmsNorm;/,
  ],
];
