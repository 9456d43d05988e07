// dweight is written.

import package::vector::scalar::{Accumulator};
import package::pass::{dweight};

fn deposit_dweight(index: u32, value: Accumulator) { dweight[index] = value; }
