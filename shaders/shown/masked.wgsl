// Elements whose mask is zero count as zeros, as results and on the way back.

import package::vector::scalar::{Value};
import package::member::masked::{where_counting};

fn shown(group: u32, element: u32, value: Value) -> Value { return where_counting(group, element, value); }
