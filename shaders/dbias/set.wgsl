// dbias is written.

import package::vector::scalar::{Accumulator};
import package::pass::{dbias};

fn deposit_dbias(index: u32, value: Accumulator) { dbias[index] = value; }
