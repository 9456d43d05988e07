// x is f32: nothing is rounded.

import package::vector::scalar::{Value};

fn rounded_to_x(value: Value) -> Value { return value; }
