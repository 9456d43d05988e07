// What is normalized is not stored, or as it is.

import package::vector::scalar::{Value};

fn as_stored(value: Value) -> Value { return value; }
