import type { Activation, ActivationOptions } from '../options/activation.ts';
import { erfc } from './erf.ts';

/** A function of one number, and `dy` times its derivative. The value of NaN is NaN. */
export interface Curve {
  value: (z: number) => number;
  gradient: (z: number, dy: number) => number;
}

/**
 *     relu         max(z, 0), the derivative at 0 being 0; where it is 0 nothing goes back, not even a dy that is not finite
 *     relu6        min(max(z, 0), 6), likewise at 0 and 6 (Howard et al. 2017, https://arxiv.org/abs/1704.04861)
 *     leaky-relu   z where z > 0, otherwise negativeSlope · z
 *     elu          z where z > 0, otherwise alpha · (exp(z) − 1) (Clevert et al. 2015, https://arxiv.org/abs/1511.07289)
 *     silu         z · σ(z)
 *     hard-swish   z · relu6(z + 3) / 6 (Howard et al. 2019, https://arxiv.org/abs/1905.02244)
 *     mish         z · tanh(ln(1 + exp(z))) (Misra 2019, https://arxiv.org/abs/1908.08681)
 *     gelu         z · Φ(z), Φ(z) = erfc(−z/√2) / 2 (Hendrycks, Gimpel 2016, https://arxiv.org/abs/1606.08415)
 *     gelu-tanh    z · (1 + tanh(√(2/π) · (z + 0.044715 z³))) / 2, its approximation
 *     sigmoid      σ(z) = 1 / (1 + exp(−z))
 *     hard-sigmoid relu6(z + 3) / 6, as of PyTorch and Keras 3
 *     tanh         tanh(z)
 *
 * The derivative at NaN is that of PyTorch: 1 of relu, relu6, elu and hard-swish, negativeSlope of leaky-relu, 0 of hard-sigmoid, NaN of the others.
 */
const CURVES: Record<Activation, (parameters: { negativeSlope: number; alpha: number }) => Curve> = {
  relu: () => ({ value: (z) => (z <= 0 ? 0 : z), gradient: (z, dy) => (z <= 0 ? 0 : dy) }),
  relu6: () => ({ value: relu6, gradient: (z, dy) => (z <= 0 || z >= 6 ? 0 : dy) }),
  'leaky-relu': ({ negativeSlope }) => ({
    value: (z) => (z > 0 ? z : negativeSlope * z),
    gradient: (z, dy) => dy * (z > 0 ? 1 : negativeSlope),
  }),
  silu: () => ({ value: (z) => z * sigmoid(z), gradient: (z, dy) => dy * (sigmoid(z) + z * sigmoidDerivative(z)) }),
  'hard-swish': () => ({
    value: (z) => z * (relu6(z + 3) / 6),
    gradient: (z, dy) => (z <= -3 ? 0 : z < 3 ? dy * (z / 3 + 0.5) : dy),
  }),
  mish: () => ({
    value: (z) => z * Math.tanh(Math.log1p(Math.exp(z))),
    gradient: (z, dy) => {
      const t = Math.tanh(Math.log1p(Math.exp(z)));
      return dy * (t + z * sigmoid(z) * (1 - t * t));
    },
  }),
  gelu: () => ({
    value: (z) => z * normalBelow(z),
    gradient: (z, dy) => dy * (normalBelow(z) + (z * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)),
  }),
  // (1 + tanh(u)) / 2 = σ(2u), which does not cancel where tanh(u) is almost −1.
  'gelu-tanh': () => {
    const twice = (z: number): number => 2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3);
    const twiceDerivative = (z: number): number => 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z ** 2);
    return {
      value: (z) => z * sigmoid(twice(z)),
      gradient: (z, dy) => dy * (sigmoid(twice(z)) + z * sigmoidDerivative(twice(z)) * twiceDerivative(z)),
    };
  },
  sigmoid: () => ({ value: sigmoid, gradient: (z, dy) => dy * sigmoidDerivative(z) }),
  'hard-sigmoid': () => ({ value: (z) => relu6(z + 3) / 6, gradient: (z, dy) => (z > -3 && z < 3 ? dy / 6 : 0) }),
  // tanh(z) = 2 σ(2z) − 1
  tanh: () => ({ value: Math.tanh, gradient: (z, dy) => dy * 4 * sigmoidDerivative(2 * z) }),
  elu: ({ alpha }) => ({
    value: (z) => (z > 0 ? z : alpha * Math.expm1(z)),
    gradient: (z, dy) => dy * (z <= 0 ? alpha * Math.exp(z) : 1),
  }),
};

/** The one that is named, by its parameter; none: what changes nothing. */
export function curveOf({ activation, negativeSlope = 0.01, alpha = 1 }: ActivationOptions): Curve {
  if (activation === undefined) return { value: (z) => z, gradient: (_, dy) => dy };
  return CURVES[activation]({ negativeSlope, alpha });
}

/** min(max(z, 0), 6). */
function relu6(z: number): number {
  return Math.min(Math.max(z, 0), 6);
}

/** By the power that cannot overflow. */
function sigmoid(z: number): number {
  return z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z));
}

/** σ(z) · (1 − σ(z)), and 1 − σ(z) = σ(−z). */
function sigmoidDerivative(z: number): number {
  return sigmoid(z) * sigmoid(-z);
}

/** Φ(z), the share of a normal distribution below z. */
function normalBelow(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}
