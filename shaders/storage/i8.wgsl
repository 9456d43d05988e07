// Whole numbers of 8 bits, four in a word, the first in its lowest bits: what dot4I8Packed takes.

// Rounded to the nearest, to even between two; beyond the ends the end, which is 127 either way, and a NaN is stored as 0.
fn rounded_i8(value: vec4f) -> vec4u {
    let is_nan = (bitcast<vec4u>(value) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
    let bounded = clamp(round(value), vec4f(-127.0), vec4f(127.0));
    return bitcast<vec4u>(vec4i(select(bounded, vec4f(0.0), is_nan)));
}

fn packed_i8(value: vec4f) -> u32 {
    let bytes = rounded_i8(value) & vec4u(255u);
    return bytes.x | (bytes.y << 8u) | (bytes.z << 16u) | (bytes.w << 24u);
}

// The number at an index of an array of which the word is that of the index.
fn single_i8(word: u32, index: u32) -> f32 { return f32(bitcast<i32>(word << (24u - (index & 3u) * 8u)) >> 24u); }
