/** The numbers that 16 bits of f16 (IEEE 754 binary16) or bf16 (the upper half of f32) stand for; each is a number of f32 too. */
export function widen(bits: Uint16Array, dtype: 'F16' | 'BF16'): Float32Array<ArrayBuffer> {
  const of = dtype === 'F16' ? widenHalf : (half: number): number => half << 16;
  return new Float32Array(Uint32Array.from(bits, of).buffer);
}

/** From binary16 to binary32, as bits. */
function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f80_0000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: normal in f32. Its leading one becomes the implicit one.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
