/** The type of a tensor's elements. `u32` is for counts, `i8` for quantized results. */
export type Dtype = 'f32' | 'f16' | 'bf16' | 'u32' | 'i8';

/** Dtypes that can be normalized. */
export type FloatDtype = Exclude<Dtype, 'u32' | 'i8'>;

interface Format {
  bytes: 1 | 2 | 4;
  holds: 'numbers' | 'counts' | 'quantized';
  /** Of numbers: the largest, in words; of halves, what infinity is as bits. */
  largest?: string;
  infinity?: number;
  /** Names of the typed arrays that its elements are given in; they may be in an array of JavaScript's too. */
  arrays: readonly string[];
}

/** Formats by dtype, all that tells one from another; shaders/storage has the WGSL of those that share words, src/runtime/halves.ts the bits of halves. */
export const FORMATS: Readonly<Record<Dtype, Format>> = {
  f32: { bytes: 4, holds: 'numbers', largest: '3.4028e38', arrays: ['Float32Array'] },
  f16: {
    bytes: 2,
    holds: 'numbers',
    largest: '65504',
    infinity: 0x7c00,
    arrays: ['Float16Array', 'Uint16Array', 'Float32Array'],
  },
  bf16: { bytes: 2, holds: 'numbers', largest: '3.3895e38', infinity: 0x7f80, arrays: ['Uint16Array', 'Float32Array'] },
  u32: { bytes: 4, holds: 'counts', arrays: ['Uint32Array'] },
  i8: { bytes: 1, holds: 'quantized', arrays: ['Int8Array'] },
};

export const DTYPES: readonly Dtype[] = Object.keys(FORMATS) as Dtype[];

export const FLOATS: readonly FloatDtype[] = DTYPES.filter(
  (dtype): dtype is FloatDtype => FORMATS[dtype].holds === 'numbers',
);

export function bytesPerElement(dtype: Dtype): Format['bytes'] {
  return FORMATS[dtype].bytes;
}

/** Elements of a word. */
export function perWord(dtype: Dtype): number {
  return 4 / FORMATS[dtype].bytes;
}

/** Whether several elements share a word of 4 bytes, the least that WebGPU copies, writes and binds. */
export function sharesWord(dtype: Dtype): boolean {
  return FORMATS[dtype].bytes < 4;
}

export function isHalf(dtype: Dtype): boolean {
  return isFloat(dtype) && sharesWord(dtype);
}

export function isFloat(dtype: Dtype): boolean {
  return (FLOATS as readonly Dtype[]).includes(dtype);
}

/** Bytes up to the end of the word they end in: WebGPU copies, writes and binds whole words. */
export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
