// dweight is not wanted.

import package::vector::scalar::{Accumulator};

fn deposit_dweight(index: u32, value: Accumulator) {}
