// dbias is added to what is there: gradients of several batches.

import package::vector::scalar::{Accumulator};
import package::pass::{load_dbias, store_dbias};

fn deposit_dbias(index: u32, value: Accumulator) { store_dbias(index, load_dbias(index) + value); }
