// dbias is not wanted.

import package::vector::scalar::{Accumulator};

fn deposit_dbias(index: u32, value: Accumulator) {}
