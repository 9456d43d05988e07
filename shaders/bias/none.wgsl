// No bias.

import package::vector::scalar::{Value};

fn biased(value: Value, group: u32, element: u32) -> Value { return value; }
