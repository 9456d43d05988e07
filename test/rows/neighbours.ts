import { CHOICES, MODES } from '../gpu/fuzz/case.ts';
import type { Case } from '../gpu/fuzz/case.ts';
import { GRADIENT_OF } from '../gpu/support/gradients.ts';
import type { Operation } from '../gpu/support/modes.ts';
import type { Random } from '../gpu/support/random.ts';
import { LYINGS } from '../gpu/support/strided.ts';
import { CONTIGUOUS } from '../gpu/fuzz/fill-case.ts';
import { callOf } from './call.ts';
import type { Call, Place } from './call.ts';

/** Calls that are another in one thing: those that a key confuses which leaves it out. */

/** Values of options; undefined: it is left out. What a call does not take is refused, in a row as alone. */
const OPTIONS: Readonly<Record<string, readonly unknown[]>> = {
  training: [undefined, true],
  useInputStats: [undefined, false],
  zeroCenteredWeight: [undefined, true],
  maskOutput: [undefined, true],
  unbiased: [undefined, true],
  castBeforeWeight: [undefined, true],
  unbiasedRunningVar: [undefined, false],
  momentum: [undefined, null, 0.3, 0.7],
  eps: [undefined, 0, 0.1, 0.5],
  partial: [undefined, 0.3, 0.6, 1],
  numGroups: [1, 2, 3, 4, 5, 6],
  axes: [-1, 0, 1, 2, [1, 2], [0, 1], [0, 2], [1, 2, 3]],
  statistic: ['mean-variance', 'rms', 'l2', 'l1', 'linf', 'sum'],
  layout: [undefined, 'NC', 'CN', 'NCL', 'NLC', 'NCHW', 'NHWC', 'NCDHW', 'NDHWC'],
  channelAxis: [undefined, 0, 1, 2, 3],
  outputDtype: [undefined, 'f32', 'f16', 'bf16'],
  activation: CHOICES.activation,
  negativeSlope: [undefined, 0.1, 0.3],
  alpha: [undefined, 0.3, 0.5],
  multiply: [{}, { where: 'before' }, { activation: 'silu' }, { activation: 'sigmoid', where: 'before' }],
  rotary: [{}, { interleaved: true }, { dims: 2 }, { dims: 4 }, { tokenAxis: 0 }, { tokenAxis: 1 }],
  segments: [undefined, [1], [2], [1, 2]],
  moments: [undefined, { of: 'channels', count: 100 }, { of: 'samples', count: 100 }, { of: 'channels', count: 200 }],
  groupSize: [undefined, 4, 8],
};

const PLACES: readonly Partial<Place>[] = [
  ...LYINGS.map((lying) => ({ lying })),
  ...[0, 1, 2, 3, 4, 64, 256].map((before) => ({ before })),
  ...(['f32', 'f16', 'bf16'] as const).map((dtype) => ({ dtype })),
  { buffer: 'another' },
  { buffer: 'the context' },
];

/** The operands that results are as large as. */
export const RESULTS: Readonly<Record<string, string>> = { out: 'x', residualOut: 'residual', ...GRADIENT_OF };

interface More {
  of: readonly Operation[];
  operands: (call: Call) => Record<string, Place>;
  options?: Call['options'];
}

/** Operands and options that few cases have or none, by the operations that take them. */
const MORE: readonly More[] = [
  { of: ['layerNorm', 'groupNorm', 'instanceNorm'], operands: () => ({}), options: { segments: [1] } },
  {
    of: ['batchNorm', 'instanceNorm'],
    operands: (call) => ({
      runningMean: placeOf('runningMean', [channelsOf(call)]),
      runningVar: placeOf('runningVar', [channelsOf(call)]),
      numBatchesTracked: placeOf('numBatchesTracked', [1], 'u32'),
    }),
  },
  {
    of: ['batchNorm', 'instanceNorm'],
    operands: () => ({ numBatchesTracked: placeOf('numBatchesTracked', [1], 'u32') }),
  },
  { of: ['instanceNorm'], operands: (call) => ({ meanScale: placeOf('meanScale', [channelsOf(call)]) }) },
  { of: ['layerNorm', 'rmsNorm'], operands: ({ tensors: { x } }) => tablesOf(x!, x!.shape[0]!) },
  {
    of: ['layerNorm', 'rmsNorm'],
    operands: ({ tensors: { x } }) => ({
      ...tablesOf(x!, 9),
      positions: placeOf('positions', [x!.shape[0]!], 'u32'),
    }),
  },
  {
    of: ['layerNorm', 'rmsNorm'],
    operands: ({ tensors: { x } }) => ({ scales: placeOf('scales', [...x!.shape.slice(0, -1), 1]) }),
  },
];

function placeOf(buffer: string, shape: readonly number[], dtype: Place['dtype'] = 'f32'): Place {
  return { shape, dtype, lying: 'contiguous', before: 0, buffer };
}

function channelsOf({ options, tensors }: Call): number {
  const layout = options['layout'] as string | undefined;
  return tensors['x']!.shape.at(layout ? layout.indexOf('C') : -1)!;
}

function tablesOf({ shape }: Place, rows: number): Record<string, Place> {
  const table = [rows, shape.at(-1)! >> 1];
  return { cos: placeOf('cos', table), sin: placeOf('sin', table) };
}

/** Sizes that tell what no others do: where there is nothing to normalize, and where one axis is as long as another. */
const NO_SAMPLES = { N: 0, C: 6, L: 8 };
const CUBE = { N: 4, C: 4, L: 4 };

const OPERATIONS = [...new Set(MODES.map(({ op }) => op))];

/** What rows begin with: every operation, as cases have it and with each of what they have not. */
export const FIRSTS: readonly (readonly [Operation, More | null])[] = OPERATIONS.flatMap((op) =>
  [null, ...MORE.filter(({ of }) => of.includes(op))].map((more) => [op, more] as const),
);

/** A case of an operation, with half of its choices drawn anew, evenly: what is seldom elsewhere, since it compiles, costs nothing here. One in two lies as tensors mostly do. */
export function lessUsual(drawn: Case, op: Operation, random: Random): Case {
  const anew = Object.entries(CHOICES).filter(() => random.uniform() < 0.5);
  return {
    ...drawn,
    mode: picked(
      MODES.filter((mode) => mode.op === op),
      random,
    ).name,
    ...Object.fromEntries(anew.map(([field, values]) => [field, picked<unknown>(values, random)])),
    ...(random.uniform() < 0.5 && { lying: CONTIGUOUS, before: 0 }),
    ...(drawn.pieces === 1 && random.uniform() < 0.3 && { size: picked([NO_SAMPLES, NO_SAMPLES, CUBE], random) }),
  };
}

export function withMore(call: Call, { operands, options }: More): Call {
  const tensors = { ...call.tensors, ...operands(call) };
  return { ...call, tensors, options: { ...call.options, ...options } };
}

/** The neighbours of a call of a case, and in what each is another. */
export function neighboursOf(drawn: Case, call: Call, random: Random): [string, Call][] {
  const neighbours: [string, Call | null][] = [];
  for (const [field, values] of Object.entries(CHOICES)) {
    const value = picked(
      values.filter((one) => one !== drawn[field as keyof Case]),
      random,
    );
    neighbours.push([`${field}: ${value}`, callOf({ ...drawn, [field]: value })]);
  }
  for (const [axis, size] of Object.entries(drawn.size)) {
    neighbours.push([`${axis} one more`, callOf({ ...drawn, size: { ...drawn.size, [axis]: size + 1 } })]);
  }
  if (drawn.pieces === 1) neighbours.push(['no samples', callOf({ ...drawn, size: { ...drawn.size, N: 0 } })]);
  const mode = picked(MODES, random).name;
  neighbours.push([mode, callOf({ ...drawn, mode })]);
  for (const op of OPERATIONS) if (op !== call.op) neighbours.push([op, { ...call, op }]);
  for (const [name, values] of Object.entries(OPTIONS)) {
    const value = picked(
      values.filter((one) => one !== call.options[name]),
      random,
    );
    const options = { ...call.options, [name]: value === 'none' ? undefined : value };
    neighbours.push([`${name}: ${JSON.stringify(value)}`, { ...call, options }]);
  }
  for (const more of MORE.filter(({ of }) => of.includes(call.op))) {
    const named = withMore(call, more);
    neighbours.push([`with ${Object.keys({ ...more.operands(call), ...more.options }).join()}`, named]);
  }
  // Where tensors are is the same question for every operation: a third is asked of each call.
  const places = [...placedElsewhere(call, random), ...givenPlaces(call, random)];
  neighbours.push(...places.filter(() => random.uniform() < 1 / 3));
  return neighbours.filter((one): one is [string, Call] => one[1] !== null);
}

/** A call without one of its tensors, or with one that is elsewhere. */
function placedElsewhere(call: Call, random: Random): [string, Call][] {
  return Object.entries(call.tensors).flatMap(([name, place]): [string, Call][] => {
    const { [name]: _, ...others } = call.tensors;
    const elsewhere = (['lying', 'before', 'dtype', 'buffer'] as const).map((key): [string, Call] => {
      const other = picked(
        PLACES.filter((one) => key in one && one[key] !== place[key]),
        random,
      );
      return [`${name} ${JSON.stringify(other)}`, placing(call, name, { ...place, ...other })];
    });
    return name === 'x' || name === 'dy' ? elsewhere : [[`no ${name}`, { ...call, tensors: others }], ...elsewhere];
  });
}

/** A call of which one result is given a place: one of its own, or that of an operand; added to what is there, or not asked for. */
function givenPlaces(call: Call, random: Random): [string, Call][] {
  const { tensors } = call;
  const own = Object.entries(RESULTS).flatMap(([name, of]): [string, Call][] => {
    if (!tensors[of]) return [];
    const own = placeOf(name, tensors[of].shape, tensors[of].dtype);
    const given = placing(call, name, own);
    const other = picked(
      PLACES.filter((one) => 'lying' in one || 'before' in one),
      random,
    );
    const elsewhere = placing(call, name, { ...own, ...other });
    const both: [string, Call][] = [
      [`${name} given`, given],
      [`${name} given, ${JSON.stringify(other)}`, elsewhere],
    ];
    if (!(name in GRADIENT_OF)) return both;
    return [
      ...both,
      [`${name} accumulated`, { ...given, accumulated: name }],
      [`${name} omitted`, { ...call, omitted: name }],
    ];
  });
  const over = [
    ['out', 'x'],
    ['out', 'add'],
    ['residualOut', 'residual'],
  ] as const;
  const inPlace = over.flatMap(([name, operand]): [string, Call][] => {
    const place = tensors[operand];
    return place ? [[`${name} over ${operand}`, placing(call, name, place)]] : [];
  });
  const { dy: _, ...read } = tensors;
  const behind = Object.entries(read).map(([name, { buffer }]): [string, Call] => [
    `out behind ${name}`,
    placing(call, 'out', { ...tensors['x']!, lying: 'contiguous', before: BEHIND, buffer }),
  ]);
  return [...own, ...inPlace, ...behind];
}

/** Elements from a tensor to one behind it in its buffer. */
const BEHIND = 1 << 16;

function placing(call: Call, name: string, place: Place): Call {
  return { ...call, tensors: { ...call.tensors, [name]: place } };
}

export function picked<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random.uniform() * values.length)]!;
}
