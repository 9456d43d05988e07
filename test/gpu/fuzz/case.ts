import fc from 'fast-check';
import type { Schedule } from '../../../src/index.ts';
import { ACTIVATION_NAMES, MULTIPLIERS } from '../../../src/options/activation.ts';
import type { Fusing } from '../support/fused.ts';
import { FURTHER, modes, POINTWISE, RESPONSE } from '../support/modes.ts';
import type { Mode, Size } from '../support/modes.ts';
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

/** What programs are compiled for: the kind of a call. */
export interface Kind extends Required<Omit<Fusing, 'stream'>> {
  /** The name of the mode, and which of its layouts. */
  mode: string;
  layout: number;
  stream: boolean;
  dresidualOut: boolean;
  /** Whether each gradient is also asked for by itself. */
  alone: boolean;
  /** Which gradients are added to what is there; the parameters' are all but dx. */
  accumulate: 'none' | 'dx' | 'parameters' | 'all';
  /** The slope or the limit of an activation that has one. */
  parameter: 'own' | 0.3;
  /** Calls that follow on the same context, each another in so much; and whether one encoder takes all. */
  next: Step[];
  together: boolean;
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

/** In what a call is another than the first one on its context; of the same numbers it takes the same tensors. */
export type Step = Partial<
  Pick<Kind, 'affine' | 'activation' | 'accumulate' | 'dresidualOut' | 'parameter'> &
    Pick<Member, 'size' | 'eps' | 'numbers'>
>;

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
const many = { reduce: fc.constant('workgroup'), lanes: fc.constantFrom(1, 2, 16, 32) };
const whole = { name: fc.constant('whole') };
const split = { name: fc.constant('split'), chunk: fc.integer({ min: 1, max: 300 }) };
const schedules = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({ ...whole, ...one }),
  fc.record({ ...split, ...one }),
  fc.record({ ...whole, ...many, tile: fc.constant('memory') }),
  fc.record({ ...split, ...many, tile: fc.constantFrom('memory', 'registers') }),
  fc.record({ ...whole, ...one, groupsPerInvocation: fc.constant(4) }),
  fc.record({ ...split, ...one, groupsPerInvocation: fc.constant(4) }),
) as fc.Arbitrary<Partial<Schedule>>;

const AFFINES = ['none', 'weight', 'bias', 'both', 'zero-centered'] as const;
const ACCUMULATED = ['none', 'dx', 'parameters', 'all'] as const;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ size: sizes }),
  fc.record({ eps: fc.constantFrom<Member['eps']>('own', 0, 0.1) }),
  fc.record({ numbers: fc.nat({ max: 1 << 20 }) }),
  fc.record({ affine: fc.constantFrom(...AFFINES) }),
  fc.record({ activation: fc.constantFrom('none', 'elu') }),
  fc.record({ parameter: fc.constantFrom<Kind['parameter']>('own', 0.3) }),
  fc.record({ accumulate: fc.constantFrom(...ACCUMULATED) }),
  fc.record({ dresidualOut: fc.boolean() }),
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
    mode: fc.constantFrom(...MODES.map(({ name }) => name)),
    layout: fc.nat({ max: 7 }),
    dtype: mostly<Kind['dtype']>('f32', 'f16', 'bf16'),
    like: fc.boolean(),
    stream: mostly(false, true),
    affine: fc.constantFrom<Kind['affine']>(...AFFINES),
    residual: mostly<Kind['residual']>('none', 'plain', 'gated', 'sample', 'channel'),
    inputBias: mostly<Kind['inputBias']>('none', 'channel', 'sample', 'full'),
    modulation: mostly<Kind['modulation']>('none', 'channel', 'sample', 'full', 'scale', 'shift'),
    activation: mostly<string>('none', ...ACTIVATION_NAMES),
    mask: mostly<Kind['mask']>('none', 'statistics', 'output'),
    output: mostly<Kind['output']>('as x', 'f32', 'f16', 'bf16'),
    multiply: mostly<Kind['multiply']>('none', ...FACTORS),
    by: fc.constantFrom<Kind['by']>('full', 'sample'),
    add: mostly<Kind['add']>('none', 'full', 'sample', 'channel'),
    dresidualOut: fc.boolean(),
    alone: mostly(false, true),
    accumulate: mostly<Kind['accumulate']>(...ACCUMULATED),
    parameter: mostly<Kind['parameter']>('own', 0.3),
    next: fc.oneof({ weight: 2, arbitrary: fc.constant<Step[]>([]) }, fc.array(steps, { minLength: 1, maxLength: 3 })),
    together: fc.boolean(),
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
  });
  return fc.record({ kind, members: fc.array(members, { minLength: each, maxLength: each }) });
}
