// dx is not wanted.

import package::vector::scalar::{Value};

fn deposit_dx(group: u32, element: u32, value: Value) {}
