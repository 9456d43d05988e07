import * as norm from '../../../../src/index.ts';
import { loose, untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';
import { array, context, of, weight, x } from './stage.ts';

const rows = (option: object) => () => norm.rmsNormQuantized(x, untyped(option));
const scales = of(4, 6, 2);
const bytes = context.empty([4, 6, 5], { dtype: 'i8' });
const quantizing = 'layerNormQuantized and rmsNormQuantized give whole numbers of 8 bits, and their scales';

/** Wrong calls of what quantizes, and of what does not. */
export const QUANTIZED: WrongCall[] = [
  [
    'outputDtype',
    rows({ outputDtype: 'f16' }),
    'option',
    /^rmsNormQuantized: there is no option 'outputDtype'; the options are axes, .*groupSize, scales, out, encoder$/,
  ],
  [
    'quantize of another function',
    () => norm.rmsNorm(x, untyped({ quantize: 'i8' })),
    'option',
    `rmsNorm: there is no option 'quantize'; ${quantizing}`,
  ],
  [
    'groupSize for training',
    () => norm.layerNormForward(x, untyped({ groupSize: 128 })),
    'option',
    `layerNorm: there is no option 'groupSize'; ${quantizing}`,
  ],
  [
    'a gradient of a quantized result',
    // @ts-expect-error the compiler refuses it too
    () => norm.rmsNormBackward(bytes, untyped(undefined)),
    'saved',
    /rmsNormBackward: saved is not what a forward call saved but undefined/,
  ],
  [
    'block_size',
    rows({ block_size: 32 }),
    'option',
    "rmsNormQuantized: there is no option 'block_size'; here it is called groupSize",
  ],
  [
    'axes that are not the last',
    rows({ axes: [1] }),
    'axes',
    'rmsNormQuantized: axes [1] are not the last of x [4,6,5]; what shares a scale must be a row, so normalize the last axes, [-1] for example',
  ],
  [
    'axes out of range',
    () => norm.layerNormQuantized(x, { axes: [3] }),
    'axes',
    'layerNormQuantized: axis 3 is out of range; x [4,6,5] has axes -3 to 2',
  ],
  ...[100, 2, 0, -4, 4.5, NaN, Infinity].map((groupSize): WrongCall => [
    `groupSize ${groupSize}`,
    rows({ groupSize }),
    'option',
    `rmsNormQuantized: groupSize is ${groupSize}; it must be a power of two of at least 4, 128 for example`,
  ]),
  ['groupSize as text', rows({ groupSize: '4' }), 'option', /groupSize is the text "4"; it must be a power of two/],
  [
    'scales of no shape there is',
    rows({ groupSize: 4, scales: weight }),
    'parameter',
    'rmsNormQuantized: scales have shape [5]; there may be one, [2] for the groups of a row, or [4,6,2]',
  ],
  [
    'scales of rows',
    rows({ scales: of(4, 6) }),
    'parameter',
    'rmsNormQuantized: scales have shape [4,6]; there may be one, or [4,6,1]',
  ],
  [
    'scales of f16',
    rows({ scales: context.empty([1], { dtype: 'f16' }) }),
    'dtype',
    'rmsNormQuantized: scales holds f16; it must hold f32',
  ],
  ['a scale that is a number', rows({ scales: 0.5 }), 'option', /rmsNormQuantized: scales is no Tensor but 0.5/],
  ['scales in an array', rows({ scales: array }), 'option', /rmsNormQuantized: scales is no Tensor/],
  [
    'a tensor for both results',
    rows({ out: bytes }),
    'option',
    /rmsNormQuantized: out is a Tensor; give a plain object, \{ y \} for example/,
  ],
  [
    'out of another name',
    rows({ out: { q: bytes } }),
    'option',
    "rmsNormQuantized: out has no 'q'; it may have y, scales",
  ],
  ['out.y of f32', rows({ out: { y: of(4, 6, 5) } }), 'dtype', 'rmsNormQuantized: y of out holds f32; it must hold i8'],
  [
    'out.scales of another shape',
    rows({ out: { scales: of(4, 6) } }),
    'shape',
    'rmsNormQuantized: scales of out has shape [4,6], but the result has [4,6,1]',
  ],
  [
    'scales that are given and written',
    rows({ groupSize: 4, scales, out: { scales: of(4, 6, 2) } }),
    'option',
    /^rmsNormQuantized: scales are given, and out has scales too; give out.scales where they are computed/,
  ],
  [
    'y of out over residual',
    rows({ residual: x, out: { y: context.wrap(x.buffer, { shape: [4, 6, 5], dtype: 'i8' }) } }),
    'usage',
    'rmsNormQuantized: y of out overlaps x in the same buffer; WebGPU needs separate ranges',
  ],
  [
    'segments',
    () => norm.layerNormQuantized(x, untyped({ segments: weight })),
    'option',
    /there is no option 'segments'/,
  ],
  [
    'options after the options',
    () => loose(norm.rmsNormQuantized)(x, {}, { out: { y: bytes } }),
    'option',
    /rmsNormQuantized: an object follows the options; out and encoder are options too/,
  ],
];
