import { describe, expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../src/options/activation.ts';
import type { Activation, ActivationOptions } from '../../src/options/activation.ts';
import { curveOf } from '../../src/reference/activations.ts';
import { AT as HARD, differing, PYTORCH_ACTIVATIONS } from '../conformance/pytorch-activations.ts';
import { slopesOf } from './differences.ts';

/** Values and slopes at these, from arithmetic of 60 digits. */
const AT = [-5, -1.3, 0, 0.7, 3];
const KNOWN: Record<Activation, { values: number[]; slopes: number[] }> = {
  relu: { values: [0, 0, 0, 0.7, 3], slopes: [0, 0, 0, 1, 1] },
  relu6: { values: [0, 0, 0, 0.7, 3], slopes: [0, 0, 0, 1, 1] },
  'leaky-relu': { values: [-0.05, -0.013, 0, 0.7, 3], slopes: [0.01, 0.01, 0.01, 1, 1] },
  silu: {
    values: [-0.03346425462142428, -0.2784145220446738, 0, 0.46773144051771626, 2.8577223804672998],
    slopes: [-0.02654743242966592, -0.004622854252336912, 0.5, 0.8233867834733425, 1.0881041060151695],
  },
  'hard-swish': {
    values: [0, -0.36833333333333335, 0, 0.43166666666666664, 3],
    slopes: [0, 0.06666666666666667, 0.5, 0.7333333333333333, 1],
  },
  mish: {
    values: [-0.033576237730161704, -0.30738246474949593, 0, 0.561148377643852, 2.9865350049679575],
    slopes: [-0.026747498019901932, -0.026400962159801512, 0.6, 0.9687948682001859, 1.0211069109294437],
  },
  gelu: {
    values: [-1.4332578593959695e-6, -0.12584062996129344, 0, 0.5306254434438489, 2.99595030590511],
    slopes: [-7.146946001792295e-6, -0.12597868507653923, 0.5, 0.9766141011336599, 1.011945647204184],
  },
  'gelu-tanh': {
    values: [-2.291796196629506e-7, -0.1260709876826906, 0, 0.5305701347051167, 2.996362607918227],
    slopes: [-1.5463619875325946e-6, -0.12587806978401672, 0.5, 0.9763572186561039, 1.0115841666309697],
  },
  sigmoid: {
    values: [0.0066928509242848554, 0.2141650169574414, 0.5, 0.6681877721681662, 0.9525741268224333],
    slopes: [0.006648056670790155, 0.16829836246906024, 0.25, 0.22171287329310904, 0.04517665973091213],
  },
  'hard-sigmoid': {
    values: [0, 0.2833333333333333, 0.5, 0.6166666666666667, 1],
    slopes: [0, 1 / 6, 1 / 6, 1 / 6, 0],
  },
  tanh: {
    values: [-0.9999092042625951, -0.8617231593133063, 0, 0.6043677771171635, 0.9950547536867305],
    slopes: [0.00018158323094380667, 0.257433196703094, 1, 0.6347395899824586, 0.00986603716544019],
  },
  elu: {
    values: [-0.9932620530009145, -0.7274682069659874, 0, 0.7, 3],
    slopes: [0.006737946999085467, 0.2725317930340126, 1, 1, 1],
  },
};

/** Value and derivative: what goes back of 1. */
function slopeOf(options: ActivationOptions): { value: (z: number) => number; derivative: (z: number) => number } {
  const { value, gradient } = curveOf(options);
  return { value, derivative: (z) => gradient(z, 1) };
}

describe('activations', () => {
  it.each(ACTIVATION_NAMES)('%s has its values and slopes', (activation) => {
    const { value, derivative } = slopeOf({ activation });
    AT.forEach((z, i) => {
      for (const [got, want] of [
        [value(z), KNOWN[activation].values[i]!],
        [derivative(z), KNOWN[activation].slopes[i]!],
      ] as const) {
        expect(Math.abs(got - want), `${z}: ${got}, not ${want}`).toBeLessThanOrEqual(1e-13 * Math.abs(want));
      }
    });
  });

  it.each(ACTIVATION_NAMES)('%s rises by its derivative, which dy is multiplied by (G5)', (activation) => {
    const { value, derivative } = slopeOf({ activation, negativeSlope: 0.3, alpha: 1 });
    for (let z = -8.05; z < 8; z += 0.1) {
      const at = Float64Array.of(z);
      expect(Math.abs(derivative(z) - slopesOf(() => value(at[0]!), at)[0]!), `${z}`).toBeLessThan(1e-10);
    }
  });

  it.each(ACTIVATION_NAMES)('%s is finite far out, with the derivative of its asymptote', (activation) => {
    const { value, derivative } = slopeOf({ activation });
    const most = { relu6: 6, sigmoid: 1, 'hard-sigmoid': 1, tanh: 1 }[activation as 'tanh'];
    for (const z of [800, 1e30]) {
      expect([value(z), derivative(z)]).toEqual(most ? [most, 0] : [z, 1]);
      const below = { 'leaky-relu': -z / 100, tanh: -1, elu: -1 }[activation as 'tanh'] ?? 0;
      expect(value(-z)).toBeCloseTo(below, 12);
      expect(derivative(-z)).toBeCloseTo(activation === 'leaky-relu' ? 0.01 : 0, 12);
    }
  });

  /** PyTorch 1.13 has a sixth in f32. */
  const BOUND = 2 ** -24;

  it.each(PYTORCH_ACTIVATIONS)('$activation is that of PyTorch of what is not finite', ({ activation, y, dx }) => {
    const { value, gradient } = curveOf({ activation });
    expect(differing(HARD.map(value), y, BOUND), 'y').toEqual([]);
    for (const { dy, values } of dx) {
      const found = HARD.map((z) => gradient(z, dy));
      expect(differing(found, values, BOUND), `dy ${dy}`).toEqual([]);
    }
  });

  it('have the derivative that is asked for where leaky', () => {
    const { value, derivative } = slopeOf({ activation: 'leaky-relu', negativeSlope: 0.25 });
    expect([value(-8), value(8), derivative(-8), derivative(0), derivative(8)]).toEqual([-2, 8, 0.25, 0.25, 1]);
  });

  it('tend to what is asked for where exponential', () => {
    const { value, derivative } = slopeOf({ activation: 'elu', alpha: 0.25 });
    expect([value(-800), value(8), derivative(-800), derivative(0), derivative(8)]).toEqual([-0.25, 8, 0, 0.25, 1]);
  });

  it('change nothing where there is none', () => {
    const { value, derivative } = slopeOf({});
    expect([value(-8), derivative(-8)]).toEqual([-8, 1]);
  });
});
