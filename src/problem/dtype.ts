/** What the elements of a tensor are. `u32` is for counts, `i8` for quantized results. */
export type Dtype = 'f32' | 'f16' | 'bf16' | 'u32' | 'i8';

/** What can be normalized. */
export type FloatDtype = Exclude<Dtype, 'u32' | 'i8'>;

export const FLOATS: readonly FloatDtype[] = ['f32', 'f16', 'bf16'];

const BYTES: Readonly<Record<Dtype, number>> = { f32: 4, f16: 2, bf16: 2, u32: 4, i8: 1 };

export const DTYPES: readonly Dtype[] = ['f32', 'f16', 'bf16', 'u32', 'i8'];

export function bytesPerElement(dtype: Dtype): number {
  return BYTES[dtype];
}

/** Elements of a word. */
export function perWord(dtype: Dtype): number {
  return 4 / BYTES[dtype];
}

/** Whether several elements share a word of 4 bytes, the least that WebGPU copies, writes and binds. */
export function sharesWord(dtype: Dtype): boolean {
  return BYTES[dtype] < 4;
}

export function isHalf(dtype: Dtype): boolean {
  return dtype === 'f16' || dtype === 'bf16';
}

export function isFloat(dtype: Dtype): boolean {
  return (FLOATS as readonly Dtype[]).includes(dtype);
}

/** Bytes up to the end of the word they end in: WebGPU copies, writes and binds whole words. */
export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
