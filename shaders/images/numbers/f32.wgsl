// Numbers of 32 bits, one in a word.

const PER_WORD = 1u;

fn word_of(pair: vec2f) -> u32 { return bitcast<u32>(pair.x); }
fn number_in(word: u32, index: u32) -> f32 { return bitcast<f32>(word); }
