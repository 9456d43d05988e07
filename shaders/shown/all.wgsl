// Every element has a result.

import package::vector::scalar::{Value};

fn shown(group: u32, element: u32, value: Value) -> Value { return value; }
