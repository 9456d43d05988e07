/** Below it the series is short and 1 − erf keeps 13 digits; above it the fraction is short. */
const MEETING = 2;

/** Of the continued fraction: at {@link MEETING}, where it converges most slowly, more change nothing. */
const FRACTIONS = 60;

/** erf(x) = 2/√π ∫₀ˣ exp(−t²) dt */
export function erf(x: number): number {
  return Math.abs(x) < MEETING ? series(x) : x < 0 ? fraction(-x) - 1 : 1 - fraction(x);
}

/** 1 − erf(x), without the cancellation where x is large. */
export function erfc(x: number): number {
  return Math.abs(x) < MEETING ? 1 - series(x) : x < 0 ? 2 - fraction(-x) : fraction(x);
}

/**
 * erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2n + 1)), whose terms all have one sign.
 *
 * Abramowitz, Stegun 1964, Handbook of Mathematical Functions, 7.1.6
 */
function series(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; sum + term !== sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/**
 * erfc(x) = exp(−x²)/√π · 1/(x + ½/(x + 1/(x + 1½/(x + …)))) for x > 0, from the innermost fraction outwards.
 *
 * Abramowitz, Stegun 1964, Handbook of Mathematical Functions, 7.1.14
 */
function fraction(x: number): number {
  let denominator = x;
  for (let n = FRACTIONS; n > 0; n--) denominator = x + n / 2 / denominator;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / denominator;
}
