/** The modes, and how sizes become a call of each: what every test of the whole goes over. */

/** Samples, channels (or rows of a sample) and positions (or columns). */
export interface Size {
  N: number;
  C: number;
  L: number;
}

/** A call without its numbers. */
export interface Call {
  shape: number[];
  options: Record<string, unknown>;
  /** The shape of weight and bias; null where the mode has none. */
  affine: number[] | null;
  /** Further tensors by the name of their option. */
  tensors: Record<string, number[]>;
}

export type Operation =
  | 'batchNorm'
  | 'layerNorm'
  | 'instanceNorm'
  | 'groupNorm'
  | 'adaptiveInstanceNorm'
  | 'rmsNorm'
  | 'scaleNorm'
  | 'dynamicTanh'
  | 'dynamicErf'
  | 'globalResponseNorm'
  | 'normalize';

export interface Mode {
  name: string;
  op: Operation;
  layouts: readonly string[];
  call(size: Size, layout: string): Call;
  /** Which parameters it has. Default: weight and bias. */
  parameters?: readonly string[];
  /** Takes numbers above zero: a sum near zero has no accurate quotient. */
  positive?: boolean;
  /** Why the mode refuses a size, as its error says it. */
  refuses?(size: Size): RegExp | null;
}

const PICTURES = ['NCHW', 'NHWC', 'NCL', 'NLC', 'NCDHW', 'NDHWC'];
const ROWS = ['rows'];

/** The shape of a layout: L becomes the positions, as square as its divisors allow. */
function shapeOf({ N, C, L }: Size, layout: string): number[] {
  const axes = [...layout].filter((letter) => letter !== 'N' && letter !== 'C');
  const sizes = new Map<string, number>();
  let rest = L;
  for (const [index, letter] of axes.entries()) {
    const size = index === axes.length - 1 ? rest : divisorBelow(rest, rest ** (1 / (axes.length - index)));
    sizes.set(letter, size);
    rest /= size;
  }
  const withoutPositions = axes.length === 0 ? N * L : N;
  return [...layout].map((letter) => (letter === 'N' ? withoutPositions : letter === 'C' ? C : sizes.get(letter)!));
}

function divisorBelow(value: number, limit: number): number {
  for (let divisor = Math.floor(limit + 1e-9); divisor > 1; divisor--) if (value % divisor === 0) return divisor;
  return 1;
}

const inChannels =
  (options: Record<string, unknown> = {}, tensors: string[] = []) =>
  (size: Size, layout: string): Call => ({
    shape: shapeOf(size, layout),
    options: { layout, ...options },
    affine: [size.C],
    tensors: Object.fromEntries(tensors.map((name) => [name, [size.C]])),
  });

const inRows =
  (options: Record<string, unknown> = {}) =>
  ({ N, C, L }: Size): Call => ({
    shape: [N * C, L],
    options,
    affine: [L],
    tensors: {},
  });

/** Over any axes of [N, C, L]; parameters broadcast along an axis of their own. */
const over =
  (axes: number[], statistic: string, affine: (size: Size) => number[]) =>
  (size: Size): Call => ({
    shape: [size.N, size.C, size.L],
    options: { axes, statistic },
    affine: affine(size),
    tensors: {},
  });

/** N sequences of L rows on average; the layout says how their starts are told. */
const packed =
  (options: Record<string, unknown> = {}, tensors: string[] = []) =>
  ({ N, C, L }: Size): Call => ({
    shape: [N * L, C],
    options,
    affine: [C],
    tensors: { segments: [N + 1], ...Object.fromEntries(tensors.map((name) => [name, [C]])) },
  });

/** Two heads of each of C tokens, where the layout has them; with weights of their own, where those are the last axes. */
const ofHeads = ({ N, C, L }: Size, layout: string): Call => {
  const size = L + (L % 2);
  const sizes: Record<string, number> = { N, T: C, H: 2, D: size };
  const shape = [...layout].map((letter) => sizes[letter]!);
  const affine = layout === 'NTHD' ? shape.slice(-2) : [size];
  return { shape, options: { rotary: { tokenAxis: layout.indexOf('T') } }, affine, tensors: {} };
};

const STARTS = ['tensor', 'numbers'];
const HEADS = ['NTHD', 'NHTD', 'THD', 'TD'];

const groupsOf = (channels: number): number => divisorBelow(channels, Math.sqrt(channels));

export const modes: readonly Mode[] = [
  {
    name: 'BatchNorm, training',
    op: 'batchNorm',
    layouts: [...PICTURES, 'NC', 'CN'],
    call: inChannels({ training: true }),
    refuses: ({ N, L }) => (N * L === 1 ? /more than 1 value per channel/ : null),
  },
  {
    name: 'BatchNorm, inference',
    op: 'batchNorm',
    layouts: [...PICTURES, 'NC', 'CN'],
    call: inChannels({}, ['runningMean', 'runningVar']),
  },
  { name: 'LayerNorm, last axis', op: 'layerNorm', layouts: ROWS, call: inRows() },
  {
    name: 'LayerNorm over C,H,W',
    op: 'layerNorm',
    layouts: ['NCHW', 'NHWC'],
    call: (size, layout) => {
      const shape = shapeOf(size, layout);
      return { shape, options: { axes: [1, 2, 3] }, affine: shape.slice(1), tensors: {} };
    },
  },
  { name: 'InstanceNorm', op: 'instanceNorm', layouts: PICTURES, call: inChannels() },
  {
    name: 'InstanceNorm, running statistics',
    op: 'instanceNorm',
    layouts: ['NCHW', 'NHWC'],
    call: inChannels({ useInputStats: false }, ['runningMean', 'runningVar']),
  },
  {
    name: 'GroupNorm',
    op: 'groupNorm',
    layouts: [...PICTURES, 'NC'],
    call: (size, layout) => inChannels({ numGroups: groupsOf(size.C) })(size, layout),
  },
  {
    name: 'AdaIN',
    op: 'adaptiveInstanceNorm',
    layouts: PICTURES,
    call: (size, layout) => {
      const style = shapeOf({ ...size, L: size.L + 3 }, layout);
      return { shape: shapeOf(size, layout), options: { layout }, affine: null, tensors: { style } };
    },
  },
  {
    name: 'ScaleNorm',
    op: 'scaleNorm',
    layouts: ROWS,
    call: (size) => ({ ...inRows()(size), affine: [1] }),
    parameters: ['weight'],
  },
  { name: 'RMSNorm', op: 'rmsNorm', layouts: ROWS, call: inRows() },
  { name: 'per pixel over N,C', op: 'normalize', layouts: ROWS, call: over([0, 1], 'mean-variance', ({ L }) => [L]) },
  {
    name: 'per activation over N',
    op: 'normalize',
    layouts: ROWS,
    call: over([0], 'mean-variance', ({ C }) => [C, 1]),
  },
  { name: 'alternating axes', op: 'normalize', layouts: ROWS, call: over([0, 2], 'rms', ({ C }) => [C, 1]) },
  { name: 'l2', op: 'normalize', layouts: ROWS, call: over([2], 'l2', ({ L }) => [L]) },
  { name: 'l1', op: 'normalize', layouts: ROWS, call: over([1], 'l1', ({ N }) => [N, 1, 1]) },
  {
    name: 'sum to one',
    op: 'normalize',
    positive: true,
    layouts: ROWS,
    call: over([1, 2], 'sum', ({ C, L }) => [C, L]),
  },
];

/** What measures nothing: sweeps over statistics leave it out. */
export const POINTWISE: readonly Mode[] = [
  { name: 'DyT', op: 'dynamicTanh', layouts: ROWS, call: (size) => ({ ...inRows()(size), tensors: { alpha: [1] } }) },
  {
    name: 'Derf',
    op: 'dynamicErf',
    layouts: ROWS,
    call: (size) => ({ ...inRows()(size), tensors: { alpha: [1], inputShift: [1] } }),
  },
];

/** A statistic of statistics. */
export const RESPONSE: Mode = {
  name: 'GRN',
  op: 'globalResponseNorm',
  layouts: [...PICTURES, 'NC', 'CN'],
  call: inChannels(),
};

/** Further options of modes that sweeps go over anyway. */
export const FURTHER: readonly Mode[] = [
  {
    name: 'BatchNorm, tracking',
    op: 'batchNorm',
    layouts: [...PICTURES, 'NC', 'CN'],
    call: inChannels({ training: true, momentum: 0.3 }, ['runningMean', 'runningVar']),
    refuses: ({ N, L }) => (N * L === 1 ? /more than 1 value per channel/ : null),
  },
  {
    name: 'InstanceNorm, tracking',
    op: 'instanceNorm',
    layouts: PICTURES,
    call: inChannels({ momentum: 0.3 }, ['runningMean', 'runningVar']),
    refuses: ({ L }) => (L === 1 ? /one value has no unbiased variance to track/ : null),
  },
  {
    name: 'LayerNorm, unbiased',
    op: 'layerNorm',
    layouts: ROWS,
    call: inRows({ unbiased: true }),
    refuses: ({ L }) => (L === 1 ? /unbiased variance takes 2 or more/ : null),
  },
  {
    name: 'RMSNorm over two axes',
    op: 'rmsNorm',
    layouts: ROWS,
    call: ({ N, C, L }) => ({ shape: [N, C, L], options: { axes: [1, 2] }, affine: [C, L], tensors: {} }),
  },
  { name: 'linf', op: 'normalize', layouts: ROWS, call: over([1, 2], 'linf', ({ C, L }) => [C, L]) },
  { name: 'InstanceNorm, mean scaled', op: 'instanceNorm', layouts: PICTURES, call: inChannels({}, ['meanScale']) },
  { name: 'LayerNorm, packed', op: 'layerNorm', layouts: STARTS, call: packed() },
  { name: 'InstanceNorm, packed', op: 'instanceNorm', layouts: STARTS, call: packed() },
  {
    name: 'GroupNorm, packed',
    op: 'groupNorm',
    layouts: STARTS,
    call: (size) => packed({ numGroups: groupsOf(size.C) })(size),
  },
  {
    name: 'InstanceNorm, packed, mean scaled',
    op: 'instanceNorm',
    layouts: STARTS,
    call: packed({}, ['meanScale']),
  },
  { name: 'LayerNorm, rotated', op: 'layerNorm', layouts: HEADS, call: ofHeads },
  { name: 'RMSNorm, rotated', op: 'rmsNorm', layouts: HEADS, call: ofHeads },
];

/** Every mode in each of its layouts, with the number of the layout among those of its mode. */
export const EVERY_PLACE = modes.flatMap((mode) =>
  mode.layouts.map((layout, index) => ({ mode, layout, index, name: `${mode.name} ${layout}` })),
);

const SWEPT = new Set(['NCHW', 'NHWC', 'NLC', 'NC', 'CN', 'rows']);

/** Each mode in the layouts that differ in how its groups lie: what sweeps over fusions go over. */
export const PLACES = modes.flatMap((mode) =>
  mode.layouts
    .filter((layout) => SWEPT.has(layout))
    .map((layout) => ({ mode, layout, name: `${mode.name} ${layout}` })),
);
