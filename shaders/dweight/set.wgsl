// dweight is written.

import package::vector::scalar::{Accumulator};
import package::pass::{store_dweight};

fn deposit_dweight(index: u32, value: Accumulator) { store_dweight(index, value); }
