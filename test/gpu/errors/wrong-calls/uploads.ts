import { array, buffer, context, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

const NO_DATA: [name: string, given: unknown, shown: string][] = [
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a number', 1, '1'],
  ['text', '1', 'the text "1"'],
  ['a Promise', Promise.resolve([1]), 'a Promise (await it first)'],
  ['a Set', new Set([1]), 'a Set'],
  ['bytes', new ArrayBuffer(4), 'an ArrayBuffer'],
  ['a Tensor', x, 'a Tensor'],
  ['an array of the reference', array, 'an object'],
];

/** Something else where data, a buffer or a dtype belongs. */
export const UPLOADS: WrongCall[] = [
  ...NO_DATA.map(([name, given, shown]): WrongCall => [
    `${name} as data`,
    () => context.tensor(untyped(given), [1]),
    'dtype',
    `tensor: the data is ${shown}; it must be a typed array or an Array of numbers`,
  ]),
  [
    'a Proxy of a typed array',
    () => context.tensor(new Proxy(Float32Array.of(1), {}), [1]),
    'dtype',
    'tensor: the data is a Float32Array; it must be the typed array itself, no Proxy of it',
  ],
  [
    'nested lists',
    () => context.tensor(untyped([[1], [2]]), [2, 1]),
    'dtype',
    'tensor: the data is an Array of Arrays; it must be flat, data.flat() for example',
  ],
  ...(['f32', 'f16', 'bf16', 'u32'] as const).flatMap((dtype): WrongCall[] => [
    [
      `a BigInt as ${dtype}`,
      () => context.tensor(untyped([0, 1n]), [2], { dtype }),
      'dtype',
      `tensor: element 1 is 1n (a BigInt), which does not fit ${dtype}; it must be a number`,
    ],
    [
      `text as ${dtype}`,
      () => context.tensor(untyped(['1']), [1], { dtype }),
      'dtype',
      `tensor: element 0 is the text "1", which does not fit ${dtype}; it must be a number`,
    ],
  ]),
  [
    'an array of BigInts',
    () => context.tensor(untyped(BigInt64Array.of(1n)), [1]),
    'dtype',
    'tensor: the data is a BigInt64Array, but f32 takes a Float32Array; convert it first',
  ],
  [
    'an array of i32',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor(Int32Array.of(1), [1], { dtype: 'u32' }),
    'dtype',
    'tensor: the data is an Int32Array, but u32 takes a Uint32Array; convert it first',
  ],
  [
    'a dtype as a number',
    () => context.empty([1], { dtype: untyped(32) }),
    'dtype',
    'empty: dtype is 32; it must be f32, f16, bf16, u32 (for counts) or i8 (quantized)',
  ],
  [
    'a label as a Symbol',
    () => context.tensor([1], [1], { label: untyped(Symbol('x')) }),
    'option',
    'tensor: label is a Symbol; it must be text',
  ],
  [
    'no buffer to wrap',
    () => context.wrap(untyped(undefined), { shape: [4] }),
    'option',
    'wrap: buffer is undefined; it must be a GPUBuffer',
  ],
  [
    'a Tensor to wrap',
    () => context.wrap(untyped(x), { shape: [4] }),
    'option',
    'wrap: buffer is a Tensor; it must be a GPUBuffer',
  ],
  [
    'numbers to wrap',
    () => context.wrap(untyped(array.data), { shape: [4] }),
    'option',
    'wrap: buffer is a Float32Array of 120; it must be a GPUBuffer',
  ],
  [
    'a shape itself to wrap by',
    () => context.wrap(buffer, untyped([4])),
    'option',
    'wrap: options are [4]; give a plain object, { shape } for example',
  ],
  [
    'wrap without options',
    () => context.wrap(buffer, untyped(undefined)),
    'option',
    'wrap: options are undefined; give a plain object, { shape } for example',
  ],
  [
    'reading as a dtype there is not',
    async () => x.read(untyped('f64')),
    'dtype',
    "read: dtype is 'f64'; it must be f32, f16, bf16, u32 (for counts) or i8 (quantized)",
  ],
];
