// Numbers of 16 bits, the upper half of an f32, two in a word.

import package::pass::{AT_ONCE};

fn unpacked_bf16(words: vec2u) -> vec4f {
    let bits = words.xxyy;
    return bitcast<vec4f>(vec4u(bits.x << 16u, bits.y & 0xffff0000u, bits.z << 16u, bits.w & 0xffff0000u));
}

// Rounded to the nearest, to even between two, in the upper half; a NaN stays one, whatever its lower bits.
fn rounded_bf16(value: vec4f) -> vec4u {
    let bits = bitcast<vec4u>(value);
    let rounded = bits + 0x7fffu + ((bits >> vec4u(16u)) & vec4u(1u));
    let is_nan = (bits & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
    // Where loads are taken one by one, by a CPU, a branch costs more than it saves.
    if (AT_ONCE > 1u && !any(is_nan)) {
        return rounded;
    }
    return select(rounded, bits | vec4u(0x400000u), is_nan);
}

fn packed_bf16(value: vec4f) -> vec2u {
    let halves = rounded_bf16(value);
    return (halves.xz >> vec2u(16u)) | (halves.yw & vec2u(0xffff0000u));
}

// The number at an index of an array of which the word is that of the index.
fn single_bf16(word: u32, index: u32) -> f32 { return bitcast<f32>((word >> ((index & 1u) * 16u)) << 16u); }
