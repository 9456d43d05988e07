// The sum of x and residual is written.

import package::vector::scalar::{Value};
import package::pass::{store_sum};

fn keep_sum(group: u32, element: u32, value: Value) { store_sum(group, element, value); }
