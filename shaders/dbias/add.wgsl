// dbias is added to what is there: gradients of several batches.

import package::vector::scalar::{Accumulator};
import package::pass::{dbias};

fn deposit_dbias(index: u32, value: Accumulator) { dbias[index] += value; }
