/** Formats of 16 bits, besides the sign: digits after the point, and the exponents of the smallest and the largest normal numbers. */
const FORMATS = {
  f16: { digits: 10, least: -14, most: 15 },
  bf16: { digits: 7, least: -126, most: 127 },
} as const;

/** A dtype of 16 bits. */
export type HalfDtype = keyof typeof FORMATS;

/** To the nearest number of a dtype, of two that are as near the even one. */
export function rounderOf(dtype: HalfDtype): (value: number) => number {
  const { digits, least, most } = FORMATS[dtype];
  const largest = (2 - 2 ** -digits) * 2 ** most;
  return (value) => {
    if (!Number.isFinite(value) || value === 0) return value;
    const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), least) - digits);
    const steps = value / step;
    const below = Math.floor(steps);
    const up = steps - below > 0.5 || (steps - below === 0.5 && below % 2 !== 0);
    const rounded = (up ? below + 1 : below) * step;
    return Math.abs(rounded) > largest ? Math.sign(value) * Infinity : rounded;
  };
}
