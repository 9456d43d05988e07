// What is normalized is x.

import package::vector::scalar::{Value};
import package::pass::{load_x};

fn input_at(group: u32, element: u32) -> Value { return load_x(group, element); }
