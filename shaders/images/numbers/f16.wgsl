// Numbers of f16, two in a word.

import package::storage::f16::{packed_f16, single_f16};

const PER_WORD = 2u;

fn word_of(pair: vec2f) -> u32 { return packed_f16(vec4f(pair, 0.0, 0.0)).x; }
fn number_in(word: u32, index: u32) -> f32 { return single_f16(word, index); }
