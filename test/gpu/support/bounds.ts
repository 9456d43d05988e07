import type { Mode } from './modes.ts';

/**
 * The largest error allowed of y against float64, as a relative norm: max |y - exact| in units of u = 2^-24 (the rounding of
 * f32) times max(|exact|, |weight|, |bias|).
 *
 * Where it comes from. WGSL allows inverseSqrt 2 ULP (4 u), division 2.5 ULP (5 u) and sqrt both (9 u); each other operation
 * rounds once (1 u). scale = inverseSqrt(d² + eps) of a deviation d that came from a division and a sqrt: (5 + 9) / 2 + 9 +
 * 4 + 3; the sum under the root, in blocks of 64, about 4 u on data like ours; then subtract, correct, scale, weight, bias:
 * 5. What is seen is less, because software adapters round division and sqrt correctly: 12 u at most.
 */
const UNITS = 32;

/** Two measured factors multiply in AdaIN: the content's scale and the style's. */
const ADAPTIVE_UNITS = 48;

export function boundOf(mode: Mode): number {
  return (mode.op === 'adaptiveInstanceNorm' ? ADAPTIVE_UNITS : UNITS) * 2 ** -24;
}
