// Numbers of 16 bits, the upper half of an f32, two in a word.

fn unpacked_bf16(words: vec2u) -> vec4f {
    let bits = words.xxyy;
    return bitcast<vec4f>(vec4u(bits.x << 16u, bits.y & 0xffff0000u, bits.z << 16u, bits.w & 0xffff0000u));
}

// Rounded to the nearest, to even between two; a NaN stays one, whatever its lower bits.
fn upper_halves(value: vec4f) -> vec4u {
    let bits = bitcast<vec4u>(value);
    let rounded = (bits + 0x7fffu + ((bits >> vec4u(16u)) & vec4u(1u))) >> vec4u(16u);
    let is_nan = (bits & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
    return select(rounded, (bits >> vec4u(16u)) | vec4u(0x40u), is_nan);
}

fn packed_bf16(value: vec4f) -> vec2u {
    let halves = upper_halves(value);
    return vec2u(halves.x | (halves.y << 16u), halves.z | (halves.w << 16u));
}

// The number at an index of an array of which the word is that of the index.
fn single_bf16(word: u32, index: u32) -> f32 { return bitcast<f32>((word >> ((index & 1u) * 16u)) << 16u); }
