import fc from 'fast-check';
import type { Schedule } from '../../../src/index.ts';
import { ACTIVATION_NAMES, MULTIPLIERS } from '../../../src/options/activation.ts';
import { PAIRS } from '../support/fused.ts';
import type { Fusing } from '../support/fused.ts';
import { FURTHER, modes, POINTWISE, RESPONSE } from '../support/modes.ts';
import type { Mode, Size } from '../support/modes.ts';
import { ALL_TABLES } from '../support/rotary-tables.ts';
import { LYINGS } from '../support/strided.ts';
import type { Lying } from '../support/strided.ts';

/** What a random call is drawn from. */

export const MODES: readonly Mode[] = [...modes, ...POINTWISE, RESPONSE, ...FURTHER];

/**
 * What the numbers of x are: about 0.5; about ten thousand; all the same; near 10^-18 or 10^18, or 10^-30 or 10^30; zero for the most part; with one
 * that is NaN, or infinite. Of halves what comes near those.
 */
export const DATA = [
  'normal',
  'large mean',
  'constant',
  'tiny',
  'huge',
  'tiniest',
  'largest',
  'sparse',
  'NaN',
  'infinite',
] as const;
export type Data = (typeof DATA)[number];

/** How running statistics are updated: by the share of a batch or as the average over all, counted or not, by an unbiased variance or a biased one. */
export const TRACKINGS = ['by momentum', 'counted', 'average', 'biased', 'biased average'] as const;

/** Of a quantized result: a scale for each row, or some elements of one, computed; or given, one for all, for the spans of a row, or for each. */
export const SCALES = ['of rows', 'of spans', 'one given', 'spans given', 'all given'] as const;

/** What programs are compiled for: the kind of a call. */
export interface Kind extends Required<Omit<Fusing, 'stream'>> {
  /** The name of the mode, and which of its layouts. */
  mode: string;
  layout: number;
  stream: boolean;
  /**
   * How a call is made: forward and backward; nothing is saved; y goes over x or over what is added last, and x + gate · residual over the residual
   * too; what the mode takes of quantized or in parts, of which each takes the moments of all.
   */
  way: 'training' | 'inference' | 'in place' | 'all in place' | 'quantized or in parts';
  tracking: (typeof TRACKINGS)[number];
  scales: (typeof SCALES)[number];
  /** Whether x + gate · residual goes on: it has a place of its own, and a gradient arrives there. */
  dresidualOut: boolean;
  /** Whether each gradient is also asked for by itself. */
  alone: boolean;
  /** Which gradients are added to what is there; the parameters' are all but dx. */
  accumulate: 'none' | 'dx' | 'parameters' | 'all';
  /** The slope or the limit of an activation that has one. */
  parameter: 'own' | 0.3;
  profile: {
    software: boolean;
    maxWorkgroup: number;
    maxDispatch: number;
    parallel: number;
    held: number;
    subgroups: boolean;
    /** Arrays of a pass; more where that is too few for any. Null: as many as the device binds. */
    maxArrays: number | null;
  };
  schedule: Partial<Schedule>;
  /** Whether programs look at each index before they use it, and who waited for whom. */
  watched: boolean;
}

/** A call of a kind. */
export interface Member {
  size: Size;
  data: Data;
  eps: 'own' | 0 | 0.1;
  /** How x, operands, dy and results lie; and how many elements are before each of the others. */
  lying: Record<'x' | 'operands' | 'dy' | 'results', Lying>;
  before: number;
  /** How many times as large as what is bound at once x is, or less where there are no such small pieces; 1: all is bound at once. */
  pieces: number;
  /** What all numbers are drawn from. */
  numbers: number;
}

/** One random call, as plain data: a failure is printed as it. */
export interface Case extends Kind, Member {}

/** Random calls of one kind, since nearly all of the time goes into compiling. */
export interface Family {
  kind: Kind;
  members: Member[];
}

const sizes: fc.Arbitrary<Size> = fc.record({
  N: fc.integer({ min: 1, max: 6 }),
  C: fc.oneof(fc.integer({ min: 1, max: 13 }), fc.constantFrom(4, 8, 16, 40)),
  L: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(4, 16, 64, 96, 256, 333, 1030)),
});

/** Seldom anything but the first. */
const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(usual, ...others) });

const FACTORS = (['before', 'after'] as const).flatMap((where) => [
  where,
  ...MULTIPLIERS.map((activation) => `${where}, ${activation}` as const),
]);

const lying = mostly<Lying>('contiguous', ...LYINGS);

const one = { reduce: fc.constant('invocation'), tile: fc.constant('memory'), lanes: fc.constant(1) };
const many = { reduce: fc.constant('workgroup'), lanes: fc.constantFrom(1, 2, 16, 32, 64) };
const whole = { name: fc.constant('whole') };
const split = { name: fc.constant('split'), chunk: fc.integer({ min: 1, max: 300 }) };
const schedules = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({ ...whole, ...one }),
  fc.record({ ...split, ...one }),
  { weight: 2, arbitrary: fc.record({ ...whole, ...many, tile: fc.constant('memory') }) },
  { weight: 2, arbitrary: fc.record({ ...split, ...many, tile: fc.constantFrom('memory', 'registers') }) },
  { weight: 2, arbitrary: fc.record({ ...whole, ...one, groupsPerInvocation: fc.constant(4) }) },
  { weight: 2, arbitrary: fc.record({ ...split, ...one, groupsPerInvocation: fc.constant(4) }) },
) as fc.Arbitrary<Partial<Schedule>>;

/** What the fields of a kind that are no numbers are drawn from, the usual first. */
export const CHOICES = {
  layout: [0, 1, 2, 3, 4, 5, 6, 7],
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  stream: [false, true],
  affine: ['none', 'weight', 'bias', 'both', 'zero-centered'],
  residual: ['none', 'plain', 'gated', 'sample', 'channel'],
  inputBias: ['none', 'channel', 'sample', 'full'],
  modulation: ['none', 'channel', 'sample', 'full', 'scale', 'shift'],
  activation: ['none', ...ACTIVATION_NAMES],
  mask: ['none', 'statistics', 'output'],
  maskDtype: ['f32', 'u32', 'as x'],
  maskOver: ['positions', 'some axes', 'all axes'],
  output: ['as x', 'f32', 'f16', 'bf16'],
  multiply: ['none', ...FACTORS],
  by: ['full', 'sample'],
  castBeforeWeight: [false, true],
  pairs: PAIRS,
  tables: ALL_TABLES,
  tracking: TRACKINGS,
  add: ['none', 'full', 'sample', 'channel'],
  dresidualOut: [false, true],
  accumulate: ['none', 'dx', 'parameters', 'all'],
  parameter: ['own', 0.3],
} as const satisfies { [Field in keyof Kind]?: readonly [Kind[Field], ...Kind[Field][]] };

/** Each of the three as often, though few modes take the last: what is not saved compiles half as much. */
const ways = fc.oneof(
  fc.constant<Kind['way']>('training'),
  fc.constantFrom<Kind['way']>('inference', 'in place', 'in place', 'all in place', 'all in place'),
  fc.constant<Kind['way']>('quantized or in parts'),
);

const members: fc.Arbitrary<Member> = fc.record({
  size: sizes,
  data: fc.oneof({ weight: 3, arbitrary: fc.constant<Data>('normal') }, fc.constantFrom(...DATA)),
  eps: mostly<Member['eps']>('own', 0, 0.1),
  lying: fc.record({ x: lying, operands: lying, dy: lying, results: lying }),
  before: fc.constantFrom(0, 1, 2, 3, 5, 64),
  pieces: mostly(1, 1.5, 2, 3, 4, 7),
  numbers: fc.nat({ max: 1 << 20 }),
});

/** So many calls of each kind; `small`: with programs that a slow compiler takes too. */
export function families(each: number, small: boolean): fc.Arbitrary<Family> {
  const kind: fc.Arbitrary<Kind> = fc.record({
    way: ways,
    mode: fc.constantFrom(...MODES.map(({ name }) => name)),
    layout: fc.constantFrom(...CHOICES.layout),
    dtype: fc.oneof(fc.constant('f32' as const), fc.constantFrom<Kind['dtype']>(...CHOICES.dtype)),
    like: fc.boolean(),
    stream: mostly<boolean>(...CHOICES.stream),
    affine: fc.constantFrom<Kind['affine']>(...CHOICES.affine),
    residual: mostly<Kind['residual']>(...CHOICES.residual),
    inputBias: mostly<Kind['inputBias']>(...CHOICES.inputBias),
    modulation: mostly<Kind['modulation']>(...CHOICES.modulation),
    activation: mostly<string>(...CHOICES.activation),
    mask: mostly<Kind['mask']>(...CHOICES.mask),
    maskDtype: fc.constantFrom<Kind['maskDtype']>(...CHOICES.maskDtype),
    maskOver: fc.constantFrom<Kind['maskOver']>(...CHOICES.maskOver),
    output: mostly<Kind['output']>(...CHOICES.output),
    multiply: mostly<Kind['multiply']>(...CHOICES.multiply),
    by: fc.constantFrom<Kind['by']>(...CHOICES.by),
    // Only halves of two functions are rounded so.
    castBeforeWeight: fc.constantFrom(false, true, true, true),
    pairs: fc.constantFrom<Kind['pairs']>(...CHOICES.pairs),
    tables: fc.constantFrom<Kind['tables']>(...CHOICES.tables),
    tracking: fc.constantFrom<Kind['tracking']>(...CHOICES.tracking),
    scales: fc.oneof(fc.constantFrom('of rows', 'of spans'), fc.constantFrom('one given', 'spans given', 'all given')),
    add: mostly<Kind['add']>(...CHOICES.add),
    dresidualOut: fc.boolean(),
    alone: mostly(false, true),
    accumulate: mostly<Kind['accumulate']>(...CHOICES.accumulate),
    parameter: fc.constantFrom<Kind['parameter']>(...CHOICES.parameter),
    profile: fc.record({
      software: fc.boolean(),
      maxWorkgroup: small ? fc.constantFrom(64, 1, 4, 32) : mostly(64, 1, 4, 32, 256),
      maxDispatch: mostly(65_535, 67, 1000),
      parallel: fc.constantFrom(1, 64, 4096, 1 << 16),
      held: small ? fc.constantFrom(1, 4) : mostly(4, 1, 12, 16),
      subgroups: fc.boolean(),
      maxArrays: mostly<number | null>(null, 3, 5, 8),
    }),
    schedule: schedules,
    watched: fc.constantFrom(false, false, false, true),
  });
  return fc.record({ kind, members: fc.array(members, { minLength: each, maxLength: each }) });
}
