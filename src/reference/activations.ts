import type { Activation, ActivationOptions } from '../options/activation.ts';
import { erfc } from './erf.ts';

/** A function of one number, and `dy` times its derivative. The value of NaN is NaN. */
export interface Curve {
  value: (z: number) => number;
  gradient: (z: number, dy: number) => number;
}

/**
 *     relu         max(z, 0), the derivative at 0 being 0; where it is 0 nothing goes back, not even a dy that is not finite
 *     leaky-relu   z where z > 0, otherwise negativeSlope · z
 *     silu         z · σ(z)
 *     gelu         z · Φ(z), Φ(z) = erfc(−z/√2) / 2 (Hendrycks, Gimpel 2016, https://arxiv.org/abs/1606.08415)
 *     gelu-tanh    z · (1 + tanh(√(2/π) · (z + 0.044715 z³))) / 2, its approximation
 *     sigmoid      σ(z) = 1 / (1 + exp(−z))
 *     tanh         tanh(z)
 *     elu          z where z > 0, otherwise alpha · (exp(z) − 1) (Clevert et al. 2015, https://arxiv.org/abs/1511.07289)
 *
 * The derivative at NaN is that of PyTorch: 1 of relu and elu, negativeSlope of leaky-relu, NaN of the others.
 */
const CURVES: Record<Activation, (parameters: { negativeSlope: number; alpha: number }) => Curve> = {
  relu: () => ({ value: (z) => (z <= 0 ? 0 : z), gradient: (z, dy) => (z <= 0 ? 0 : dy) }),
  'leaky-relu': ({ negativeSlope }) => ({
    value: (z) => (z > 0 ? z : negativeSlope * z),
    gradient: (z, dy) => dy * (z > 0 ? 1 : negativeSlope),
  }),
  silu: () => ({ value: (z) => z * sigmoid(z), gradient: (z, dy) => dy * (sigmoid(z) + z * sigmoidDerivative(z)) }),
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
