// A bias for each element of a load, or one for all of them: `bias` is an array of loads or of single elements.

import package::vector::scalar::{Value};
import package::pass::{bias, bias_offset};

fn bias_at(group: u32, element: u32) -> Value { return Value(bias[bias_offset(group, element)]); }
fn biased(value: Value, shift: Value) -> Value { return value + shift; }
