// dweight is added to what is there: gradients of several batches.

import package::vector::scalar::{Accumulator};
import package::pass::{load_dweight, store_dweight};

fn deposit_dweight(index: u32, value: Accumulator) { store_dweight(index, load_dweight(index) + value); }
