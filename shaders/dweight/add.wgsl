// dweight is added to what is there: gradients of several batches.

import package::vector::scalar::{Accumulator};
import package::pass::{dweight};

fn deposit_dweight(index: u32, value: Accumulator) { dweight[index] += value; }
