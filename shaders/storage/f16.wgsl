// Numbers of 16 bits, IEEE 754 binary16, two in a word: no device feature is needed.

import package::pass::{AT_ONCE};

fn unpacked_f16(words: vec2u) -> vec4f { return vec4f(unpack2x16float(words.x), unpack2x16float(words.y)); }

// Rounded as the device rounds. What it does with numbers beyond 65504 is left open, and one packs garbage into the other half: so where there are
// any, all of them are packed as 65504, and those from 65520 on, half a step further, moved on by one, to infinity; a NaN is packed as 0.
fn packed_f16(value: vec4f) -> vec2u {
    let size = bitcast<vec4u>(value) & vec4u(0x7fffffffu);
    // Where loads are taken one by one, by a CPU, a branch costs more than it saves.
    if (AT_ONCE > 1u && all(size <= vec4u(0x477fe000u))) {
        return vec2u(pack2x16float(value.xy), pack2x16float(value.zw));
    }
    let is_nan = size > vec4u(0x7f800000u);
    let bounded = select(clamp(value, vec4f(-65504.0), vec4f(65504.0)), vec4f(0.0), is_nan);
    let beyond = select(vec4u(0u), select(vec4u(1u), vec4u(0x7e00u), is_nan), size >= vec4u(0x477ff000u));
    return vec2u(pack2x16float(bounded.xy), pack2x16float(bounded.zw)) + (beyond.xz | (beyond.yw << vec2u(16u)));
}

// The number at an index of an array of which the word is that of the index.
fn single_f16(word: u32, index: u32) -> f32 { return unpack2x16float(word)[index & 1u]; }
