import type { FloatDtype } from '../../../src/problem/dtype.ts';

/** How numbers are loaded and stored: `width` of them at once, as one vec4f or two. */
export interface Storage {
  /** The WGSL type of a load. */
  type: 'vec4f' | 'vec2u' | 'vec4u';
  /** vec4f that a load holds. */
  vectors: 1 | 2;
  /** WGSL functions `unpacked` (to a vec4f) and `packed` (from a vec4f); none for f32. */
  text: string;
  /** The vec4f of a load, and the load of vec4f, as WGSL expressions. */
  unpack(load: string): string[];
  pack(vectors: readonly string[]): string;
}

/** The widest loads, of 16 bytes, where `width` (4, or 8 halves) allows. */
export function storageOf(dtype: FloatDtype, width: 4 | 8): Storage {
  if (dtype === 'f32') {
    return { type: 'vec4f', vectors: 1, text: '', unpack: (load) => [load], pack: ([vector]) => vector! };
  }
  const text = dtype === 'f16' ? F16 : BF16;
  if (width === 4) {
    return {
      type: 'vec2u',
      vectors: 1,
      text,
      unpack: (load) => [`unpacked(${load})`],
      pack: ([vector]) => `packed(${vector})`,
    };
  }
  return {
    type: 'vec4u',
    vectors: 2,
    text,
    unpack: (load) => [`unpacked(${load}.xy)`, `unpacked(${load}.zw)`],
    pack: ([low, high]) => `vec4u(packed(${low}), packed(${high}))`,
  };
}

const F16 = /* wgsl */ `
fn unpacked(words: vec2u) -> vec4f { return vec4f(unpack2x16float(words.x), unpack2x16float(words.y)); }
fn packed(value: vec4f) -> vec2u { return vec2u(pack2x16float(value.xy), pack2x16float(value.zw)); }`;

/** Rounded to the nearest, of two as near to the even one. */
const BF16 = /* wgsl */ `
fn unpacked(words: vec2u) -> vec4f {
  return bitcast<vec4f>(vec4u(words.x << 16u, words.x & 0xffff0000u, words.y << 16u, words.y & 0xffff0000u));
}
fn packed(value: vec4f) -> vec2u {
  let bits = bitcast<vec4u>(value);
  let rounded = (bits + vec4u(0x7fffu) + ((bits >> vec4u(16u)) & vec4u(1u))) >> vec4u(16u);
  return rounded.xz | (rounded.yw << vec2u(16u));
}`;
