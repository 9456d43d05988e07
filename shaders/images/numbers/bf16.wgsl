// Numbers of bf16, two in a word.

import package::storage::bf16::{packed_bf16, single_bf16};

const PER_WORD = 2u;

fn word_of(pair: vec2f) -> u32 { return packed_bf16(vec4f(pair, 0.0, 0.0)).x; }
fn number_in(word: u32, index: u32) -> f32 { return single_bf16(word, index); }
