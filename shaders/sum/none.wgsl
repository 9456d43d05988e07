// The sum of x and residual is not kept.

import package::vector::scalar::{Value};

fn keep_sum(group: u32, element: u32, value: Value) {}
