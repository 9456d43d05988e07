// Numbers of a tensor by words: one of 32 bits, or two of 16.

import package::storage::bf16::{packed_bf16, single_bf16};
import package::storage::f16::{packed_f16, single_f16};
import package::pass::{IS_BF16, IS_F16, PER_WORD};

// Of numbers of 16 bits.
fn word_of(pair: vec2f) -> u32 {
    if (IS_BF16) {
        return packed_bf16(vec4f(pair, 0.0, 0.0)).x;
    }
    return packed_f16(vec4f(pair, 0.0, 0.0)).x;
}

fn number_in(word: u32, index: u32) -> f32 {
    if (IS_BF16) {
        return single_bf16(word, index);
    }
    if (IS_F16) {
        return single_f16(word, index);
    }
    return bitcast<f32>(word);
}
