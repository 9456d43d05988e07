import * as norm from '../../../../src/index.ts';
import type { WrongCall } from '../../support/wrong-call.ts';
import { untyped } from '../../support/wrong-call.ts';
import { context, dy, of, weight, x } from './stage.ts';

const half = context.empty([4, 6, 5], { dtype: 'f16' });
const turned = of(4, 5, 6);
const six = of(6);
const added = norm.layerNormForward(x, { add: weight }).saved;

/** The call of rmsNorm with a factor. */
const multiply =
  (option: unknown, more: object = {}) =>
  () =>
    norm.rmsNorm(x, { multiply: untyped(option), ...more });

/** Factors and addends, residuals that broadcast, input biases. */
export const MULTIPLY_ADD: WrongCall[] = [
  ['a factor itself', multiply(weight), 'option', /^rmsNorm: multiply is a Tensor; /],
  ['no factor', multiply({ activation: 'silu' }), 'option', 'rmsNorm: multiply has no by; give the factor'],
  ['a factor that is no tensor', multiply({ by: 2 }), 'option', /^rmsNorm: by is no Tensor but 2; /],
  [
    'a factor of another shape',
    multiply({ by: turned }),
    'parameter',
    /^rmsNorm: by \[4,5,6\] does not broadcast to x \[4,6,5\]; /,
  ],
  ['a factor of another dtype', multiply({ by: half }), 'dtype', 'rmsNorm: by holds f16; it must hold f32'],
  [
    'a place that there is not',
    multiply({ by: dy, where: 'inside' }),
    'option',
    "rmsNorm: where of multiply is 'inside'; it must be one of before, after",
  ],
  [
    'an activation with a parameter',
    multiply({ by: dy, activation: 'elu' }),
    'option',
    "rmsNorm: activation of multiply is 'elu'; it must be one of relu, relu6, silu, hard-swish, mish, gelu, gelu-tanh, sigmoid, hard-sigmoid, tanh",
  ],
  [
    'an unknown part',
    multiply({ by: dy, act: 'silu' }),
    'option',
    "rmsNorm: multiply has no 'act'; here it is called activation",
  ],
  [
    'a factor of x beside a residual',
    multiply({ by: dy, where: 'before' }, { residual: dy }),
    'option',
    /^rmsNorm: multiply has where .*before.*, and something is added to x; which of them comes first is not said: /,
  ],
  [
    'an addend of another shape',
    () => norm.layerNorm(x, { add: turned }),
    'parameter',
    /^layerNorm: add \[4,5,6\] does not broadcast to x \[4,6,5\]; /,
  ],
  [
    'an addend of another dtype',
    () => norm.layerNorm(x, { add: half }),
    'dtype',
    'layerNorm: add holds f16; it must hold f32',
  ],
  [
    'the gradient of a factor that was not there',
    () => norm.layerNormBackward(dy, added, { gradients: untyped(['dby']) }),
    'option',
    /gradients names 'dby', but the call had no by; there are dx, dadd/,
  ],
  [
    'y over what the gradient of the activation reads',
    () => norm.layerNormForward(x, { add: dy, out: dy, activation: 'silu' }),
    'usage',
    /^layerNorm: out is add, which the gradient of the activation reads; /,
  ],
  [
    'an input bias of another shape',
    () => norm.layerNorm(x, { inputBias: six }),
    'parameter',
    /^layerNorm: inputBias \[6\] does not broadcast to x \[4,6,5\]; /,
  ],
  [
    'an input bias beside a residual that broadcasts',
    () => norm.layerNorm(x, { inputBias: weight, residual: weight }),
    'option',
    'layerNorm: inputBias is given beside a residual [5] that broadcasts to x; combine the two small arrays before the call',
  ],
  [
    'a gate beside a residual that broadcasts',
    () => norm.layerNorm(x, { gate: weight, residual: weight }),
    'option',
    'layerNorm: gate is given beside a residual [5] that broadcasts to x; combine the two small arrays before the call',
  ],
];
