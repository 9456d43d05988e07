import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { loose, recording, testWrongCalls } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** What a call writes may lie over no other array of the call: each pair of them is told at the call, never by the device alone. */

const context = await norm.createContext({ gpu: await gpu() });
const SHAPE = [4, 6, 8];
const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;

/** A tensor in a buffer that has room for any other. */
function of(shape: readonly number[], dtype: 'f32' | 'u32' = 'f32'): Tensor {
  const buffer = context.device.createBuffer({ size: 4096, usage: STORAGE_AND_COPIES });
  return context.wrap(buffer, { shape, dtype });
}

type Named = Readonly<Record<string, Tensor>>;

interface Call {
  op: keyof typeof norm;
  arrays: Named;
  /** Written besides the results: running statistics. */
  updated?: Named;
  options: (arrays: Named) => object;
}

const running = { runningMean: of([6]), runningVar: of([6]) };
const numBatchesTracked = of([1], 'u32');
const moments = norm.moments(of(SHAPE), { axes: [0, 2] });

const CALLS: readonly Call[] = [
  {
    op: 'layerNorm',
    arrays: Object.fromEntries([
      ...['weight', 'bias', 'inputBias', 'scale', 'shift'].map((name) => [name, of([8])] as const),
      ...['residual', 'by', 'add'].map((name) => [name, of(SHAPE)] as const),
      ['gate', of([4, 1, 1])],
    ]),
    options: ({ scale, shift, by, ...others }) => ({ ...others, modulation: { scale, shift }, multiply: { by } }),
  },
  {
    op: 'rmsNorm',
    arrays: { residual: of(SHAPE), cos: of([9, 4]), sin: of([9, 4]), positions: of([4, 6], 'u32') },
    options: ({ residual, ...rotary }) => ({ residual, rotary: { ...rotary, tokenAxis: 1 } }),
  },
  { op: 'batchNorm', arrays: { residual: of(SHAPE), ...running }, options: (arrays) => arrays },
  {
    op: 'batchNorm',
    arrays: { residual: of(SHAPE), mask: of([4, 8]) },
    updated: { ...running, numBatchesTracked },
    options: (arrays) => ({ ...arrays, training: true, momentum: null }),
  },
  {
    op: 'batchNorm',
    arrays: { residual: of(SHAPE), moments: moments.packed },
    updated: running,
    options: (arrays) => ({ ...arrays, moments, training: true }),
  },
  { op: 'instanceNorm', arrays: { residual: of(SHAPE), meanScale: of([6]) }, options: (arrays) => arrays },
];

/** Operands that a result of the same place goes over. */
const IN_PLACE = ['out x', 'out add', 'residualOut residual'];

/** Calls that write one array over another: each of those written over each of the call. */
function overlapping({ op, arrays, updated = {}, options }: Call): WrongCall[] {
  const all: Named = { x: of(SHAPE), ...arrays, ...updated, residualOut: of(SHAPE), out: of(SHAPE) };
  const pairs = ['out', 'residualOut', ...Object.keys(updated)].flatMap((written) =>
    Object.keys(all).map((other) => [written, other] as const),
  );
  return pairs
    .filter(([written, other]) => written !== other)
    .map(([written, other]): WrongCall => {
      const { shape, dtype } = all[written]!;
      const byteOffset = IN_PLACE.includes(`${written} ${other}`) ? 256 : 0;
      const over = context.wrap(all[other]!.storage.buffer, { shape, dtype, byteOffset });
      const { x, out, residualOut, ...rest } = { ...all, [written]: over };
      const call = (): unknown => loose(norm[op])(x, { ...options(rest), out, residualOut });
      return [`${op}: ${written} over ${other}`, call, 'usage', new RegExp(`${written} overlaps|overlaps ${written}`)];
    });
}

/** A gradient that goes over each array that it reads. */
function overGradient(): WrongCall[] {
  const x = of(SHAPE);
  const [residual, by] = [of(SHAPE), of(SHAPE)];
  const [gate, weight, bias, scale] = [of([6]), of([6]), of([6]), of([6])];
  const { saved } = norm.batchNormForward(x, {
    training: true,
    residual,
    gate,
    weight,
    bias,
    modulation: { scale },
    multiply: { by },
    activation: 'silu',
    moments,
  });
  const dy = of(SHAPE);
  const dresidualOut = of(SHAPE);
  const sums = norm.gradientSums(dy, saved);
  const { saved: planes } = saved.statistics;
  const read = {
    ...saved.inputs,
    x: saved.inputs['residualOut']!,
    saved: planes!,
    sums: sums.packed,
    dy,
    dresidualOut,
  };
  return ['out', 'accumulate'].flatMap((list) =>
    Object.entries(read)
      .filter(([name]) => name !== 'residualOut' && name !== 'moments')
      .map(([name, tensor]): WrongCall => {
        const dweight = context.wrap(tensor.storage.buffer, { shape: [6] });
        const call = (): unknown => norm.batchNormBackward(dy, saved, { dresidualOut, sums, [list]: { dweight } });
        return [
          `batchNormBackward: dweight of ${list} over ${name}`,
          call,
          'usage',
          new RegExp(`dweight overlaps ${name}`),
        ];
      }),
  );
}

testWrongCalls([...CALLS.flatMap(overlapping), ...overGradient()], recording(context));
