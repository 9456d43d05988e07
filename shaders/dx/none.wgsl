// dx is not wanted.

import package::vector::scalar::{Value};

fn deposit_dx(offset: u32, value: Value) {}
