// A bias for each element of a load, or one for all of them: `bias` is an array of loads or of single elements.

import package::vector::scalar::{Value};
import package::pass::{load_bias};

fn bias_at(group: u32, element: u32) -> Value { return load_bias(group, element); }
fn biased(value: Value, shift: Value) -> Value { return value + shift; }
