// Numbers of 16 bits, IEEE 754 binary16, two in a word: no device feature is needed.

fn unpacked_f16(words: vec2u) -> vec4f { return vec4f(unpack2x16float(words.x), unpack2x16float(words.y)); }
fn packed_f16(value: vec4f) -> vec2u { return vec2u(pack2x16float(value.xy), pack2x16float(value.zw)); }

// The number at an index of an array of which the word is that of the index.
fn single_f16(word: u32, index: u32) -> f32 { return unpack2x16float(word)[index & 1u]; }
